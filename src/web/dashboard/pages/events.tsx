/** What happens, as it happens. */

import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { useAccount, useLiveState } from '../data/account.ts';
import type { LiveEvent } from '../data/live-events.ts';
import { formatTime } from '../format.ts';
import { FilterBox, matches } from '../parts/controls.tsx';
import { Icon } from '../parts/icon.tsx';
import { Page } from '../parts/page.tsx';
import { Empty } from '../parts/state.tsx';
import { printRoute } from '../route.ts';
import { shorten, showHidden } from '../safe-text.ts';

const mostShown = 300;

export function EventsPage(): JSX.Element {
  const [paused, setPaused] = useState(false);
  const [filter, setFilter] = useState('');
  const [withQuality, setWithQuality] = useState(false);
  const events = useEvents(paused);
  const wanted = events.filter(
    (event) => (withQuality || event.name !== 'call.quality') && matches(filter, [event.name, JSON.stringify(event.data)]),
  );
  const tools = (
    <>
      <label class="check">
        <input type="checkbox" checked={withQuality} onChange={(event) => setWithQuality(event.currentTarget.checked)} />
        Quality samples
      </label>
      <FilterBox label="Filter events" value={filter} onChange={setFilter} />
      <button type="button" class="button" aria-pressed={paused} onClick={() => setPaused(!paused)}>
        <Icon name={paused ? 'play' : 'pause'} />
        {paused ? 'Go on' : 'Pause'}
      </button>
    </>
  );
  return (
    <Page title="Events" note={paused ? 'Paused' : undefined} tools={tools}>
      {wanted.length === 0 ? <NoEvents filtered={filter !== ''} /> : <EventList events={wanted.slice(-mostShown).reverse()} />}
    </Page>
  );
}

/** All that this page has seen since it was opened; while paused, those seen until then. */
function useEvents(paused: boolean): readonly LiveEvent[] {
  const { live } = useAccount();
  const [events, setEvents] = useState(live.recent);
  useEffect(() => {
    if (paused) return;
    setEvents(live.recent);
    return live.onEvent(() => setEvents(live.recent));
  }, [live, paused]);
  return events;
}

function NoEvents({ filtered }: { filtered: boolean }): JSX.Element {
  const state = useLiveState();
  if (filtered) return <Empty title="No event matches.">Escape empties the filter.</Empty>;
  if (state === 'live')
    return <Empty title="Nothing has happened yet.">Events appear here from now on: calls, registrations, trunks, refusals.</Empty>;
  return (
    <Empty title="No events come through.">
      The stream to the gateway is not open; a proxy in between may hold it back. It is tried again.
    </Empty>
  );
}

function EventList({ events }: { events: readonly LiveEvent[] }): JSX.Element {
  return (
    <ol class="events" aria-label="Events, the latest first">
      {events.map((event) => (
        <EventRow key={event.number} event={event} />
      ))}
    </ol>
  );
}

function EventRow({ event: { at, name, data } }: { event: LiveEvent }): JSX.Element {
  const { callId } = data;
  return (
    <li>
      <details>
        <summary data-row>
          <span class="soft">{formatTime(at)}</span>
          <b>{name}</b>
          <span class="event-data">{summaryOf(data)}</span>
        </summary>
        {typeof callId === 'string' && <a href={printRoute('calls', callId)}>Open the call</a>}
        <pre class="message-text">{showHidden(JSON.stringify(data, null, 2))}</pre>
      </details>
    </li>
  );
}

/** Whom it concerns, then its other plain values; the rest opens. */
function summaryOf({ callId, direction, user, number, trunk, ...rest }: LiveEvent['data']): string {
  const parties = direction === 'inbound' ? [number, user] : [user, number];
  const who = callId === undefined ? { user, number, trunk } : { call: parties.map((party) => party ?? 'nobody yet').join(' to ') };
  const values = Object.entries({ ...who, ...rest }).flatMap(([name, value]) => plainValues(name, value));
  return shorten(values.join(', '), 200);
}

/** Those of what stands within, too; lists and what is deeper open only. */
function plainValues(name: string, value: unknown): string[] {
  if (value === null || value === undefined || value === '' || Array.isArray(value) || name === 'at') return [];
  if (typeof value !== 'object') return [`${name} ${value}`];
  return Object.entries(value).flatMap(([inner, plain]) => (typeof plain === 'object' ? [] : plainValues(inner, plain)));
}
