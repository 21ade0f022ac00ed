/** Which traces were added to lately: each is packed a moment later, once for all that came in between. */

import { Alarm, type Clock, DeadlineQueue } from '../base/clock.ts';

export interface Packable {
  pack(): void;
}

/** Calls that end sooner are never packed: the deflating alone takes 57 us. */
const restMs = 1000;

export class QuietCalls {
  readonly #clock: Clock;
  readonly #alarm: Alarm;
  /** Until when each is left alone. */
  readonly #resting = new DeadlineQueue<Packable>();

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#alarm = new Alarm(clock, (now) => this.#packDue(now));
  }

  addedTo(call: Packable): void {
    if (this.#resting.has(call)) return;
    this.#resting.set(call, this.#clock.now() + restMs);
    this.#alarm.arm(this.#resting.deadline);
  }

  /** It stays as it is. */
  forget(call: Packable): void {
    this.#resting.delete(call);
    this.#alarm.arm(this.#resting.deadline);
  }

  close(): void {
    this.#alarm.close();
  }

  #packDue(now: number): void {
    for (let call = this.#resting.takeExpired(now); call; call = this.#resting.takeExpired(now)) call.pack();
    this.#alarm.arm(this.#resting.deadline);
  }
}
