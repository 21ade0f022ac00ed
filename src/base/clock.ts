/**
 * Time for engines: `now` is a parameter, timers are names in a table, and one Alarm at the edge arms a single timeout.
 * All times are milliseconds of the monotonic clock unless a name says otherwise.
 */

// The global of this name is looked up anew at each use.
import { performance } from 'node:perf_hooks';

export interface Clock {
  /** Monotonic milliseconds. */
  now(): number;
  /** Milliseconds since the Unix epoch, for records and tokens only. */
  wallTime(): number;
  /** Calls back once after `delayMs`; the returned function cancels. */
  after(delayMs: number, callback: () => void): () => void;
}

export const systemClock: Clock = {
  now: () => performance.now(),
  wallTime: () => Date.now(),
  after(delayMs, callback) {
    const timer = setTimeout(callback, delayMs);
    return () => clearTimeout(timer);
  },
};

/** Resolves after `delayMs`. */
export function pause(clock: Pick<Clock, 'after'>, delayMs: number): Promise<void> {
  return new Promise((resolve) => {
    clock.after(delayMs, resolve);
  });
}

/** Waits for `work`, but no longer than `timeMs`, and says whether it is done. Rejects as `work` does. */
export async function within(clock: Pick<Clock, 'after'>, timeMs: number, work: Promise<unknown>): Promise<boolean> {
  let cancel = (): void => {};
  const late = new Promise<boolean>((resolve) => {
    cancel = clock.after(timeMs, () => resolve(false));
  });
  try {
    return await Promise.race([work.then(() => true), late]);
  } finally {
    cancel();
  }
}

interface Timer<Name> {
  readonly name: Name;
  readonly deadline: number;
  readonly next: Timer<Name> | null;
}

/** Named deadlines of one engine: a list by deadline, since most have one or two, and a Map would be four times as large. */
export class TimerTable<Name extends string> {
  #first: Timer<Name> | null = null;

  set(name: Name, deadlineMs: number): void {
    this.#first = inserted(without(this.#first, name), name, deadlineMs);
  }

  clear(name: Name): void {
    this.#first = without(this.#first, name);
  }

  clearAll(): void {
    this.#first = null;
  }

  has(name: Name): boolean {
    for (let timer = this.#first; timer; timer = timer.next) if (timer.name === name) return true;
    return false;
  }

  /** The nearest deadline, or Infinity. */
  get deadline(): number {
    return this.#first?.deadline ?? Number.POSITIVE_INFINITY;
  }

  /** Removes and returns the earliest timer due at `now`, or undefined. Call until undefined. */
  takeExpired(now: number): Name | undefined {
    const due = this.#first;
    if (!due || due.deadline > now) return undefined;
    this.#first = due.next;
    return due.name;
  }
}

function inserted<Name>(timers: Timer<Name> | null, name: Name, deadline: number): Timer<Name> {
  if (!timers || timers.deadline >= deadline) return { name, deadline, next: timers };
  return { ...timers, next: inserted(timers.next, name, deadline) };
}

function without<Name>(timers: Timer<Name> | null, name: Name): Timer<Name> | null {
  if (!timers) return null;
  return timers.name === name ? timers.next : { ...timers, next: without(timers.next, name) };
}

/** Stale entries that a queue carries before it is worth clearing them out. */
const slack = 64;

/** A min-heap of items by deadline; an item is re-queued by setting it again, and stale entries are skipped when they surface. */
export class DeadlineQueue<Item extends object> {
  readonly #heap: Array<{ deadline: number; item: Item }> = [];
  readonly #current = new Map<Item, number>();

