/** How many calls one core carries below 0.1 % loss and 20 ms latency (p99). */

import type { Findings } from '../findings.ts';
import type { BenchOptions } from '../options.ts';
import { SeriesTable } from '../series.ts';
import { rtpengines } from '../subjects.ts';
import { findCapacity, type Verdict } from './find-capacity.ts';
import { finePace } from './loadgen.ts';
import { relayRounds } from './relay-rounds.ts';
import { chosenRelays, isFloor } from './relays.ts';
import { type CountedRun, faultOf, runToCount } from './verdict.ts';

const lossLimitPercent = 0.1;
const latencyLimitUs = 20_000;
const baselines: readonly string[] = rtpengines;

export async function benchCapacity(options: BenchOptions): Promise<Findings> {
  const { short, rounds, seconds, warmupSec } = options;
  const search = short ? { start: 2, step: 2, limit: 4 } : { start: 400, step: 50, limit: 2400 };
  const plan = {
    relays: chosenRelays(options).filter((relay) => !isFloor(relay)),
    loads: [search.start],
    media: { seconds, warmupSec, ...finePace },
  };
  const table = new SeriesTable();
  const notes: string[] = [];
  const starts = new Map<string, number>();
  const failures = await relayRounds(options, plan, async ({ relay, round, run }) => {
    const probe = async (calls: number): Promise<Verdict> => {
      if (!short) return judge(await runToCount(() => run(calls)));
      await run(calls);
      return { outcome: 'carried' };
    };
    const found = await findCapacity(probe, { ...search, start: starts.get(relay.name) ?? search.start });
    // The next round looks where this one found something.
    starts.set(relay.name, Math.max(search.start, found.calls - 2 * search.step));
    // Who carries more than was seen is no measure for others.
    const isKnown = !found.atLeast || !baselines.includes(relay.name);
    table.set({ subject: relay.name, scenario: 'one core', metric: 'calls' }, '', round, isKnown ? found.calls : null);
    if (found.atLeast) notes.push(`${relay.name}, round ${round + 1}: at least ${found.calls} calls, ${found.reason}`);
  });
  return {
    settings: { rounds, seconds, warmupSec, ...search, lossLimitPercent, latencyLimitUs },
    baselines,
    best: 'highest',
    series: table.all(),
    notes,
    failures,
  };
}

function judge({ report, reason }: CountedRun): Verdict {
  if (reason !== null) return { outcome: 'unknown', reason };
  const overloaded = report.loss_pct > lossLimitPercent || report.lat_us.p99 > latencyLimitUs || faultOf(report) !== null;
  return { outcome: overloaded ? 'overloaded' : 'carried' };
}
