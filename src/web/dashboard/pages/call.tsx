/** One call, running or ended: what is wrong with it, then everything that happened. */

import type { JSX } from 'preact';
import type { CallDetail } from '../../../api/resources/calls.ts';
import type { FindingList } from '../../../api/resources/findings.ts';
import type { CallRecord } from '../../../api/resources/records.ts';
import type { Trace } from '../../../api/resources/traces.ts';
import { QualityCharts } from '../charts/quality-charts.tsx';
import { useAccount, useMay } from '../data/account.ts';
import type { LiveEvent } from '../data/live-events.ts';
import { useNow } from '../data/now.ts';
import { type Resource, useResource } from '../data/resource.ts';
import { formatDateTime, formatDuration, formatMos, rateMos } from '../format.ts';
import { LadderView } from '../ladder/ladder-view.tsx';
import { Action, Download } from '../parts/controls.tsx';
import { Facts, Mos, Page } from '../parts/page.tsx';
import { Empty, Failure, Waiting } from '../parts/state.tsx';
import { Text } from '../parts/text.tsx';
import { printRoute } from '../route.ts';
import { shorten } from '../safe-text.ts';
import { CallParties, stateWords } from './calls.tsx';
import { Findings } from './findings.tsx';
import { Timeline } from './timeline.tsx';

/** A trace keeps a little less of a record than the store. */
type EndedCall = CallRecord | NonNullable<Trace['record']>;

interface OneCall {
  readonly running: Resource<CallDetail>;
  readonly record: Resource<CallRecord>;
  readonly trace: Resource<Trace>;
  readonly findings: Resource<FindingList>;
}

/** The trace comes first: it knows whether the call has ended, and is all that there is between the two. */
function useCall(id: string): OneCall {
  const path = `/calls/${encodeURIComponent(id)}`;
  const isOfCall = ({ name, data }: LiveEvent): boolean => name.startsWith('call.') && data['callId'] === id;
  const trace = useResource<Trace>(`${path}/trace`, { on: isOfCall, everyMs: 5000 });
  const untraced = trace.failure?.status === 404;
  const traced = trace.data !== null && !untraced;
  const wasEnded = traced && trace.data?.record !== null;
  const running = useResource<CallDetail>((traced && !wasEnded) || untraced ? path : null, {
    on: (event) => isOfCall(event) && (untraced || event.name !== 'call.ended'),
    everyMs: 5000,
  });
  const record = useResource<CallRecord>(running.failure?.status === 404 ? `/records/${encodeURIComponent(id)}` : null);
  const findings = useResource<FindingList>(traced ? `${path}/findings` : null, { on: isOfCall, everyMs: wasEnded ? 60_000 : 5000 });
  return { running, record, trace, findings };
}

export function CallPage({ id }: { id: string }): JSX.Element {
  const call = useCall(id);
  const { running, record, trace } = call;
  const ended = record.data ?? trace.data?.record ?? null;
  const live = ended || running.failure?.status === 404 ? null : running.data;
  const parties = live ?? ended ?? trace.data?.parties ?? null;
  if (!parties) return <NoCall id={id} call={call} />;
  const title = `${shorten(parties.user ?? 'nobody yet', 40)} ${parties.direction === 'outbound' ? 'to' : 'from'} ${shorten(parties.number, 40)}`;
  return (
    <Page
      title={title}
      note={<CallNote live={live} ended={ended} />}
      tools={<CallTools id={id} live={live} hasTrace={trace.data !== null} />}
    >
      {running.failure && running.failure.status !== 404 && <Failure failure={running.failure} />}
      <CallFacts live={live} ended={ended} />
      <Findings of={call.findings} stored={ended?.findings ?? []} running={live !== null} />
      {trace.data ? <CallTraceView trace={trace.data} /> : <NoTrace trace={trace} />}
    </Page>
  );
}

function CallTraceView({ trace }: { trace: Trace }): JSX.Element {
  return (
    <div class="call-parts">
      <section class="card ladder-card" aria-labelledby="ladder-title">
        <h2 id="ladder-title">
          Messages <span class="hint">open on click or Enter</span>
        </h2>
        {trace.truncated && <p class="soft">This call was longer than its trace may be: the beginning was kept, and the latest.</p>}
        <LadderView entries={trace.entries} />
      </section>
      <div class="call-side">
        <section class="card" aria-labelledby="quality-title">
          <h2 id="quality-title">Quality</h2>
          <QualityCharts samples={trace.quality} />
        </section>
        <section class="card" aria-labelledby="timeline-title">
          <h2 id="timeline-title">Timeline</h2>
          <Timeline entries={trace.entries} />
        </section>
      </div>
    </div>
  );
}

