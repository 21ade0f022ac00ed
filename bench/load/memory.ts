/** Resident memory per DTLS call with media flowing: the difference between many calls and few, shared out over the calls between. */

import type { Findings } from '../findings.ts';
import type { BenchOptions } from '../options.ts';
import { SeriesTable } from '../series.ts';
import { offhookBatching, rtpengines } from '../subjects.ts';
import { coarsePace } from './loadgen.ts';
import { relayRounds, type Turn } from './relay-rounds.ts';
import { chosenRelays } from './relays.ts';
import { refuseFaults } from './verdict.ts';

const subjects = [...rtpengines, offhookBatching];

export async function benchMemory(options: BenchOptions): Promise<Findings> {
  const { short, rounds, seconds, warmupSec } = options;
  const many = options.calls[0] ?? (short ? 8 : 1000);
  const few = Math.ceil(many / 50);
  const plan = {
    relays: chosenRelays(options).filter(({ name }) => subjects.includes(name)),
    loads: [many],
    media: { seconds, warmupSec, ...coarsePace },
  };
  const table = new SeriesTable();
  const failures = await relayRounds(options, plan, async (turn) => {
    const little = await residentKb(turn, few);
    const much = await residentKb(turn, many);
    const cell = { subject: turn.relay.name, scenario: `${many} calls` };
    table.set({ ...cell, metric: 'memory per call' }, 'kB', turn.round, (much - little) / (many - few));
    table.set({ ...cell, metric: 'memory in all' }, 'MB', turn.round, much / 1024);
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

async function residentKb({ run }: Turn, calls: number): Promise<number> {
  const report = await run(calls);
  refuseFaults(report);
  return report.relay_rss_kb;
}
