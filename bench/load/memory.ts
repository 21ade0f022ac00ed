/** Resident memory per DTLS call with media flowing: the difference between many calls and few, shared out over the calls between. */

import type { Findings } from '../findings.ts';
import type { BenchOptions } from '../options.ts';
import { withWorkFolder } from '../processes/work-folder.ts';
import { SeriesTable } from '../series.ts';
import { Loadgen } from './loadgen.ts';
import { chosen, requireRelayTools } from './relay.ts';
import { type Relay, rtpengines, withRelay } from './relays.ts';
import { faultOf } from './verdict.ts';

const subjects = [...rtpengines, 'offhook, batchUs auto'];

export async function benchMemory(options: BenchOptions): Promise<Findings> {
  const { short, rounds, seconds, warmupSec } = options;
  requireRelayTools(options);
  const many = options.calls[0] ?? (short ? 8 : 1000);
  const few = Math.ceil(many / 50);
  const table = new SeriesTable();
  const failures: string[] = [];
  await withWorkFolder(async (folder) => {
    const generator = await Loadgen.build(options, folder);
    const residentKb = async (relay: Relay, calls: number): Promise<number> => {
      const media = { seconds, warmupSec, tickUs: 1000 };
      const report = await withRelay(relay, { calls, generator, folder }, (loaded) => generator.run(loaded, media));
      const fault = faultOf(report);
      if (fault !== null) failures.push(`${relay.name}, ${calls} calls: ${fault}`);
      return report.relay_rss_kb;
    };
    for (let round = 0; round < rounds; round++) {
      for (const relay of chosen(options).filter(({ name }) => subjects.includes(name))) {
        const [little, much] = [await residentKb(relay, few), await residentKb(relay, many)];
        const cell = { subject: relay.name, scenario: `${many} calls` };
        table.set({ ...cell, metric: 'memory per call' }, 'kB', round, (much - little) / (many - few));
        table.set({ ...cell, metric: 'memory in all' }, 'MB', round, much / 1024);
      }
    }
  });
  return {
    settings: { rounds, seconds, warmupSec, few, many },
    baselines: rtpengines,
    best: 'lowest',
    series: table.all(),
    notes: [],
    failures,
  };
}
