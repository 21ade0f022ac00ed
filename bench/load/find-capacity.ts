/** The search for the largest load that is carried. */

export type Verdict = { readonly outcome: 'carried' | 'overloaded' } | { readonly outcome: 'unknown'; readonly reason: string };

export interface Search {
  readonly start: number;
  readonly step: number;
  /** Nothing above is tried. */
  readonly limit: number;
}

export type Capacity = { readonly calls: number } & (
  | { readonly atLeast: false }
  /** Something else than the relay set the end. */
  | { readonly atLeast: true; readonly reason: string }
);

/** Strides of four steps up to the first load that is too much, then single steps up to it. A start that is too much halves. */
export async function findCapacity(probe: (calls: number) => Promise<Verdict>, { start, step, limit }: Search): Promise<Capacity> {
  let carried = 0;
  for (let calls = start, stride = 4 * step; ; calls = carried + stride) {
    if (calls > limit) return { calls: carried, atLeast: true, reason: `no more than ${limit} were tried` };
    const verdict = await probe(calls);
    if (verdict.outcome === 'carried') carried = calls;
    else if (verdict.outcome === 'unknown') return { calls: carried, atLeast: true, reason: verdict.reason };
    else if (carried === 0 && calls > step) return findCapacity(probe, { start: Math.max(step, calls >> 1), step, limit });
    else if (stride === step) return { calls: carried, atLeast: false };
    else stride = step;
  }
}
