/** Which traces were added to lately: each is packed a moment later, once for all that came in between. */

import { Alarm, type Clock } from '../base/clock.ts';

export interface Packable {
  pack(): void;
}

/** Calls that end sooner are never packed: it takes 0.15 ms, a thirtieth of what a call takes in all. */
const restMs = 2000;

export class QuietCalls {
  readonly #clock: Clock;
  readonly #alarm: Alarm;
  /** Until when each is left alone, the nearest first. */
  readonly #resting = new Map<Packable, number>();

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#alarm = new Alarm(clock, (now) => this.#packDue(now));
  }

  addedTo(call: Packable): void {
    if (this.#resting.has(call)) return;
    this.#resting.set(call, this.#clock.now() + restMs);
    this.#arm();
  }

  /** It stays as it is. */
  forget(call: Packable): void {
    this.#resting.delete(call);
    this.#arm();
  }

  close(): void {
    this.#resting.clear();
    this.#alarm.close();
  }

  #packDue(now: number): void {
    for (const [call, dueAt] of this.#resting) {
      if (dueAt > now) break;
      this.#resting.delete(call);
      call.pack();
    }
    this.#arm();
  }

  #arm(): void {
    const [nearest = Number.POSITIVE_INFINITY] = this.#resting.values();
    this.#alarm.arm(nearest);
  }
}
