/** The configuration in force. It is changed in its file. */

import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { useResource } from '../data/resource.ts';
import { flatten } from '../flatten.ts';
import { FilterBox, matches } from '../parts/controls.tsx';
import { Page } from '../parts/page.tsx';
import { Empty, Loaded } from '../parts/state.tsx';
import { Text } from '../parts/text.tsx';

export function ConfigurationPage(): JSX.Element {
  const configuration = useResource<Readonly<Record<string, unknown>>>('/configuration', { everyMs: 60_000 });
  const [filter, setFilter] = useState('');
  return (
    <Page
      title="Configuration"
      note="In force now; secrets are hidden"
      tools={<FilterBox label="Filter settings" value={filter} onChange={setFilter} />}
    >
      <Loaded of={configuration}>
        {(data) => {
          const settings = flatten(data).filter(([path, value]) => matches(filter, [path, value]));
          if (settings.length === 0) return <Empty title="No setting matches.">Escape empties the filter.</Empty>;
          return <Settings settings={settings} />;
        }}
      </Loaded>
    </Page>
  );
}

function Settings({ settings }: { settings: readonly (readonly [string, string])[] }): JSX.Element {
  return (
    <table class="list settings">
      <thead>
        <tr>
          <th scope="col">Setting</th>
          <th scope="col">Value</th>
        </tr>
      </thead>
      <tbody>
        {settings.map(([path, value]) => (
          <tr key={path}>
            <th scope="row" tabIndex={-1} data-row>
              {path}
            </th>
            <td>
              <Text value={value} most={200} />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
