/**
 * What one leg sends, as one RTP source for the life of the call: one SSRC, a sequence that only rises, one timestamp line. Sources
 * come and go behind it. A source keeps one offset as long as it lasts (out = in + offset), so that its losses and reordering stay
 * visible to the receiver; where another takes over, the line is spliced: next sequence number, timestamp moved on by the time that
 * passed, marker set.
 */

import type { Random } from '../base/random.ts';
import type { RtpHeader } from '../rtp/header.ts';

/** RFC 3550 A.1, MAX_DROPOUT: a greater jump is a source that began anew. */
const maxDropout = 3000;
/** RFC 3550 A.1, MAX_MISORDER: what comes later than this is a source that began anew. */
const maxMisorder = 100;

/** Until the first packet says better. */
const initialClockRate = 8000;

const nobody = -1;

/** Timestamps, SSRCs and times are kept as 32 bits with a sign: V8 needs no object for those. */
export class Line {
  #source = nobody;
  #sourceSsrc = 0;
  #clockRate = initialClockRate;
  /** Packets of our own came in between: the source goes on behind them. */
  #inserted = false;
  #sequenceOffset = 0;
  #timestampOffset = 0;
  /** Highest index in use: the sequence number with its roll-overs, 48 bits. */
  #highest: number;
  /** Indexes up to here were there before the present source, or may have been: none of them is used twice (RFC 3711 9.1). */
  #floor: number;
  /** The audio packet with the highest index: its timestamp, and when it was placed, in whole milliseconds. */
  #lastTimestamp: number;
  #lastAt = 0;
  /** Whether the time of `lastAt` means anything. */
  #begun = false;
  readonly #ssrc: number;

  constructor(random: Random) {
    this.#ssrc = random.uint32() | 0;
    // Below 2^15: loss of the first packets cannot hide a roll-over from the receiver's SRTP (RFC 3711 3.3.1).
    this.#highest = (random.uint32() & 0x7fff) - 1;
    this.#floor = this.#highest;
    this.#lastTimestamp = random.uint32() | 0;
  }

  get ssrc(): number {
    return this.#ssrc >>> 0;
  }

  /** Hz of the timestamps, as the audio in the line has them. */
  get clockRate(): number {
    return this.#clockRate;
  }

  /** The next packet is spliced in, wherever it comes from: something was held back before it. */
  interrupt(): void {
    this.#source = nobody;
  }

  /**
   * Gives an audio packet of `source` (>= 0, names where it comes from; with the SSRC it names the RTP source) its place: SSRC,
   * sequence number, timestamp and marker of `header` become the line's. False if it has none any more: it belongs before the last
   * splice.
   */
  follow(source: number, header: RtpHeader, clockRate: number, now: number): boolean {
    const before = this.#highest;
    if (!this.#put(source, header, clockRate, now)) return false;
    if (this.#highest > before) {
      this.#lastTimestamp = header.timestamp | 0;
      this.#lastAt = now | 0;
      this.#begun = true;
    }
    return true;
  }

  /**
   * The same for a telephone-event packet. It shares SSRC, sequence numbers and timestamps with the audio of its source (RFC 4733
   * 2.2), but its timestamp stands still during the event, so the line does not take its time from it.
   */
  followEvent(source: number, header: RtpHeader, now: number): boolean {
    return this.#put(source, header, this.#clockRate, now);
  }

  /** The next sequence number, for a packet of our own. */
  insert(): number {
    this.#inserted = true;
    this.#highest++;
    this.#floor = this.#highest;
    return this.#highest & 0xffff;
  }

  /** Where the timestamps have come to at `now`. */
  timestampAt(now: number): number {
    if (!this.#begun) {
      this.#begun = true;
      this.#lastAt = now | 0;
    }
    return (this.#lastTimestamp + this.#ticks(((now | 0) - this.#lastAt) | 0)) >>> 0;
  }

  #put(source: number, header: RtpHeader, clockRate: number, now: number): boolean {
    const { sequence } = header;
    const known = source === this.#source && (header.ssrc | 0) === this.#sourceSsrc && clockRate === this.#clockRate;
    if (known && this.#inserted) this.#continueWith(sequence);
    let ahead = known ? this.#ahead(sequence) : 0;
    const splice = !known || ahead > maxDropout || ahead < -maxMisorder;
    if (splice) {
      this.#splice(source, header, clockRate, now);
      ahead = 1;
    }
    const index = this.#highest + ahead;
    if (index <= this.#floor) return false;
    if (ahead > 0) this.#highest = index;
    header.sequence = (sequence + this.#sequenceOffset) & 0xffff;
    header.timestamp = (header.timestamp + this.#timestampOffset) >>> 0;
    header.marker = header.marker || splice;
    header.ssrc = this.ssrc;
    return true;
  }

  /** How far a packet's place lies ahead of the highest in use; negative for one that is late. */
  #ahead(sequence: number): number {
    return ((sequence + this.#sequenceOffset - this.#highest) << 16) >> 16;
  }

  #splice(source: number, header: RtpHeader, clockRate: number, now: number): void {
    this.#source = source;
    this.#sourceSsrc = header.ssrc | 0;
    this.#clockRate = clockRate;
    this.#continueWith(header.sequence);
    const due = this.timestampAt(now) | 0;
    const next = due === this.#lastTimestamp ? due + 1 : due;
    this.#timestampOffset = (next - header.timestamp) | 0;
  }

  #continueWith(sequence: number): void {
    this.#inserted = false;
    this.#floor = this.#highest;
    this.#sequenceOffset = (this.#highest + 1 - sequence) & 0xffff;
  }

  #ticks(elapsedMs: number): number {
    return Math.round((elapsedMs * this.#clockRate) / 1000);
  }
}
