/** How many calls one core carries below 0.1 % loss and 20 ms latency (p99). */

import type { Findings } from '../findings.ts';
import type { BenchOptions } from '../options.ts';
import { withWorkFolder } from '../processes/work-folder.ts';
import { SeriesTable } from '../series.ts';
import { findCapacity, type Verdict } from './find-capacity.ts';
import { Loadgen } from './loadgen.ts';
import type { LoadReport } from './loadgen-tool.ts';
import { chosen, requireRelayTools } from './relay.ts';
import { type Relay, rtpengines, withRelay } from './relays.ts';
import { faultOf, voidReason } from './verdict.ts';

const lossLimitPercent = 0.1;
const latencyLimitUs = 20_000;

export async function benchCapacity(options: BenchOptions): Promise<Findings> {
  const { short, rounds, seconds, warmupSec } = options;
  requireRelayTools(options);
  const search = short ? { start: 2, step: 2, limit: 4 } : { start: 600, step: 50, limit: 2400 };
  const media = { seconds, warmupSec, tickUs: 1000 };
  const table = new SeriesTable();
  const notes: string[] = [];
  await withWorkFolder(async (folder) => {
    const generator = await Loadgen.build(options, folder);
    const begun = new Map<string, number>();
    for (let round = 0; round < rounds; round++) {
      for (const relay of chosen(options).filter(({ name }) => !name.startsWith('C floor'))) {
        const probe = (calls: number): Promise<Verdict> => probeWith(relay, { calls, generator, folder }, media);
        const found = await findCapacity(probe, { ...search, start: begun.get(relay.name) ?? search.start });
        // The next round looks where this one found something.
        begun.set(relay.name, Math.max(search.start, found.calls - 2 * search.step));
        table.set({ subject: relay.name, scenario: 'one core', metric: 'calls' }, '', round, found.calls);
        if (found.atLeast) notes.push(`${relay.name}, round ${round + 1}: at least ${found.calls} calls, ${found.reason}`);
      }
    }
  });
  return {
    settings: { rounds, seconds, warmupSec, ...search, lossLimitPercent, latencyLimitUs },
    baselines: rtpengines,
    best: 'highest',
    series: table.all(),
    notes,
    failures: [],
  };
}

type Conditions = Parameters<typeof withRelay>[1];

async function probeWith(relay: Relay, place: Conditions, media: Parameters<Loadgen['run']>[1]): Promise<Verdict> {
  return judge(await withRelay(relay, place, (loaded) => place.generator.run(loaded, media)));
}

function judge(report: LoadReport): Verdict {
  const overloaded = report.loss_pct > lossLimitPercent || report.lat_us.p99 > latencyLimitUs || faultOf(report) !== null;
  const reason = voidReason(report);
  if (reason !== null) return { outcome: 'unknown', reason };
  return { outcome: overloaded ? 'overloaded' : 'carried' };
}
