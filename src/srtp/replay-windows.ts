/**
 * Which packet indexes were seen (RFC 3711 3.3.2), one window per record. Also serves plain RTP, where the index is the extended
 * sequence number.
 */

import type { RecordNumber, Records } from '../base/records.ts';

/** An index this far below the highest, or further, is too old to be told from a replay. */
export const replayWindowSize = 64;

/** What a window takes of its record. */
export const replayWindowWords = 4;
// Of the highest index: roll-overs (32 bits) and sequence number, the latter with one added, so that zeros are an unused window.
const rollOvers = 0;
const sequence = 1;
/** Bit n: whether the index n below the highest was seen; then the same for n + 32. */
const recent = 2;
const earlier = 3;

export class ReplayWindows {
  readonly #records: Records;
  readonly #first: number;

  /** The windows begin with word `first` of their records. */
  constructor(records: Records, first: number) {
    this.#records = records;
    this.#first = first;
  }

  /** Forgets everything. */
  clear(window: RecordNumber): void {
    const at = this.#at(window);
    this.#records.words.fill(0, at, at + replayWindowWords);
  }

  /** The highest committed index, -1 before the first. */
  highest(window: RecordNumber): number {
    const { words } = this.#records;
    const at = this.#at(window);
    return ((words[at + rollOvers] as number) >>> 0) * 0x10000 + (words[at + sequence] as number) - 1;
  }

  /** Whether `index` (0 .. 2^48-1) was neither committed before nor is too old to know. */
  isFresh(window: RecordNumber, index: number): boolean {
    const behind = this.highest(window) - index;
    if (behind < 0) return true;
    if (behind >= replayWindowSize) return false;
    const { words } = this.#records;
    const at = this.#at(window);
    const seen = behind < 32 ? (words[at + recent] as number) >> behind : (words[at + earlier] as number) >> (behind - 32);
    return (seen & 1) === 0;
  }

  /** Marks a fresh index as seen; only after its packet has been authenticated. */
  commit(window: RecordNumber, index: number): void {
    const { words } = this.#records;
    const at = this.#at(window);
    const ahead = index - this.highest(window);
    if (ahead > 0) {
      moveOn(words, at, ahead);
      words[at + rollOvers] = index / 0x10000;
      words[at + sequence] = (index & 0xffff) + 1;
    } else if (ahead > -32) words[at + recent] = (words[at + recent] as number) | (1 << -ahead);
    else words[at + earlier] = (words[at + earlier] as number) | (1 << (-ahead - 32));
  }

  #at(window: RecordNumber): number {
    return this.#records.at(window) + this.#first;
  }
}

function moveOn(words: Int32Array, at: number, by: number): void {
  const before = words[at + recent] as number;
  if (by < 32) {
    words[at + earlier] = ((words[at + earlier] as number) << by) | (before >>> (32 - by));
    words[at + recent] = (before << by) | 1;
  } else {
    words[at + earlier] = by < replayWindowSize ? before << (by - 32) : 0;
    words[at + recent] = 1;
  }
}

/**
 * The 48-bit index of a packet with `sequence`, when `highest` is the highest index known (-1: none, the roll-over counter
 * starts at 0): the one nearest to it (RFC 3711 3.3.1, appendix A). Negative when it would lie before the first roll-over.
 */
export function estimateIndex(highest: number, sequence: number): number {
  if (highest < 0) return sequence;
  const index = highest - (highest % 0x10000) + sequence;
  if (index > highest + 0x8000) return index - 0x10000;
  if (index < highest - 0x8000) return index + 0x10000;
  return index;
}
