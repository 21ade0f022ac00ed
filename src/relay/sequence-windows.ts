/**
 * The replay windows of plain RTP, one per record. Without authentication an old packet may also be a source that began anew with its
 * SSRC kept, so a window is given up, but only after a silence: while packets come in order, nothing out of it is taken.
 */

import type { RecordNumber, Records } from '../base/records.ts';
import type { RtpHeader } from '../rtp/header.ts';
import { estimateIndex, ReplayWindows, replayWindowSize, replayWindowWords } from '../srtp/replay-windows.ts';

/** RFC 3550 A.1, MAX_DROPOUT. */
const maxDropout = 3000;
const silenceMs = 500;

// Words of a record, the window before them.
const ssrc = replayWindowWords;
/** 1 once a packet was accepted. */
const begun = replayWindowWords + 1;
/** Whole milliseconds, 32 bits of them. */
const acceptedAt = replayWindowWords + 2;
/** What a sequence window takes of its record. */
export const sequenceWindowWords = replayWindowWords + 3;

export class SequenceWindows {
  readonly #records: Records;
  readonly #first: number;
  readonly #windows: ReplayWindows;

  /** The windows begin with word `first` of their records. */
  constructor(records: Records, first: number) {
    this.#records = records;
    this.#first = first;
    this.#windows = new ReplayWindows(records, first);
  }

  /** Whether the packet is new; it counts as seen from then on. */
  accept(record: RecordNumber, header: RtpHeader, now: number): boolean {
    const { words } = this.#records;
    const at = this.#at(record);
    if (words[at + begun] === 0 || words[at + ssrc] !== (header.ssrc | 0)) this.#restart(record, header.ssrc);
    let index = this.#indexOf(record, header.sequence);
    const highest = this.#windows.highest(record);
    const outside = highest >= 0 && (index > highest + maxDropout || index <= highest - replayWindowSize);
    if (outside && (((now | 0) - (words[at + acceptedAt] as number)) | 0) > silenceMs) {
      this.#restart(record, header.ssrc);
      index = this.#indexOf(record, header.sequence);
    } else if (outside || !this.#windows.isFresh(record, index)) return false;
    this.#windows.commit(record, index);
    words[at + acceptedAt] = now;
    return true;
  }

  /** Forgets what was seen: the next packets come from elsewhere. */
  clear(record: RecordNumber): void {
    const at = this.#at(record);
    this.#records.words.fill(0, at, at + sequenceWindowWords);
  }

  #restart(record: RecordNumber, source: number): void {
    const { words } = this.#records;
    const at = this.#at(record);
    this.#windows.clear(record);
    words[at + ssrc] = source;
    words[at + begun] = 1;
  }

  /** One roll-over ahead, so that a first packet that overtook others does not put them below zero. */
  #indexOf(record: RecordNumber, sequence: number): number {
    const highest = this.#windows.highest(record);
    return highest < 0 ? 0x10000 + sequence : estimateIndex(highest, sequence);
  }

  #at(record: RecordNumber): number {
    return this.#records.at(record) + this.#first;
  }
}
