/** Randomness as a parameter: the same seed gives the same bytes, so flow tests replay exactly. */

import { randomBytes } from 'node:crypto';

export interface Random {
  bytes(length: number): Uint8Array;
  /** 0 .. 2^32-1 */
  uint32(): number;
  /** `length` characters of [0-9a-z]: about 5 bits each. */
  token(length: number): string;
}

const alphabet = '0123456789abcdefghijklmnopqrstuv';

function tokenOf(bytes: Uint8Array): string {
  let token = '';
  for (const byte of bytes) token += alphabet[byte & 31];
  return token;
}

function word(bytes: Uint8Array): number {
  return new DataView(bytes.buffer, bytes.byteOffset, 4).getUint32(0);
}

export const systemRandom: Random = {
  bytes: (length) => randomBytes(length),
  uint32: () => word(randomBytes(4)),
  token: (length) => tokenOf(randomBytes(length)),
};

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
