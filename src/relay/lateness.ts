/** Whether a relay thread comes too late to its packets: it, or the machine, has too much to do. */

/** What a listener begins to hear, and more than a busy event loop needs. */
const lateMs = 50;
const pauseMs = 10_000;

export class Lateness {
  #worstMs = 0;
  #quietUntil = Number.NEGATIVE_INFINITY;

  /** The thread is at work, and should have been `byMs` ago. */
  note(byMs: number): void {
    if (byMs > this.#worstMs) this.#worstMs = byMs;
  }

  /** The worst since the last call in milliseconds; 0 if that was bearable, or told only just. */
  take(now: number): number {
    const worst = this.#worstMs;
    this.#worstMs = 0;
    if (worst <= lateMs || now < this.#quietUntil) return 0;
    this.#quietUntil = now + pauseMs;
    return Math.round(worst);
  }
}
