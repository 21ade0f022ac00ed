/** What was received from one SSRC (RFC 3550 6.4.1, A.1, A.3, A.8), one source per record: the content of a report block. */

import type { RecordNumber, Records } from '../base/records.ts';
import type { RtpHeader } from './header.ts';
import type { ReportBlock } from './rtcp.ts';

// RFC 3550 A.1. Its probation is left out: a source is accepted, by key or by address, before it is counted.
const maxDropout = 3000;
const maxMisorder = 100;

const cycle = 0x10000;
const maxCumulativeLost = 0x7fffff;
/** In units of the clock rate, twenty minutes or more: that is no jitter, and sixteen times this has 31 bits. */
const maxTransitChange = 1 << 26;

// Words of a record.
const clockRate = 0;
/** Extended sequence numbers: the first, and the highest. */
const base = 1;
const highest = 2;
/** Packets since the source began, or began anew. */
const received = 3;
/** The sequence number that confirms a restart of the source, with one added; 0 for none. */
const restartAt = 4;
/** Of the last packet, in units of the clock rate, 32 bits with a sign: its timestamp, and by how much it was behind `now`. */
const timestamp = 5;
const transit = 6;
/** Of interarrival, sixteenfold (RFC 3550 A.8). */
const jitter = 7;
const ssrc = 8;
/** At the last report. */
const expectedBefore = 9;
const receivedBefore = 10;
/** Of sequences that ended with a restart of the source. */
const lostBefore = 11;
const receivedEarlier = 12;
/** What a reception takes of its record. */
export const receptionWords = 13;

export class Receptions {
  readonly #records: Records;
  readonly #first: number;

  /** The receptions begin with word `first` of their records. */
  constructor(records: Records, first: number) {
    this.#records = records;
    this.#first = first;
  }

  /** A source of 32 bits; `hz` is the clock rate of its RTP timestamps. */
  begin(record: RecordNumber, source: number, hz: number): void {
    const { words } = this.#records;
    const at = this.#at(record);
    words.fill(0, at, at + receptionWords);
    words[at + ssrc] = source;
    words[at + clockRate] = hz;
  }

  /** The source, or null before the first. */
  ssrc(record: RecordNumber): number | null {
    return this.clockRate(record) === 0 ? null : this.#read(record, ssrc) >>> 0;
  }

  /** Hz; 0 before the first source. */
  clockRate(record: RecordNumber): number {
    return this.#read(record, clockRate);
  }

  /** Packets, duplicates and late ones included. */
  received(record: RecordNumber): number {
    return this.#read(record, receivedEarlier) + this.#read(record, received);
  }

  /** Packets that should have come by now less those that did; may be negative (duplicates). */
  lost(record: RecordNumber): number {
    return this.#read(record, lostBefore) + this.#expected(record) - this.#read(record, received);
  }

  /** Interarrival jitter in milliseconds. */
  jitterMs(record: RecordNumber): number {
    const hz = this.clockRate(record);
    return hz === 0 ? 0 : (this.#read(record, jitter) / 16 / hz) * 1000;
  }

  /** Highest sequence number received, extended by cycles; 0 before the first packet. */
  highestSequence(record: RecordNumber): number {
    return this.#read(record, highest) >>> 0;
  }

  /** Counts a packet that arrived at `now`. */
  receive(record: RecordNumber, header: Pick<RtpHeader, 'sequence' | 'timestamp'>, now: number): void {
    const { words } = this.#records;
    const at = this.#at(record);
    if (!this.#updateSequence(words, at, header.sequence)) return;
    words[at + received] = (words[at + received] as number) + 1;
    updateJitter(words, at, header.timestamp | 0, now);
  }

  /**
   * A report block; the loss fraction covers the time since the previous call. `lastSenderReport` and its delay stand as RTCP
   * carries them, 0 when no sender report has come.
   */
  report(record: RecordNumber, lastSenderReport: number, delaySinceLastSenderReport: number): ReportBlock {
    const { words } = this.#records;
    const at = this.#at(record);
    const expected = this.#expected(record);
    const expectedNow = expected - (words[at + expectedBefore] as number);
    const lostNow = expectedNow - ((words[at + received] as number) - (words[at + receivedBefore] as number));
    words[at + expectedBefore] = expected;
    words[at + receivedBefore] = words[at + received] as number;
    return {
      ssrc: (words[at + ssrc] as number) >>> 0,
      fractionLost: expectedNow <= 0 || lostNow <= 0 ? 0 : Math.min(255, Math.floor((lostNow * 256) / expectedNow)),
      cumulativeLost: Math.max(-maxCumulativeLost - 1, Math.min(maxCumulativeLost, this.lost(record))),
      highestSequence: this.highestSequence(record),
      jitter: (words[at + jitter] as number) >> 4,
      lastSenderReport,
      delaySinceLastSenderReport,
    };
  }

  #expected(record: RecordNumber): number {
    if (this.#read(record, received) === 0) return 0;
    return ((this.#read(record, highest) - this.#read(record, base)) | 0) + 1;
  }

  /** RFC 3550 A.1: false for the first packet of a jump, which counts only if the next one follows it. */
  #updateSequence(words: Int32Array, at: number, sequence: number): boolean {
    const ahead = (sequence - (words[at + highest] as number)) & (cycle - 1);
    if (words[at + received] === 0) this.#restart(words, at, sequence);
    else if (ahead < maxDropout) words[at + highest] = (words[at + highest] as number) + ahead;
    else if (ahead <= cycle - maxMisorder) {
      if (sequence + 1 !== words[at + restartAt]) {
        words[at + restartAt] = ((sequence + 1) % cycle) + 1;
        return false;
      }
      this.#restart(words, at, sequence);
    }
    if (words[at + restartAt] !== 0) words[at + restartAt] = 0;
    return true;
  }

  #restart(words: Int32Array, at: number, sequence: number): void {
    const before = words[at + received] as number;
    if (before > 0) {
      const expected = (((words[at + highest] as number) - (words[at + base] as number)) | 0) + 1;
      words[at + lostBefore] = (words[at + lostBefore] as number) + expected - before;
      words[at + receivedEarlier] = (words[at + receivedEarlier] as number) + before;
    }
    words[at + base] = sequence;
    words[at + highest] = sequence;
    words[at + received] = 0;
    words[at + expectedBefore] = 0;
    words[at + receivedBefore] = 0;
  }

  #read(record: RecordNumber, word: number): number {
    return this.#records.get(record, this.#first + word);
  }

  #at(record: RecordNumber): number {
    return this.#records.at(record) + this.#first;
  }
}

/** RFC 3550 A.8. Packets of one timestamp, such as those of a telephone event, say nothing about the network's delay. */
function updateJitter(words: Int32Array, at: number, stamp: number, now: number): void {
  const isFirst = words[at + received] === 1;
  if (stamp === words[at + timestamp] && !isFirst) return;
  const behind = ((now * (words[at + clockRate] as number)) / 1000 - stamp) | 0;
  const change = (behind - (words[at + transit] as number)) | 0;
  const before = words[at + jitter] as number;
  if (!isFirst) words[at + jitter] = before + Math.min(Math.abs(change), maxTransitChange) - ((before + 8) >> 4);
  words[at + transit] = behind;
  words[at + timestamp] = stamp;
}
