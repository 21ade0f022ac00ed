/** The process itself. */

import type { JSX } from 'preact';
import type { Node } from '../../../api/resources/node.ts';
import { useResource } from '../data/resource.ts';
import { formatBytes, formatCount, formatDateTime, formatDuration, formatShare } from '../format.ts';
import { Facts, Page } from '../parts/page.tsx';
import { Loaded } from '../parts/state.tsx';

const stateWords: Readonly<Record<Node['state'], string>> = {
  starting: 'Starting',
  ready: 'Ready',
  draining: 'Draining: no new calls',
};

export function NodePage(): JSX.Element {
  const node = useResource<Node>('/node', { on: ({ name }) => name.startsWith('node.'), everyMs: 2000 });
  return (
    <Page title="Node" note={node.data ? stateWords[node.data.state] : undefined}>
      <Loaded of={node}>{(data) => <NodeView node={data} />}</Loaded>
    </Page>
  );
}

function NodeView({ node }: { node: Node }): JSX.Element {
  const { version, runtime, startedAt, uptimeSec, calls, registrations, memory, cpu, threads, ports, drivers } = node;
  const portShare = ports.total === 0 ? 0 : ports.inUse / ports.total;
  return (
    <div class="node-parts">
      <section class="card" aria-labelledby="node-now">
        <h2 id="node-now">Now</h2>
        <Facts
          of={[
            ['Calls', formatCount(calls, 'call')],
            ['Registrations', String(registrations)],
            ['Processor', `${cpu.toFixed(2)} cores`],
            ['Memory', `${formatBytes(memory.rssBytes)}, ${formatBytes(memory.heapUsedBytes)} of it JavaScript`],
          ]}
        />
        <Gauge label="Port pairs towards trunks" share={portShare} text={`${ports.inUse} of ${ports.total}`} />
      </section>
      <section class="card" aria-labelledby="node-threads">
        <h2 id="node-threads">Relay threads</h2>
        {threads.map(({ thread, sessions, load, alive }) => (
          <Gauge
            key={thread}
            label={`Thread ${thread}${alive ? '' : ' (ended)'}`}
            share={load ?? 0}
            text={`${load === null ? 'load not measured' : formatShare(load)}, ${formatCount(sessions, 'session')}`}
          />
        ))}
        {threads.length === 0 && <p class="soft">Media is relayed in the main thread.</p>}
      </section>
      <section class="card" aria-labelledby="node-program">
        <h2 id="node-program">Program</h2>
        <Facts
          of={[
            ['Version', version],
            ['Runtime', runtime],
            ['Started', formatDateTime(startedAt)],
            ['Up for', formatDuration(uptimeSec * 1000)],
            ...Object.entries(drivers).map(([name, driver]) => [`Driver ${name}`, driver] as const),
          ]}
        />
      </section>
    </div>
  );
}

/** Beyond four fifths it is drawn as a warning. */
function Gauge({ label, share, text }: { label: string; share: number; text: string }): JSX.Element {
  return (
    <div class="gauge">
      <span>{label}</span>
      <span class="soft">{text}</span>
      <meter min={0} max={1} high={0.8} value={Math.min(1, share)} aria-label={label} />
    </div>
  );
}
