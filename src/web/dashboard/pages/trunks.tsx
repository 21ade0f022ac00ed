/** The ways to the telephone network. */

import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { Trunk, TrunkList, TrunkTest } from '../../../api/resources/trunks.ts';
import { useAccount, useMay } from '../data/account.ts';
import { useResource } from '../data/resource.ts';
import { formatDateTime } from '../format.ts';
import { Action } from '../parts/controls.tsx';
import { Facts, Page } from '../parts/page.tsx';
import { Empty, Loaded } from '../parts/state.tsx';
import { Text } from '../parts/text.tsx';
import { formatPeer, shorten } from '../safe-text.ts';

export function TrunksPage(): JSX.Element {
  const list = useResource<TrunkList>('/trunks', {
    on: ({ name }) => name.startsWith('trunk.') || name.startsWith('call.'),
    everyMs: 10_000,
  });
  return (
    <Page title="Trunks">
      <Loaded of={list}>
        {({ trunks }) =>
          trunks.length === 0 ? (
            <Empty title="There is no trunk.">Without one, nobody outside can be called: add one under trunks in the configuration.</Empty>
          ) : (
            <ul class="cards">
              {trunks.map((trunk) => (
                <TrunkCard key={trunk.name} trunk={trunk} reload={list.reload} />
              ))}
            </ul>
          )
        }
      </Loaded>
    </Page>
  );
}

function TrunkCard({ trunk, reload }: { trunk: Trunk; reload: () => void }): JSX.Element {
  const { name, target, calls, addresses, codecs, registration, changedAt, detail } = trunk;
  const state = stateOf(trunk);
  return (
    <li class="card" tabIndex={-1} data-row aria-label={`Trunk ${shorten(name, 40)}`}>
      <div class="card-head">
        <h2>
          <Text value={name} most={40} />
        </h2>
        <span class="status" data-tone={state.tone}>
          {state.text}
        </span>
        <TrunkTools trunk={trunk} reload={reload} />
      </div>
      <Facts
        of={[
          ['Target', <Text key="target" value={target} />],
          ['Calls', String(calls)],
          ['Addresses', addresses.length === 0 ? 'not resolved yet' : addresses.map(formatPeer).join(', ')],
          ['Codecs', codecs.join(', ')],
          ['Registration', registration ?? 'not wanted'],
          ['Last news', changedAt === null ? 'none' : `${formatDateTime(changedAt)}${detail === '' ? '' : `: ${shorten(detail, 200)}`}`],
        ]}
      />
    </li>
  );
}

function stateOf({ enabled, available, pinged, registration }: Trunk): { text: string; tone: 'good' | 'fair' | 'poor' } {
  if (!enabled) return { text: 'Disabled', tone: 'fair' };
  if (!available) return { text: 'Does not answer', tone: 'poor' };
  if (registration === 'unregistered') return { text: 'Not registered', tone: 'poor' };
  return { text: pinged ? 'Answers' : 'In use', tone: 'good' };
}

function TrunkTools({ trunk: { name, enabled }, reload }: { trunk: Trunk; reload: () => void }): JSX.Element | null {
  const { client } = useAccount();
  const [tested, setTested] = useState<TrunkTest | null>(null);
  const path = `/trunks/${encodeURIComponent(name)}`;
  const disabling = { title: `Disable the trunk ${shorten(name, 40)}?`, text: 'No new calls go through it. Running ones go on.' };
  if (!useMay('operate')) return null;
  return (
    <div class="card-tools">
      {tested && (
        <span role="status" class="status" data-tone={tested.answered ? 'good' : 'poor'}>
          {testText(tested)}
        </span>
      )}
      <Action
        label={`Test ${shorten(name, 40)}`}
        question={null}
        act={async () => setTested(await client.send<TrunkTest>('POST', `${path}/test`))}
      >
        Test
      </Action>
      <Action
        label={enabled ? 'Disable' : 'Enable'}
        question={enabled ? disabling : null}
        act={() => client.send('POST', `${path}/${enabled ? 'disable' : 'enable'}`)}
        done={reload}
      >
        {enabled ? 'Disable' : 'Enable'}
      </Action>
    </div>
  );
}

function testText({ answered, status, roundTripMs, detail }: TrunkTest): string {
  if (!answered) return `No answer${detail === '' ? '' : `: ${shorten(detail, 100)}`}`;
  return `${status ?? 'Answer'}${roundTripMs === null ? '' : ` after ${Math.round(roundTripMs)} ms`}`;
}
