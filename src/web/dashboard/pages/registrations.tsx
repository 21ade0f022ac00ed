/** The browsers that can be called. */

import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { Registration, RegistrationList } from '../../../api/resources/registrations.ts';
import { useAccount, useMay } from '../data/account.ts';
import { useNow } from '../data/now.ts';
import { useResource } from '../data/resource.ts';
import { formatCount, formatDuration } from '../format.ts';
import { Action, FilterBox, matches } from '../parts/controls.tsx';
import { Page } from '../parts/page.tsx';
import { Empty, Loaded } from '../parts/state.tsx';
import { Text } from '../parts/text.tsx';
import { formatPeer } from '../safe-text.ts';

export function RegistrationsPage(): JSX.Element {
  const list = useResource<RegistrationList>('/registrations', { on: ({ name }) => name.startsWith('registration.') });
  const [filter, setFilter] = useState('');
  const all = list.data?.registrations ?? [];
  const shown = all.filter(({ user, contact, userAgent, remote }) => matches(filter, [user, contact, userAgent, remote.host]));
  const note = all.length > 0 ? formatCount(all.length, 'contact') : undefined;
  return (
    <Page title="Registrations" note={note} tools={<FilterBox label="Filter registrations" value={filter} onChange={setFilter} />}>
      <Loaded of={list}>
        {() => {
          if (all.length === 0) {
            return (
              <Empty title="No browser is registered.">One appears here when a user signs in, on the softphone page for instance.</Empty>
            );
          }
          if (shown.length === 0) return <Empty title="No registration matches.">Escape empties the filter.</Empty>;
          return <Registrations all={shown} reload={list.reload} />;
        }}
      </Loaded>
    </Page>
  );
}

function Registrations({ all, reload }: { all: readonly Registration[]; reload: () => void }): JSX.Element {
  const now = useNow();
  return (
    <table class="list">
      <thead>
        <tr>
          <th scope="col">User</th>
          <th scope="col">State</th>
          <th scope="col" class="wide-only">
            From
          </th>
          <th scope="col" class="wide-only">
            Program
          </th>
          <th scope="col" class="number wide-only">
            Expires in
          </th>
          <th scope="col">
            <span class="visually-hidden">Actions</span>
          </th>
        </tr>
      </thead>
      <tbody>
        {all.map((registration) => (
          <RegistrationRow key={registration.user + registration.contact} registration={registration} now={now} reload={reload} />
        ))}
      </tbody>
    </table>
  );
}

interface RowProps {
  readonly registration: Registration;
  readonly now: number;
  readonly reload: () => void;
}

function RegistrationRow({ registration, now, reload }: RowProps): JSX.Element {
  const { user, contact, remote, userAgent, connected, expiresAt } = registration;
  const { client } = useAccount();
  const mayRemove = useMay('operate');
  const path = `/registrations/${encodeURIComponent(user)}?${new URLSearchParams({ contact })}`;
  return (
    <tr>
      <td class="main-cell" tabIndex={-1} data-row>
        <Text value={user} most={40} />
        <span class="under wide-only">
          <Text value={contact} most={60} />
        </span>
        <span class="under narrow-only">{formatPeer(remote)}</span>
      </td>
      <td>
        <span class="status" data-tone={connected ? 'good' : 'fair'}>
          {connected ? 'Connected' : 'Away'}
        </span>
      </td>
      <td class="wide-only">{formatPeer(remote)}</td>
      <td class="wide-only soft">{userAgent === null ? '–' : <Text value={userAgent} most={40} />}</td>
      <td class="number wide-only">{formatDuration(expiresAt - now)}</td>
      <td class="actions">
        {mayRemove && (
          <Action
            label="Remove"
            question={{
              title: 'Remove this registration?',
              text: 'The browser cannot be called until it registers again. Running calls go on.',
            }}
            act={() => client.send('DELETE', path)}
            done={reload}
          >
            Remove
          </Action>
        )}
      </td>
    </tr>
  );
}
