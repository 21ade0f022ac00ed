/** Media: CPU per relayed packet, latency and loss, at several numbers of calls. */

import type { Findings } from '../findings.ts';
import type { BenchOptions } from '../options.ts';
import { SeriesTable } from '../series.ts';
import { rtpengines } from '../subjects.ts';
import { figure } from '../table.ts';
import { finePace } from './loadgen.ts';
import type { LoadReport } from './loadgen-tool.ts';
import { type Plan, relayRounds, type Turn } from './relay-rounds.ts';
import { chosenRelays } from './relays.ts';
import { refuseFaults, runToCount } from './verdict.ts';

export function benchRelay(options: BenchOptions): Promise<Findings> {
  const loads = options.calls.length > 0 ? options.calls : options.short ? [4] : [50, 500, 1000];
  return measureMedia(options, { relays: chosenRelays(options), loads, baselines: rtpengines });
}

export type MediaPlan = Omit<Plan, 'media'> & Pick<Findings, 'baselines'>;

/** Cost, latency and loss of each relay at each load. */
export async function measureMedia(options: BenchOptions, plan: MediaPlan): Promise<Findings> {
  const { relays, loads, baselines } = plan;
  const { short, rounds, seconds, warmupSec } = options;
  const media = { seconds, warmupSec, ...finePace };
  const table = new SeriesTable();
  const notes: string[] = [];
  const failures = await relayRounds(options, { relays, loads, media }, async (turn) => {
    record(table, turn, null);
    record(table, turn, await measure(turn, short, notes));
  });
  return {
    settings: { rounds, ...media },
    baselines,
    best: 'lowest',
    series: table.all(),
    notes,
    failures,
  };
}

/** null when the generator did not keep up in any try. */
async function measure({ relay, calls, round, run }: Turn, short: boolean, notes: string[]): Promise<LoadReport | null> {
  const sound = async (): Promise<LoadReport> => {
    const report = await run(calls);
    refuseFaults(report);
    return report;
  };
  if (short) return await sound();
  const { report, reason } = await runToCount(sound, ({ us_per_pkt }, why) => {
    const cost = `${figure(us_per_pkt)} us a packet, not counted`;
    notes.push(`void: ${relay.name}, ${calls} calls, round ${round + 1}: ${why}; ${cost}`);
  });
  return reason === null ? report : null;
}

/** Without a report the cells are void. */
function record(table: SeriesTable, { relay, calls, round }: Turn, report: LoadReport | null): void {
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
