/**
 * How long a polled driver gathers datagrams before it relays them. Waking up costs more than relaying a packet, so a busy thread
 * saves a third to a half of its time by waking up once a millisecond instead of for every datagram; a thread with time to spare
 * relays each at once.
 */

/** Microseconds, or by load. */
export type BatchUs = number | 'auto';

/** Below this many datagrams a second nothing is gathered; above the other, for as long as it goes. Between, in proportion. */
const quietPerSec = 10_000;
const busyPerSec = 30_000;
const longestUs = 1000;
const measuredMs = 100;

export class BatchWindow {
  readonly #auto: boolean;
  #us: number;
  #count = 0;
  #since = 0;

  constructor(batchUs: BatchUs) {
    this.#auto = batchUs === 'auto';
    this.#us = batchUs === 'auto' ? 0 : batchUs;
  }

  /** How long to gather now. */
  get microseconds(): number {
    return this.#us;
  }

  /** `delivered` datagrams came with the last poll, which ended at `now` milliseconds. */
  observe(delivered: number, now: number): void {
    if (!this.#auto) return;
    this.#count += delivered;
    const elapsed = now - this.#since;
    if (elapsed < measuredMs) return;
    const perSec = (this.#count * 1000) / elapsed;
    const share = (perSec - quietPerSec) / (busyPerSec - quietPerSec);
    this.#us = Math.round(Math.min(1, Math.max(0, share)) * longestUs);
    this.#count = 0;
    this.#since = now;
  }
}
