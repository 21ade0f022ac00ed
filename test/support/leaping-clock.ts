import { type Clock, systemClock } from '../../src/base/clock.ts';

/** Runs with the real one, and can be set forward. Timers stay those of the real one. */
export class LeapingClock implements Clock {
  #leapMs = 0;
  now = (): number => systemClock.now() + this.#leapMs;
  wallTime = (): number => systemClock.wallTime() + this.#leapMs;
  after = systemClock.after;

  leap(ms: number): void {
    this.#leapMs += ms;
  }
}
