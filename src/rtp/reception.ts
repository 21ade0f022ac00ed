/** What was received from one SSRC (RFC 3550 6.4.1, A.1, A.3, A.8): the content of a report block. */

import type { RtpHeader } from './header.ts';
import type { ReportBlock } from './rtcp.ts';

// RFC 3550 A.1. Its probation is left out: a source is accepted, by key or by address, before it is counted.
const maxDropout = 3000;
const maxMisorder = 100;

const cycle = 0x10000;
const maxCumulativeLost = 0x7fffff;
/** In units of the clock rate, twenty minutes or more: that is no jitter, and sixteen times this has 31 bits. */
const maxTransitChange = 1 << 26;

export class Reception {
  // What each packet needs comes first: fields lie in this order, and memory that is not in the cache is what a packet costs.
  #highest = -1;
  #received = 0;
  /** The sequence number that confirms a restart of the source, -1 for none. */
  #restartAt = -1;
  readonly #clockRate: number;
  /** Of the last packet, all in units of the clock rate and 32 bits with a sign: timestamp, and by how much it was behind `now`. */
  #timestamp = 0;
  #transit = 0;
  /** Of interarrival, sixteenfold (RFC 3550 A.8). */
  #jitter = 0;
  readonly ssrc: number;
  /** Extended sequence number, as is `highest`. */
  #base = -1;
  #expectedBefore = 0;
  #receivedBefore = 0;
  /** Of sequences that ended with a restart of the source. */
  #lostBefore = 0;
  #receivedEarlier = 0;

  /** `clockRate` is that of the RTP timestamps, in Hz. */
  constructor(ssrc: number, clockRate: number) {
    this.ssrc = ssrc;
    this.#clockRate = clockRate;
  }

  /** Packets, duplicates and late ones included. */
  get received(): number {
    return this.#receivedEarlier + this.#received;
  }

  /** Packets that should have come by now less those that did; may be negative (duplicates). */
  get lost(): number {
    return this.#lostBefore + this.#expected - this.#received;
  }

  /** Interarrival jitter in milliseconds. */
  get jitterMs(): number {
    return (this.#jitter / 16 / this.#clockRate) * 1000;
  }

  /** Highest sequence number received, extended by cycles; 0 before the first packet. */
  get highestSequence(): number {
    return Math.max(0, this.#highest) % 2 ** 32;
  }

  /** Counts a packet that arrived at `now`. */
  receive(header: Pick<RtpHeader, 'sequence' | 'timestamp'>, now: number): void {
    if (!this.#updateSequence(header.sequence)) return;
    this.#received++;
    this.#updateJitter(header.timestamp | 0, now);
  }

  /**
   * A report block; the loss fraction covers the time since the previous call. `lastSenderReport` and its delay stand as RTCP
   * carries them, 0 when no sender report has come.
   */
  report(lastSenderReport: number, delaySinceLastSenderReport: number): ReportBlock {
    const expected = this.#expected;
    const expectedNow = expected - this.#expectedBefore;
    const lostNow = expectedNow - (this.#received - this.#receivedBefore);
    this.#expectedBefore = expected;
    this.#receivedBefore = this.#received;
    return {
      ssrc: this.ssrc,
      fractionLost: expectedNow <= 0 || lostNow <= 0 ? 0 : Math.min(255, Math.floor((lostNow * 256) / expectedNow)),
      cumulativeLost: Math.max(-maxCumulativeLost - 1, Math.min(maxCumulativeLost, this.lost)),
      highestSequence: this.highestSequence,
      jitter: this.#jitter >> 4,
      lastSenderReport,
      delaySinceLastSenderReport,
    };
  }

  get #expected(): number {
    return this.#highest < 0 ? 0 : this.#highest - this.#base + 1;
  }

  /** RFC 3550 A.1: false for the first packet of a jump, which counts only if the next one follows it. */
  #updateSequence(sequence: number): boolean {
    const ahead = (sequence - this.#highest) & (cycle - 1);
    if (this.#highest < 0) this.#restart(sequence);
    else if (ahead < maxDropout) this.#highest += ahead;
    else if (ahead <= cycle - maxMisorder) {
      if (sequence !== this.#restartAt) {
        this.#restartAt = (sequence + 1) % cycle;
        return false;
      }
      this.#restart(sequence);
    }
    if (this.#restartAt >= 0) this.#restartAt = -1;
    return true;
  }

  #restart(sequence: number): void {
    this.#lostBefore = this.lost;
    this.#receivedEarlier = this.received;
    this.#base = sequence;
    this.#highest = sequence;
    this.#received = 0;
    this.#expectedBefore = 0;
    this.#receivedBefore = 0;
  }

  /** RFC 3550 A.8. Packets of one timestamp, such as those of a telephone event, say nothing about the network's delay. */
  #updateJitter(timestamp: number, now: number): void {
    if (timestamp === this.#timestamp && this.#received > 1) return;
    const transit = ((now * this.#clockRate) / 1000 - timestamp) | 0;
    const change = (transit - this.#transit) | 0;
    if (this.#received > 1) this.#jitter += Math.min(Math.abs(change), maxTransitChange) - ((this.#jitter + 8) >> 4);
    this.#transit = transit;
    this.#timestamp = timestamp;
  }
}
