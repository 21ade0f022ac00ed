/**
 * The replay window of plain RTP. Without authentication an old packet may also be a source that began anew with its SSRC kept, so
 * the window is given up, but only after a silence: while packets come in order, nothing out of it is taken.
 */

import type { RtpHeader } from '../rtp/header.ts';
import { estimateIndex, ReplayWindow, replayWindowSize } from '../srtp/replay-window.ts';

/** RFC 3550 A.1, MAX_DROPOUT. */
const maxDropout = 3000;
const silenceMs = 500;

export class SequenceWindow {
  #window = new ReplayWindow();
  /** Signed; null before the first packet. */
  #ssrc: number | null = null;
  /** Whole milliseconds, 32 bits of them. */
  #acceptedAt = 0;

  /** Whether the packet is new; it counts as seen from then on. */
  accept(header: RtpHeader, now: number): boolean {
    if ((header.ssrc | 0) !== this.#ssrc) this.#restart(header.ssrc);
    let index = this.#indexOf(header.sequence);
    const { highest } = this.#window;
    const outside = highest >= 0 && (index > highest + maxDropout || index <= highest - replayWindowSize);
    if (outside && ((now - this.#acceptedAt) | 0) > silenceMs) {
      this.#restart(header.ssrc);
      index = this.#indexOf(header.sequence);
    } else if (outside || !this.#window.isFresh(index)) return false;
    this.#window.commit(index);
    this.#acceptedAt = now | 0;
    return true;
  }

  /** Forgets what was seen: the next packets come from elsewhere. */
  reset(): void {
    this.#ssrc = null;
  }

  #restart(ssrc: number): void {
    this.#ssrc = ssrc | 0;
    this.#window = new ReplayWindow();
  }

  /** One roll-over ahead, so that a first packet that overtook others does not put them below zero. */
  #indexOf(sequence: number): number {
    return this.#window.highest < 0 ? 0x10000 + sequence : estimateIndex(this.#window.highest, sequence);
  }
}
