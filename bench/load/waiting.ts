/** Waiting for what peers do, with an end. */

const patienceMs = 10_000;

export interface Awaited<Value> {
  readonly value: Promise<Value>;
  arrive(value: Value): void;
}

/** Rejects after `patienceMs` with what was waited for. */
export function waitFor<Value>(what: () => string): Awaited<Value> {
  let arrive: (value: Value) => void = () => {};
  const value = new Promise<Value>((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`waited ${patienceMs / 1000} s for ${what()}`)), patienceMs);
    arrive = (arrived) => {
      clearTimeout(timer);
      resolve(arrived);
    };
  });
  return { value, arrive };
}

/** Runs `work` for each item, at most `parallel` at once; the first rejection ends it. */
export async function forEachParallel<Item>(items: readonly Item[], parallel: number, work: (item: Item) => Promise<void>): Promise<void> {
  const queue = items.values();
  const take = async (): Promise<void> => {
    for (const item of queue) await work(item);
  };
  await Promise.all(Array.from({ length: Math.min(parallel, items.length) }, take));
}
