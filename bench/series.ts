/** What every benchmark yields: one figure of one subject under one scenario, measured once in each round. */

export interface Series {
  /** Who was measured: `offhook`, `rtpengine`. */
  readonly subject: string;
  /** Under which conditions: `500 calls`. */
  readonly scenario: string;
  readonly metric: string;
  readonly unit: string;
  /** In the order of the rounds; null for a round that does not count. */
  readonly rounds: readonly (number | null)[];
}

export interface Summary {
  readonly median: number;
  readonly min: number;
  readonly max: number;
  /** Rounds that count. */
  readonly count: number;
}

/** null when no round counts. */
export function summarize(rounds: readonly (number | null)[]): Summary | null {
  const sorted = rounds.filter((value) => value !== null).sort((a, b) => a - b);
  const [min] = sorted;
  const max = sorted.at(-1);
  if (min === undefined || max === undefined) return null;
  const upper = sorted[sorted.length >> 1] ?? max;
  const lower = sorted[(sorted.length - 1) >> 1] ?? min;
  return { median: (lower + upper) / 2, min, max, count: sorted.length };
}

/** The quotients of rounds that were measured side by side: what the machine did in one round, it did to both. */
export function ratios(series: Series, baseline: Series): (number | null)[] {
  return series.rounds.map((value, round) => {
    const against = baseline.rounds[round] ?? null;
    return value === null || against === null || against === 0 ? null : value / against;
  });
}

export interface Cell {
  readonly subject: string;
  readonly scenario: string;
  readonly metric: string;
}

export function findSeries(all: readonly Series[], { subject, scenario, metric }: Cell): Series | undefined {
  return all.find((series) => series.subject === subject && series.scenario === scenario && series.metric === metric);
}

/** Of several subjects the one with the best median: the peer is measured at its best. */
export function bestOf(
  all: readonly Series[],
  subjects: readonly string[],
  cell: Omit<Cell, 'subject'>,
  best: 'lowest' | 'highest',
): Series | undefined {
  let chosen: { series: Series; median: number } | undefined;
  for (const subject of subjects) {
    const series = findSeries(all, { ...cell, subject });
    const median = series && summarize(series.rounds)?.median;
    if (!series || median === undefined) continue;
    const better = !chosen || (best === 'lowest' ? median < chosen.median : median > chosen.median);
    if (better) chosen = { series, median };
  }
  return chosen?.series;
}

/** Collects figures as rounds come in; every cell has as many rounds as were begun. */
export class SeriesTable {
  readonly #series = new Map<string, { cell: Cell; unit: string; rounds: (number | null)[] }>();

  set(cell: Cell, unit: string, round: number, value: number | null): void {
    const key = JSON.stringify([cell.subject, cell.scenario, cell.metric]);
    const entry = this.#series.get(key) ?? { cell, unit, rounds: [] };
    while (entry.rounds.length <= round) entry.rounds.push(null);
    entry.rounds[round] = value;
    this.#series.set(key, entry);
  }

  all(): Series[] {
    return [...this.#series.values()].map(({ cell, unit, rounds }) => ({ ...cell, unit, rounds }));
  }
}
