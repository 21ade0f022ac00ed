/** What a relay thread tells once a second: how each session stands, how busy the thread is, and whether it was late. */

import type { Log } from '../base/log.ts';
import { packCounters } from './counters-batch.ts';
import { Lateness } from './lateness.ts';
import type { FromThread, SessionId } from './messages.ts';
import type { Session } from './session.ts';

const intervalMs = 1000;
/** Sessions come one after the other in so many steps: all at once, a thousand calls would wait for them. */
const steps = 50;
const stepMs = intervalMs / steps;

export interface StatisticsOptions {
  readonly sessions: ReadonlyMap<SessionId, Session>;
  /** Whether the thread waits for packets itself: only then is it known how busy it is. */
  readonly waitsItself: boolean;
  /** How many datagrams belonged to no session since the last call. */
  takeStrays(): number;
  readonly log: Log;
}

export class Statistics {
  readonly #options: StatisticsOptions;
  readonly #post: (message: FromThread) => void;
  readonly #lateness = new Lateness();
  #deadline = Number.POSITIVE_INFINITY;
  #beganAt = 0;
  /** Time of this interval without work. */
  #waitedMs = 0;
  /** Sessions that this interval has still to tell of. */
  #untold: Session[] = [];
  /** Of the last batch that was read. */
  #memory: ArrayBuffer | undefined;

  constructor(options: StatisticsOptions, post: (message: FromThread) => void) {
    this.#options = options;
    this.#post = post;
  }

  /** `Infinity` while there are no sessions. */
  get deadline(): number {
    return this.#deadline;
  }

  /** The first session is there. */
  begin(now: number): void {
    this.#beganAt = now;
    this.#waitedMs = 0;
    this.#deadline = now + intervalMs;
  }

  /** The last one has gone. */
  rest(): void {
    this.#deadline = Number.POSITIVE_INFINITY;
    this.#untold = [];
    this.#tellBusy(0);
  }

  /** A turn of the thread has waited for packets, and came to them later than it should have. */
  note(waitedMs: number, lateMs: number): void {
    this.#waitedMs += waitedMs;
    this.#lateness.note(lateMs);
  }

  /** A batch was read, and its memory can hold another. */
  reuse(memory: ArrayBuffer): void {
    this.#memory = memory;
  }

  expire(now: number): void {
    if (this.#untold.length === 0) this.#beginInterval(now);
    this.#tellNext(now);
    const nextMs = this.#untold.length === 0 ? this.#beganAt + intervalMs - now : stepMs;
    this.#deadline = now + Math.max(nextMs, stepMs);
  }

  #beginInterval(now: number): void {
    this.#tellBusy(1 - this.#waitedMs / (now - this.#beganAt));
    this.#beganAt = now;
    this.#waitedMs = 0;
    this.#untold = [...this.#options.sessions.values()];
    const lateMs = this.#lateness.take(now);
    if (lateMs > 0) this.#post({ type: 'late', lateMs });
    const strays = this.#options.takeStrays();
    if (strays > 0) this.#options.log.debug({ datagrams: strays }, 'datagrams that belong to no call');
  }

  #tellNext(now: number): void {
    const { sessions } = this.#options;
    const told = this.#untold.splice(-Math.ceil(sessions.size / steps)).filter(({ id }) => sessions.has(id));
    for (const session of told) session.observe(now);
    const batch = packCounters(
      told.flatMap((session) => session.counters()),
      this.#memory,
    );
    this.#memory = undefined;
    this.#post({ type: 'stats', batch });
  }

  #tellBusy(share: number): void {
    if (this.#options.waitsItself) this.#post({ type: 'busy', share: Math.min(1, Math.max(0, share)) });
  }
}
