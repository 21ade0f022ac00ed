/** Randomness as a parameter: the same seed gives the same bytes, so flow tests replay exactly. */

import { randomBytes } from 'node:crypto';
import { readU32, writeU32 } from './bytes.ts';

export interface Random {
  bytes(length: number): Uint8Array;
  /** 0 .. 2^32-1 */
  uint32(): number;
  /** `length` characters of [0-9a-z]: about 5 bits each. */
  token(length: number): string;
}

const alphabet = Buffer.from('0123456789abcdefghijklmnopqrstuv');

/** Made at once: letter by letter it would be a chain of strings, ten times as large. */
function tokenOf(bytes: Uint8Array): string {
  const letters = Buffer.from(bytes);
  for (let at = 0; at < letters.length; at++) letters[at] = alphabet[(letters[at] ?? 0) & 31] ?? 0;
  return letters.toString('latin1');
}

/** Of one draw from the system, which costs as much for a few bytes as for some hundred. */
const poolLength = 2048;

class PooledRandom implements Random {
  #pool = new Uint8Array(0);
  #used = 0;

  bytes(length: number): Uint8Array {
    if (length > poolLength) return randomBytes(length);
    const start = this.#draw(length);
    const bytes = this.#pool.slice(start, this.#used);
    // What was handed out may be a secret of whoever asked.
    this.#pool.fill(0, start, this.#used);
    return bytes;
  }

  uint32(): number {
    const start = this.#draw(4);
    const word = readU32(this.#pool, start);
    writeU32(this.#pool, start, 0);
    return word;
  }

  token(length: number): string {
    return tokenOf(this.bytes(length));
  }

  /** Where the next `length` bytes of the pool begin. */
  #draw(length: number): number {
    if (this.#used + length > this.#pool.length) {
      this.#pool = new Uint8Array(randomBytes(poolLength));
      this.#used = 0;
    }
    const start = this.#used;
    this.#used += length;
    return start;
  }
}

export const systemRandom: Random = new PooledRandom();

/** Deterministic (xorshift32); for tests and simulations, never for secrets. */
export function seededRandom(seed: number): Random {
  let state = seed | 0 || 0x9e3779b9;
  const next = (): number => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return state >>> 0;
  };
  const bytes = (length: number): Uint8Array => Uint8Array.from({ length }, () => next() >>> 24);
  return { bytes, uint32: next, token: (length) => tokenOf(bytes(length)) };
}
