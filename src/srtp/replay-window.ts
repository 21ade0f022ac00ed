/**
 * Which packet indexes were seen (RFC 3711 3.3.2). Also serves plain RTP, where the index is the extended sequence number. The bits
 * are fields, not an array: each object that a packet makes the processor fetch costs as much as hundreds of instructions.
 */

/** An index this far below the highest, or further, is too old to be told from a replay. */
export const replayWindowSize = 64;

export class ReplayWindow {
  #highest = -1;
  /** Bit n: whether the index n below the highest was seen; then the same for n + 32. */
  #recent = 0;
  #earlier = 0;

  /** The highest committed index, -1 before the first. */
  get highest(): number {
    return this.#highest;
  }

  /** Whether `index` (0 .. 2^48-1) was neither committed before nor is too old to know. */
  isFresh(index: number): boolean {
    const behind = this.#highest - index;
    if (behind < 0) return true;
    if (behind >= replayWindowSize) return false;
    return ((behind < 32 ? this.#recent >> behind : this.#earlier >> (behind - 32)) & 1) === 0;
  }

  /** Marks a fresh index as seen; only after its packet has been authenticated. */
  commit(index: number): void {
    const ahead = index - this.#highest;
    if (ahead > 0) {
      this.#moveOn(ahead);
      this.#highest = index;
    } else if (ahead > -32) this.#recent |= 1 << -ahead;
    else this.#earlier |= 1 << (-ahead - 32);
  }

  #moveOn(by: number): void {
    if (by < 32) {
      this.#earlier = (this.#earlier << by) | (this.#recent >>> (32 - by));
      this.#recent = (this.#recent << by) | 1;
    } else {
      this.#earlier = by < replayWindowSize ? this.#recent << (by - 32) : 0;
      this.#recent = 1;
    }
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
