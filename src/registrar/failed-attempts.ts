/** Counts wrong passwords for each pair of address and user name: guessing is slow, and one guesser locks out nobody elsewhere. */

import { ownCopy } from '../base/own-copy.ts';

export interface AttemptLimits {
  /** Wrong passwords within the window before the pair is locked for the rest of it. */
  readonly maxFailures: number;
  readonly windowMs: number;
  /** Pairs remembered at once; the oldest are forgotten first. */
  readonly maxPairs?: number;
}

export class FailedAttempts {
  readonly #limits: Required<AttemptLimits>;
  /** In the order in which their windows began. */
  readonly #pairs = new Map<string, { count: number; readonly endsAt: number }>();

  constructor(limits: AttemptLimits) {
    this.#limits = { maxPairs: 10_000, ...limits };
  }

  /** Milliseconds until the pair may try again; 0 when it may now. */
  lockedMs(host: string, user: string, now: number): number {
    this.#forget(now);
    const pair = this.#pairs.get(keyOf(host, user));
    return pair && pair.count >= this.#limits.maxFailures ? pair.endsAt - now : 0;
  }

  record(host: string, user: string, now: number): void {
    this.#forget(now);
    const key = keyOf(host, user);
    const pair = this.#pairs.get(key);
    if (pair) pair.count += 1;
    else this.#pairs.set(key, { count: 1, endsAt: now + this.#limits.windowMs });
  }

  #forget(now: number): void {
    for (const [key, { endsAt }] of this.#pairs) {
      if (endsAt > now && this.#pairs.size < this.#limits.maxPairs) return;
      this.#pairs.delete(key);
    }
  }
}

/** User names come from the network: only as much of one is kept as tells it apart. */
function keyOf(host: string, user: string): string {
  return ownCopy(`${host} ${user.slice(0, 64)}`);
}