  /** `Infinity` removes the item. */
  set(item: Item, deadlineMs: number): void {
    if (this.#current.get(item) === deadlineMs) return;
    if (deadlineMs === Number.POSITIVE_INFINITY) {
      this.#current.delete(item);
      return;
    }
    this.#current.set(item, deadlineMs);
    this.#push({ deadline: deadlineMs, item });
    if (this.#heap.length > 2 * this.#current.size + slack) this.#compact();
  }

  delete(item: Item): void {
    this.#current.delete(item);
  }

  has(item: Item): boolean {
    return this.#current.has(item);
  }

  get deadline(): number {
    this.#dropStale();
    return this.#heap[0]?.deadline ?? Number.POSITIVE_INFINITY;
  }

  /** Removes and returns one item due at `now`, or undefined. */
  takeExpired(now: number): Item | undefined {
    if (this.deadline > now) return undefined;
    const top = this.#pop();
    if (top) this.#current.delete(top.item);
    return top?.item;
  }

  #dropStale(): void {
    for (let top = this.#heap[0]; top && this.#current.get(top.item) !== top.deadline; top = this.#heap[0]) this.#pop();
  }

  /** Items that are set again and again, long before they are due, would fill the heap with stale entries. */
  #compact(): void {
    this.#heap.length = 0;
    for (const [item, deadline] of this.#current) this.#push({ deadline, item });
  }

  #push(entry: { deadline: number; item: Item }): void {
    const heap = this.#heap;
    let at = heap.push(entry) - 1;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      const above = heap[parent];
      if (!above || above.deadline <= entry.deadline) break;
      heap[at] = above;
      at = parent;
    }
    heap[at] = entry;
  }

  #pop(): { deadline: number; item: Item } | undefined {
    const heap = this.#heap;
    const top = heap[0];
    const last = heap.pop();
    if (!top || !last || heap.length === 0) return top;
    let at = 0;
    for (;;) {
      const left = 2 * at + 1;
      const right = left + 1;
      const child = deadlineAt(heap, right) < deadlineAt(heap, left) ? right : left;
      if (deadlineAt(heap, child) >= last.deadline) break;
      heap[at] = heap[child] as { deadline: number; item: Item };
      at = child;
    }
    heap[at] = last;
    return top;
  }
}

function deadlineAt(heap: ReadonlyArray<{ deadline: number }>, at: number): number {
  return heap[at]?.deadline ?? Number.POSITIVE_INFINITY;
}

/** Keeps one timeout for the nearest deadline of whatever it serves. */
export class Alarm {
  readonly #clock: Clock;
  readonly #onDue: (now: number) => void;
  #deadline = Number.POSITIVE_INFINITY;
  /** When the timeout ends: never after the deadline, and before it when the deadline has moved on since. */
  #wakesAt = Number.POSITIVE_INFINITY;
  #cancel: (() => void) | undefined;

  constructor(clock: Clock, onDue: (now: number) => void) {
    this.#clock = clock;
    this.#onDue = onDue;
  }

  /** Sets the alarm to `deadlineMs`; `Infinity` silences it. */
  arm(deadlineMs: number): void {
    this.#deadline = deadlineMs;
    if (deadlineMs === Number.POSITIVE_INFINITY) this.close();
    else if (deadlineMs < this.#wakesAt) this.#sleep();
  }

  close(): void {
    this.#cancel?.();
    this.#cancel = undefined;
    this.#deadline = Number.POSITIVE_INFINITY;
    this.#wakesAt = Number.POSITIVE_INFINITY;
  }

  #sleep(): void {
    this.#cancel?.();
    this.#wakesAt = this.#deadline;
    const delayMs = Math.min(Math.max(0, Math.ceil(this.#deadline - this.#clock.now())), 0x7fffffff);
    this.#cancel = this.#clock.after(delayMs, () => this.#wake());
  }

  /** A deadline that moved on is slept for once more: cheaper than another timeout each time that it moves. */
  #wake(): void {
    this.#wakesAt = Number.POSITIVE_INFINITY;
    const now = this.#clock.now();
    if (now < this.#deadline) {
      this.#sleep();
      return;
    }
    this.close();
    this.#onDue(now);
  }
}
