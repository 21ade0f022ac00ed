/**
 * Octets that are kept for long and seldom looked at, as a string with one character for each. A small buffer would take 0.3 kB besides
 * what is in it, and leave the memory of C, from which it comes, in pieces.
 */

export type Octets = string;

/** A copy. */
export function keepOctets(bytes: Uint8Array): Octets {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1');
}

export function readOctets(kept: Octets): Uint8Array {
  return Buffer.from(kept, 'latin1');
}
