/**
 * What each leg sends, as one RTP source for the life of the call: one SSRC, a sequence that only rises, one timestamp line. Sources
 * come and go behind it. A source keeps one offset as long as it lasts (out = in + offset), so that its losses and reordering stay
 * visible to the receiver; where another takes over, the line is spliced: next sequence number, timestamp moved on by the time that
 * passed, marker set. One line per record.
 */

import type { Random } from '../base/random.ts';
import { noRecord, type RecordNumber, type Records } from '../base/records.ts';
import type { RtpHeader } from '../rtp/header.ts';

/** RFC 3550 A.1, MAX_DROPOUT: a greater jump is a source that began anew. */
const maxDropout = 3000;
/** RFC 3550 A.1, MAX_MISORDER: what comes later than this is a source that began anew. */
const maxMisorder = 100;

/** Until the first packet says better. */
const initialClockRate = 8000;
/** Indexes are counted back by so much, whole roll-overs, before they outgrow their word. */
const indexStep = 1 << 30;

const nobody = noRecord;

// Words of a record.
const ssrc = 0;
/** Where the packets come from now: a number, and their SSRC. */
const source = 1;
const sourceSsrc = 2;
const clockRate = 3;
/** 1: packets of our own came in between, and the source goes on behind them. */
const inserted = 4;
const sequenceOffset = 5;
const timestampOffset = 6;
/** Highest index in use: the sequence number with its roll-overs. */
const highest = 7;
/** Indexes up to here were there before the present source, or may have been: none of them is used twice (RFC 3711 9.1). */
const floor = 8;
/** The audio packet with the highest index: its timestamp, and when it was placed, in whole milliseconds. */
const lastTimestamp = 9;
const lastAt = 10;
/** 1: the time of `lastAt` means something. */
const begun = 11;
/** What a line takes of its record. */
export const lineWords = 12;

export class Lines {
  readonly #records: Records;
  readonly #first: number;

  /** The lines begin with word `first` of their records. */
  constructor(records: Records, first: number) {
    this.#records = records;
    this.#first = first;
  }

  begin(line: RecordNumber, random: Random): void {
    const { words } = this.#records;
    const at = this.#at(line);
    words.fill(0, at, at + lineWords);
    words[at + ssrc] = random.uint32();
    // Below 2^15: loss of the first packets cannot hide a roll-over from the receiver's SRTP (RFC 3711 3.3.1).
    words[at + highest] = (random.uint32() & 0x7fff) - 1;
    words[at + floor] = words[at + highest] as number;
    words[at + lastTimestamp] = random.uint32();
    words[at + clockRate] = initialClockRate;
    words[at + source] = nobody;
  }

  ssrc(line: RecordNumber): number {
    return this.#records.get(line, this.#first + ssrc) >>> 0;
  }

  /** Hz of the timestamps, as the audio in the line has them. */
  clockRate(line: RecordNumber): number {
    return this.#records.get(line, this.#first + clockRate);
  }

  /** The next packet is spliced in, wherever it comes from: something was held back before it. */
  interrupt(line: RecordNumber): void {
    this.#records.set(line, this.#first + source, nobody);
  }

  /**
   * Gives an audio packet of `from` (names where it comes from; with the SSRC it names the RTP source) its place: SSRC, sequence
   * number, timestamp and marker of `header` become the line's. False if it has none any more: it belongs before the last splice.
   */
  follow(line: RecordNumber, from: RecordNumber, header: RtpHeader, hz: number, now: number): boolean {
    const { words } = this.#records;
    const at = this.#at(line);
    const before = words[at + highest] as number;
    if (!put(words, at, from, header, hz, now)) return false;
    if ((words[at + highest] as number) !== before) {
      words[at + lastTimestamp] = header.timestamp;
      words[at + lastAt] = now;
      words[at + begun] = 1;
    }
    return true;
  }

  /**
   * The same for a telephone-event packet. It shares SSRC, sequence numbers and timestamps with the audio of its source (RFC 4733
   * 2.2), but its timestamp stands still during the event, so the line does not take its time from it.
   */
  followEvent(line: RecordNumber, from: RecordNumber, header: RtpHeader, now: number): boolean {
    return put(this.#records.words, this.#at(line), from, header, this.clockRate(line), now);
  }

  /** The next sequence number, for a packet of our own. */
  insert(line: RecordNumber): number {
    const { words } = this.#records;
    const at = this.#at(line);
    words[at + inserted] = 1;
    advance(words, at, (words[at + highest] as number) + 1);
    words[at + floor] = words[at + highest] as number;
    return (words[at + highest] as number) & 0xffff;
  }

  /** Where the timestamps have come to at `now`. */
  timestampAt(line: RecordNumber, now: number): number {
    return timestampAt(this.#records.words, this.#at(line), now) >>> 0;
  }

  #at(line: RecordNumber): number {
    return this.#records.at(line) + this.#first;
  }
}

function put(words: Int32Array, at: number, from: RecordNumber, header: RtpHeader, hz: number, now: number): boolean {
  const { sequence } = header;
  const known = from === words[at + source] && (header.ssrc | 0) === words[at + sourceSsrc] && hz === words[at + clockRate];
  if (known && words[at + inserted] !== 0) continueWith(words, at, sequence);
  let ahead = known ? aheadOf(words, at, sequence) : 0;
  const spliced = !known || ahead > maxDropout || ahead < -maxMisorder;
  if (spliced) {
    splice(words, at, from, header, hz, now);
    ahead = 1;
  }
  const index = (words[at + highest] as number) + ahead;
  if (index <= (words[at + floor] as number)) return false;
  if (ahead > 0) advance(words, at, index);
  header.sequence = (sequence + (words[at + sequenceOffset] as number)) & 0xffff;
  header.timestamp = (header.timestamp + (words[at + timestampOffset] as number)) >>> 0;
  header.marker = header.marker || spliced;
  header.ssrc = (words[at + ssrc] as number) >>> 0;
  return true;
}

/** How far a packet's place lies ahead of the highest in use; negative for one that is late. */
function aheadOf(words: Int32Array, at: number, sequence: number): number {
  return ((sequence + (words[at + sequenceOffset] as number) - (words[at + highest] as number)) << 16) >> 16;
}

function advance(words: Int32Array, at: number, index: number): void {
  const back = index < indexStep ? 0 : indexStep;
  words[at + highest] = index - back;
  if (back > 0) words[at + floor] = Math.max((words[at + floor] as number) - back, -back);
}

function splice(words: Int32Array, at: number, from: RecordNumber, header: RtpHeader, hz: number, now: number): void {
  words[at + source] = from;
  words[at + sourceSsrc] = header.ssrc;
  words[at + clockRate] = hz;
  continueWith(words, at, header.sequence);
  const due = timestampAt(words, at, now);
  const next = due === words[at + lastTimestamp] ? due + 1 : due;
  words[at + timestampOffset] = next - header.timestamp;
}

function continueWith(words: Int32Array, at: number, sequence: number): void {
  words[at + inserted] = 0;
  words[at + floor] = words[at + highest] as number;
  words[at + sequenceOffset] = ((words[at + highest] as number) + 1 - sequence) & 0xffff;
}

/** With a sign. */
function timestampAt(words: Int32Array, at: number, now: number): number {
  if (words[at + begun] === 0) {
    words[at + begun] = 1;
    words[at + lastAt] = now;
  }
  const elapsedMs = ((now | 0) - (words[at + lastAt] as number)) | 0;
  return ((words[at + lastTimestamp] as number) + Math.round((elapsedMs * (words[at + clockRate] as number)) / 1000)) | 0;
}