function NoTrace({ trace }: { trace: Resource<Trace> }): JSX.Element {
  if (!trace.failure) return <Waiting />;
  if (trace.failure.status !== 404) return <Failure failure={trace.failure} retry={trace.reload} />;
  return (
    <Empty title="The messages of this call are no longer kept.">
      The gateway remembers those of the last calls only; trace.calls in the configuration says of how many.
    </Empty>
  );
}

function NoCall({ id, call: { running, record, trace } }: { id: string; call: OneCall }): JSX.Element {
  const failures = [running.failure, record.failure, trace.failure];
  if (failures.every((failure) => failure?.status === 404)) {
    return (
      <Page title="Unknown call">
        <Empty title="There is no such call.">
          Neither a running one nor a record has the id <Text value={id} />. <a href={printRoute('calls')}>Live calls</a>
        </Empty>
      </Page>
    );
  }
  const broken = failures.find((failure) => failure && failure.status !== 404);
  return <Page title="Call">{broken ? <Failure failure={broken} retry={running.reload} /> : <Waiting />}</Page>;
}

function CallNote({ live, ended }: { live: CallDetail | null; ended: EndedCall | null }): JSX.Element | null {
  if (live) {
    const held = live.heldBy.length > 0 ? `, held by ${live.heldBy.join(' and ')}` : '';
    return (
      <span class="call-state" data-state={live.state}>
        {stateWords[live.state]}
        {held}
      </span>
    );
  }
  return ended && <span class="call-state" data-state="ended">{`Ended: ${ended.end.cause} (${ended.end.side})`}</span>;
}

function CallTools({ id, live, hasTrace }: { id: string; live: CallDetail | null; hasTrace: boolean }): JSX.Element {
  const { client } = useAccount();
  const mayHangUp = useMay('operate');
  const path = `/calls/${encodeURIComponent(id)}`;
  return (
    <>
      {hasTrace && (
        <>
          <Download path={`${path}/trace.txt`} fileName={`call-${id}.txt`}>
            Text
          </Download>
          <Download path={`${path}/trace.pcapng`} fileName={`call-${id}.pcapng`}>
            pcapng
          </Download>
        </>
      )}
      {live && mayHangUp && (
        <Action
          label="Hang up"
          tone="stop"
          question={{ title: 'End this call?', text: 'Both sides are hung up at once.' }}
          act={() => client.send('DELETE', path)}
        >
          Hang up
        </Action>
      )}
    </>
  );
}

interface CallFactsProps {
  readonly live: CallDetail | null;
  readonly ended: EndedCall | null;
}

function CallFacts({ live, ended }: CallFactsProps): JSX.Element | null {
  const now = useNow(live !== null);
  const call = live ?? ended;
  if (!call) return null;
  const { invitedAt = 0, ringingAt = null, answeredAt = null } = call;
  const endedAt = ended?.endedAt ?? now;
  const mos = live ? live.mos : worstMos(ended?.quality ?? []);
  const since = (at: number | null): string => (at === null ? '–' : `after ${((at - invitedAt) / 1000).toFixed(2)} s`);
  return (
    <Facts
      of={[
        [
          'Parties',
          <CallParties key="parties" direction={call.direction ?? 'outbound'} user={call.user ?? null} number={call.number ?? ''} />,
        ],
        ['Trunk', <Text key="trunk" value={call.trunk ?? ''} most={40} />],
        ['Began', formatDateTime(invitedAt)],
        ['Ringing', since(ringingAt)],
        ['Answered', since(answeredAt)],
        [answeredAt === null ? 'Tried for' : 'Talked for', formatDuration(endedAt - (answeredAt ?? invitedAt))],
        ['Codec', <Text key="codec" value={call.codec ?? '–'} most={40} />],
        ['MOS', <Mos key="mos" value={mos} rating={rateMos(mos)} text={formatMos(mos)} />],
        ...(ended?.end?.detail ? [['Detail', <Text key="detail" value={ended.end.detail} most={200} />] as const] : []),
        ['Call id', <code key="id">{call.callId}</code>],
      ]}
    />
  );
}

function worstMos(quality: CallRecord['quality']): number | null {
  const known = quality.flatMap(({ mos }) => (mos === null ? [] : [mos]));
  return known.length === 0 ? null : Math.min(...known);
}
