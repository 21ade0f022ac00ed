/** CPU time per operation in this process: warm-up, then rounds in which every subject has its turn. */

import { type Series, SeriesTable } from '../series.ts';

export interface Operation {
  readonly subject: string;
  readonly scenario: string;
  /** Makes ready what `count` runs need; only the returned function is timed. */
  prepare(count: number): () => void;
}

/** An operation that needs nothing made ready. */
export function repeated(subject: string, scenario: string, run: () => void): Operation {
  return {
    subject,
    scenario,
    prepare: (count) => () => {
      for (let at = 0; at < count; at++) run();
    },
  };
}

export interface RoundOptions {
  readonly rounds: number;
  /** CPU time of one turn, about. */
  readonly turnMs: number;
  readonly warmupMs: number;
  /** Upper limit of `count`, for operations that need memory for each run. */
  readonly maxCount?: number;
}

/** Settings for a benchmark of this kind, as they stand in its JSON. */
export function roundOptions(short: boolean, rounds: number): RoundOptions {
  return short ? { rounds, turnMs: 5, warmupMs: 5 } : { rounds, turnMs: 300, warmupMs: 1000 };
}

/** One series for each operation, in microseconds. */
export function measureCpu(operations: readonly Operation[], metric: string, options: RoundOptions): Series[] {
  const counts = operations.map((operation) => warmUp(operation, options));
  const table = new SeriesTable();
  for (let round = 0; round < options.rounds; round++) {
    for (const [at, operation] of operations.entries()) {
      const count = counts[at] ?? 1;
      const { subject, scenario } = operation;
      table.set({ subject, scenario, metric }, 'us', round, cpuTimeUs(operation.prepare(count)) / count);
    }
  }
  return table.all();
}

/** Runs until the code is hot; returns how many runs make a turn. */
function warmUp(operation: Operation, { warmupMs, turnMs, maxCount = Number.MAX_SAFE_INTEGER }: RoundOptions): number {
  let count = 1;
  let perRunUs = Number.POSITIVE_INFINITY;
  for (let spentUs = 0; spentUs < warmupMs * 1000; ) {
    const usedUs = cpuTimeUs(operation.prepare(count));
    spentUs += Math.max(usedUs, 1);
    perRunUs = Math.max(usedUs, 1) / count;
    count = Math.min(count * 2, maxCount);
  }
  return Math.max(1, Math.min(Math.round((turnMs * 1000) / perRunUs), maxCount));
}

/** Of all threads: garbage that an operation leaves is part of its cost. */
function cpuTimeUs(run: () => void): number {
  const before = process.cpuUsage();
  run();
  const { user, system } = process.cpuUsage(before);
  return user + system;
}
