/**
 * Which packet indexes were seen (RFC 3711 3.3.2), as a ring of bit blocks (RFC 6479): moving on clears whole blocks and shifts
 * nothing. Also serves plain RTP, where the index is the extended sequence number.
 */

const blocks = 4;

/** An index this far below the highest, or further, is too old to be told from a replay. */
export const replayWindowSize = (blocks - 1) * 32;

export class ReplayWindow {
  readonly #seen = new Uint32Array(blocks);
  #highest = -1;

  /** The highest committed index, -1 before the first. */
  get highest(): number {
    return this.#highest;
  }

  /** Whether `index` (0 .. 2^48-1) was neither committed before nor is too old to know. */
  isFresh(index: number): boolean {
    if (index > this.#highest) return true;
    if (index <= this.#highest - replayWindowSize) return false;
    return ((this.#seen[blockOf(index) % blocks] as number) & (1 << (index & 31))) === 0;
  }

  /** Marks a fresh index as seen; only after its packet has been authenticated. */
  commit(index: number): void {
    const block = blockOf(index);
    if (index > this.#highest) {
      const last = blockOf(this.#highest);
      for (let passed = Math.max(last, block - blocks) + 1; passed <= block; passed++) this.#seen[passed % blocks] = 0;
      this.#highest = index;
    }
    const at = block % blocks;
    this.#seen[at] = (this.#seen[at] as number) | (1 << (index & 31));
  }
}

function blockOf(index: number): number {
  return Math.floor(index / 32);
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
