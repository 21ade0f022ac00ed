/** This process, as the API shows and drains it. */

import type { GatewayState, NodeControl } from '../api/gateway-control.ts';
import type { Node } from '../api/resources/node.ts';
import type { Clock } from '../base/clock.ts';
import { hideSecrets } from '../config/hide-secrets.ts';
import type { Config } from '../config/schema.ts';
import type { RelayLoad } from '../relay/media-relay.ts';

export interface NodeControlOptions {
  readonly version: string;
  readonly clock: Pick<Clock, 'now' | 'wallTime'>;
  state(): GatewayState;
  config(): Config;
  load(): RelayLoad;
  calls(): number;
  registrations(): number;
  /** Takes no more calls and ends those that run after so long. */
  drain(deadlineSec: number): void;
}

/** The average over at least so long. */
const measuredMs = 1000;

export function nodeControl(options: NodeControlOptions): NodeControl {
  const { clock, state, config, drain } = options;
  const startedAt = Math.round(clock.wallTime());
  const begun = clock.now();
  const cpu = cpuMeter(clock);
  return {
    get state() {
      return state();
    },
    describe: () => ({ ...processNow(options), startedAt, uptimeSec: Math.round(clock.now() - begun) / 1000, cpu: cpu() }),
    configuration: () => hideSecrets(config()),
    drain(deadlineSec) {
      drain(deadlineSec);
      return { state: 'draining', calls: options.calls() };
    },
  };
}

function processNow({
  version,
  state,
  config,
  load,
  calls,
  registrations,
}: NodeControlOptions): Omit<Node, 'startedAt' | 'uptimeSec' | 'cpu'> {
  const { threads, ports } = load();
  const { rss, heapUsed } = process.memoryUsage();
  const { driver, dtls, srtp } = config().media;
  return {
    version,
    state: state(),
    runtime: `Node ${process.versions.node}, ${process.platform} ${process.arch}`,
    calls: calls(),
    registrations: registrations(),
    memory: { rssBytes: rss, heapUsedBytes: heapUsed },
    threads: threads.map(({ alive, sessions, busy }, thread) => ({ thread, sessions, alive, load: busy })),
    ports,
    drivers: { udp: driver, dtls, srtp, ...threads.find(({ drivers }) => drivers)?.drivers },
  };
}

/** Cores in use, all threads of the process together. */
function cpuMeter(clock: Pick<Clock, 'now'>): () => number {
  let before = { at: clock.now(), ...process.cpuUsage() };
  let cores = 0;
  return () => {
    const now = { at: clock.now(), ...process.cpuUsage() };
    const tookMs = now.at - before.at;
    if (tookMs < measuredMs) return cores;
    cores = Math.round((now.user + now.system - before.user - before.system) / tookMs / 10) / 100;
    before = now;
    return cores;
  };
}
