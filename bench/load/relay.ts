/** Media: CPU per relayed packet, latency and loss, at several numbers of calls; all relays within each round. */

import { errorText } from '../../src/base/errors.ts';
import type { Findings } from '../findings.ts';
import type { BenchOptions } from '../options.ts';
import { requireAll } from '../processes/programs.ts';
import { withWorkFolder } from '../processes/work-folder.ts';
import { SeriesTable } from '../series.ts';
import { Loadgen, type MediaRun } from './loadgen.ts';
import type { LoadReport } from './loadgen-tool.ts';
import { type Relay, relays, rtpengines, withRelay } from './relays.ts';
import { faultOf, voidReason } from './verdict.ts';

/** Tries at one figure before its round is void. */
const tries = 3;

export async function benchRelay(options: BenchOptions): Promise<Findings> {
  const { short, rounds, seconds, warmupSec } = options;
  requireRelayTools(options);
  const callNumbers = options.calls.length > 0 ? options.calls : short ? [4] : [50, 500, 1000];
  const media: MediaRun = { seconds, warmupSec, tickUs: 100 };
  const table = new SeriesTable();
  const notes: string[] = [];
  const failures: string[] = [];
  await withWorkFolder(async (folder) => {
    const generator = await Loadgen.build(options, folder);
    for (let round = 0; round < rounds; round++) {
      for (const calls of callNumbers) {
        for (const relay of chosen(options)) {
          const measured = await measure(relay, { calls, generator, folder, media, short });
          record(table, { relay, calls, round }, measured.report);
          const where = `${relay.name}, ${calls} calls, round ${round + 1}`;
          for (const reason of measured.voids) notes.push(`void: ${where}: ${reason}`);
          if (measured.fault !== null) failures.push(`${where}: ${measured.fault}`);
        }
      }
    }
  });
  return {
    settings: { rounds, seconds, warmupSec, tickUs: media.tickUs, packetsPerSecond: 50 },
    baselines: rtpengines,
    best: 'lowest',
    series: table.all(),
    notes,
    failures,
  };
}

/** Everything that runs relays under the load generator needs this. */
export function requireRelayTools({ loadgen }: BenchOptions): void {
  requireAll({
    programs: ['gcc', 'openssl', 'rtpengine'],
    gateway: true,
    folders: [{ option: 'loadgen', path: loadgen, file: 'loadgen.c' }],
  });
}

export function chosen({ only }: BenchOptions): readonly Relay[] {
  return only.length === 0 ? relays : relays.filter(({ name }) => only.includes(name));
}

interface Measured {
  /** null: void, or a fault. */
  readonly report: LoadReport | null;
  readonly voids: readonly string[];
  readonly fault: string | null;
}

interface Conditions {
  readonly calls: number;
  readonly generator: Loadgen;
  readonly folder: string;
  readonly media: MediaRun;
  readonly short: boolean;
}

async function measure(relay: Relay, { media, short, ...place }: Conditions): Promise<Measured> {
  const voids: string[] = [];
  while (voids.length < tries) {
    try {
      const report = await withRelay(relay, place, (loaded) => place.generator.run(loaded, media));
      const fault = faultOf(report);
      if (fault !== null) return { report: null, voids, fault };
      const reason = short ? null : voidReason(report);
      if (reason === null) return { report, voids, fault };
      voids.push(reason);
    } catch (error) {
      return { report: null, voids, fault: errorText(error) };
    }
  }
  return { report: null, voids, fault: null };
}

type Place = { readonly relay: Relay; readonly calls: number; readonly round: number };

function record(table: SeriesTable, { relay, calls, round }: Place, report: LoadReport | null): void {
  const metrics: [string, string, number | undefined][] = [
    ['CPU per packet', 'us', report?.us_per_pkt],
    ['latency p50', 'us', report?.lat_us.p50],
    ['latency p99', 'us', report?.lat_us.p99],
    ['loss', '%', report?.loss_pct],
    ['cores used', '', report?.relay_cores],
  ];
  for (const [metric, unit, value] of metrics) {
    table.set({ subject: relay.name, scenario: `${calls} calls`, metric }, unit, round, value ?? null);
  }
}
