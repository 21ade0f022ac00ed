/** The calls that run now. */

import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { Call, CallList } from '../../../api/resources/calls.ts';
import type { LiveEvent } from '../data/live-events.ts';
import { useNow } from '../data/now.ts';
import { useResource } from '../data/resource.ts';
import { formatDuration, formatMos, formatTime, rateMos } from '../format.ts';
import { FilterBox, matches } from '../parts/controls.tsx';
import { Icon } from '../parts/icon.tsx';
import { Mos, Page } from '../parts/page.tsx';
import { Empty, Loaded } from '../parts/state.tsx';
import { Text } from '../parts/text.tsx';
import { printRoute } from '../route.ts';

export const stateWords: Readonly<Record<Call['state'], string>> = {
  preparing: 'Preparing',
  calling: 'Calling',
  early: 'Ringing',
  answered: 'Talking',
};

function isCallEvent({ name }: LiveEvent): boolean {
  return name.startsWith('call.');
}

export function CallsPage(): JSX.Element {
  const calls = useResource<CallList>('/calls', { on: isCallEvent, everyMs: 5000 });
  const [filter, setFilter] = useState('');
  const all = calls.data?.calls ?? [];
  const shown = all.filter((call) => matches(filter, [call.user, call.number, call.trunk, call.callId, stateWords[call.state]]));
  const talking = all.filter(({ state }) => state === 'answered').length;
  const note = all.length > 0 ? `${all.length} now, ${talking} talking` : undefined;
  return (
    <Page title="Live calls" note={note} tools={<FilterBox label="Filter calls" value={filter} onChange={setFilter} />}>
      <Loaded of={calls}>
        {() => {
          if (all.length === 0) return <NoCalls />;
          if (shown.length === 0) return <Empty title="No call matches.">Escape empties the filter.</Empty>;
          return <CallTable calls={shown} />;
        }}
      </Loaded>
    </Page>
  );
}

function NoCalls(): JSX.Element {
  return (
    <Empty title="No calls right now.">
      They appear here as they begin. Ended ones are among the <a href={printRoute('records')}>records</a>.
    </Empty>
  );
}

function CallTable({ calls }: { calls: readonly Call[] }): JSX.Element {
  const now = useNow();
  return (
    <table class="list">
      <thead>
        <tr>
          <th scope="col" class="wide-only">
            State
          </th>
          <th scope="col">Call</th>
          <th scope="col" class="wide-only">
            Trunk
          </th>
          <th scope="col" class="wide-only">
            Codec
          </th>
          <th scope="col" class="wide-only">
            Since
          </th>
          <th scope="col" class="number">
            Duration
          </th>
          <th scope="col" class="number">
            MOS
          </th>
        </tr>
      </thead>
      <tbody>
        {calls.map((call) => (
          <CallRow key={call.callId} call={call} now={now} />
        ))}
      </tbody>
    </table>
  );
}

function CallRow({ call, now }: { call: Call; now: number }): JSX.Element {
  const { callId, state, trunk, invitedAt, answeredAt, codec, mos } = call;
  return (
    <tr>
      <td class="wide-only">
        <CallState state={state} />
      </td>
      <td class="main-cell">
        <a href={printRoute('calls', callId)} data-row>
          <CallParties {...call} />
        </a>
        <span class="under narrow-only">
          <CallState state={state} />
        </span>
      </td>
      <td class="wide-only">
        <Text value={trunk} most={24} />
      </td>
      <td class="wide-only">{codec === null ? '–' : <Text value={codec} most={24} />}</td>
      <td class="wide-only soft">{formatTime(invitedAt)}</td>
      <td class="number">{formatDuration(now - (answeredAt ?? invitedAt))}</td>
      <td class="number">
        <Mos value={mos} rating={rateMos(mos)} text={formatMos(mos)} />
      </td>
    </tr>
  );
}

function CallState({ state }: Pick<Call, 'state'>): JSX.Element {
  return (
    <span class="call-state" data-state={state}>
      {stateWords[state]}
    </span>
  );
}

/** Who with whom, the caller first. */
export function CallParties({ direction, user, number }: Pick<Call, 'direction' | 'user' | 'number'>): JSX.Element {
  const browser = user === null ? <span class="soft">nobody yet</span> : <Text value={user} most={40} />;
  const far = <Text value={number} most={40} />;
  return (
    <span class="call-parties">
      {direction === 'outbound' ? browser : far}
      <Icon name="arrowRight" />
      <span class="visually-hidden">calls</span>
      {direction === 'outbound' ? far : browser}
    </span>
  );
}
