/**
 * The replay window of plain RTP. Without authentication an old packet may also be a source that began anew with its SSRC kept, so
 * the window is given up, but only after a silence: while packets come in order, nothing out of it is taken.
 */

import { estimateIndex, ReplayWindow, replayWindowSize } from '../srtp/replay-window.ts';

/** RFC 3550 A.1, MAX_DROPOUT. */
const maxDropout = 3000;
const silenceMs = 500;

export class SequenceWindow {
  #window = new ReplayWindow();
  #ssrc = -1;
  #acceptedAt = Number.NEGATIVE_INFINITY;

  /** Whether the packet is new; it counts as seen from then on. */
  accept(ssrc: number, sequence: number, now: number): boolean {
    if (ssrc !== this.#ssrc) this.#restart(ssrc);
    let index = this.#indexOf(sequence);
    const { highest } = this.#window;
    const outside = highest >= 0 && (index > highest + maxDropout || index <= highest - replayWindowSize);
    if (outside && now - this.#acceptedAt > silenceMs) {
      this.#restart(ssrc);
      index = this.#indexOf(sequence);
    } else if (outside || !this.#window.isFresh(index)) return false;
    this.#window.commit(index);
    this.#acceptedAt = now;
    return true;
  }

  /** Forgets what was seen: the next packets come from elsewhere. */
  reset(): void {
    this.#ssrc = -1;
  }

  #restart(ssrc: number): void {
    this.#ssrc = ssrc;
    this.#window = new ReplayWindow();
  }

  /** One roll-over ahead, so that a first packet that overtook others does not put them below zero. */
  #indexOf(sequence: number): number {
    return this.#window.highest < 0 ? 0x10000 + sequence : estimateIndex(this.#window.highest, sequence);
  }
}
