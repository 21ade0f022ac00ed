/** The legs of one call on their thread, bridged two at a time. */

import type { Leg } from './leg.ts';
import type { LegId } from './media-relay.ts';
import type { LegCounters, SessionId } from './messages.ts';

export class Session {
  readonly id: SessionId;
  readonly #legs = new Map<LegId, Leg>();

  constructor(id: SessionId) {
    this.id = id;
  }

  get legs(): Iterable<Leg> {
    return this.#legs.values();
  }

  leg(id: LegId): Leg | undefined {
    return this.#legs.get(id);
  }

  add(leg: Leg): void {
    this.#legs.set(leg.id, leg);
  }

  bridge(a: LegId, b: LegId): void {
    const one = this.#legs.get(a);
    const other = this.#legs.get(b);
    if (one && other && one !== other) one.stream.bridge(other.stream);
  }

  remove(id: LegId, now: number): void {
    const leg = this.#legs.get(id);
    if (!leg) return;
    this.#legs.delete(id);
    leg.close(now);
  }

  /** Once a second. */
  observe(now: number): void {
    for (const leg of this.#legs.values()) leg.stream.observe(now);
  }

  /** Of the legs that are there now. */
  counters(): readonly LegCounters[] {
    return [...this.#legs.values()].map(({ side, stream }) => ({ session: this.id, side, counters: stream.summarize() }));
  }

  close(now: number): void {
    for (const id of [...this.#legs.keys()]) this.remove(id, now);
  }
}
