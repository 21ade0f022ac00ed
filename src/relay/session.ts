/** The legs of one call on their thread, bridged two at a time. */

import type { Leg } from './leg.ts';
import type { LegId } from './media-relay.ts';
import type { LegCounters, SessionId } from './messages.ts';

export class Session {
  readonly id: SessionId;
  /** Two of them in most calls. */
  #legs: readonly Leg[] = [];

  constructor(id: SessionId) {
    this.id = id;
  }

  get legs(): readonly Leg[] {
    return this.#legs;
  }

  leg(id: LegId): Leg | undefined {
    return this.#legs.find((leg) => leg.id === id);
  }

  add(leg: Leg): void {
    this.#legs = this.#legs.concat(leg);
  }

  bridge(a: LegId, b: LegId): void {
    const one = this.leg(a);
    const other = this.leg(b);
    if (one && other && one !== other) one.stream.bridge(other.stream);
  }

  remove(id: LegId, now: number): void {
    const leg = this.leg(id);
    if (!leg) return;
    this.#legs = this.#legs.filter((other) => other !== leg);
    leg.close(now);
  }

  /** Once a second. */
  observe(now: number): void {
    for (const leg of this.#legs) leg.stream.observe(now);
  }

  /** Of the legs that are there now. */
  counters(): readonly LegCounters[] {
    return this.#legs.map(({ side, stream }) => ({ session: this.id, side, counters: stream.summarize() }));
  }

  close(now: number): void {
    for (const { id } of this.#legs) this.remove(id, now);
  }
}
