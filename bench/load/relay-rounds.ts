/** The frame of every benchmark that runs relays under the load generator: in each round, at each load, every relay has its turn. */

import { errorText } from '../../src/base/errors.ts';
import type { BenchOptions } from '../options.ts';
import { requireAll } from '../processes/programs.ts';
import { withWorkFolder } from '../processes/work-folder.ts';
import { Loadgen, type MediaRun } from './loadgen.ts';
import type { LoadReport } from './loadgen-tool.ts';
import { type Relay, withRelay } from './relays.ts';

export interface Plan {
  readonly relays: readonly Relay[];
  /** Numbers of calls. */
  readonly loads: readonly number[];
  readonly media: MediaRun;
}

export interface Turn {
  readonly relay: Relay;
  readonly calls: number;
  readonly round: number;
  /** Starts the relay anew, sets `calls` up, runs media over them. */
  run(calls: number): Promise<LoadReport>;
}

/** Returns what failed; a turn that rejects is a failure, and the next one begins. */
export async function relayRounds(options: BenchOptions, plan: Plan, take: (turn: Turn) => Promise<void>): Promise<string[]> {
  const { loadgen, rounds } = options;
  const folders = [{ option: 'loadgen', path: loadgen, file: 'loadgen.c' }];
  requireAll({ programs: ['gcc', 'openssl', 'rtpengine'], gateway: true, folders });
  const failures: string[] = [];
  await withWorkFolder(async (folder) => {
    const generator = await Loadgen.build(options, folder);
    for (const { relay, calls, round } of turns(plan, rounds)) {
      const run = (load: number): Promise<LoadReport> => {
        console.error(`round ${round + 1} of ${rounds}: ${relay.name}, ${load} calls`);
        return withRelay(relay, { calls: load, generator, folder }, (loaded) => generator.run(loaded, plan.media));
      };
      try {
        await take({ relay, calls, round, run });
      } catch (error) {
        failures.push(`${relay.name}, ${calls} calls, round ${round + 1}: ${errorText(error)}`);
      }
    }
  });
  return failures;
}

/** Relays that are compared run one right after the other. */
function* turns({ relays, loads }: Plan, rounds: number): Generator<Omit<Turn, 'run'>> {
  for (let round = 0; round < rounds; round++) {
    for (const calls of loads) for (const relay of relays) yield { relay, calls, round };
  }
}
