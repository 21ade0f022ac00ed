/** A network between two DTLS parties that loses, repeats, delays and swaps datagrams: the same seed, the same fate for each. */

import { readU16, writeU16 } from '../../src/base/bytes.ts';
import { seededRandom } from '../../src/base/random.ts';
import type { Party } from './dtls-party.ts';

export interface Weather {
  readonly seed: number;
  /** Probabilities 0 .. 1 for each datagram. */
  readonly loss?: number;
  readonly duplicates?: number;
  /** A reordered datagram arrives after up to `jitterMs`, the others at once. */
  readonly reordering?: number;
  readonly jitterMs?: number;
  /** Longer datagrams do not come through. */
  readonly mtu?: number;
}

const calm: Required<Weather> = { seed: 1, loss: 0, duplicates: 0, reordering: 0, jitterMs: 20, mtu: 1500 };

export function connect(a: Party, b: Party, weather: Weather = calm): void {
  const conditions = { ...calm, ...weather };
  const random = seededRandom(conditions.seed);
  const chance = (probability: number): boolean => random.uint32() / 2 ** 32 < probability;
  const carry = (to: Party) => (datagram: Uint8Array) => {
    const copy = datagram.slice();
    if (chance(conditions.loss) || copy.length > conditions.mtu) return;
    const copies = chance(conditions.duplicates) ? 2 : 1;
    for (let i = 0; i < copies; i++) {
      if (chance(conditions.reordering)) setTimeout(() => to.receive(copy), conditions.jitterMs * (random.uint32() / 2 ** 32));
      else setImmediate(() => to.receive(copy));
    }
  };
  a.deliver = carry(b);
  b.deliver = carry(a);
}

/** Cuts the one plaintext handshake message in a record into records of at most `size` bytes of it (RFC 6347 4.2.3). */
export function refragment(record: Uint8Array, size: number): Uint8Array[] {
  const header = record.subarray(0, 13);
  const message = record.subarray(13, 25);
  const body = record.subarray(25);
  const records: Uint8Array[] = [];
  for (let at = 0; at < body.length; at += size) {
    const part = body.subarray(at, at + size);
    const bytes = new Uint8Array(25 + part.length);
    bytes.set(header);
    bytes.set(message, 13);
    bytes.set(part, 25);
    writeU16(bytes, 9, readU16(header, 9) * 100 + records.length);
    writeU16(bytes, 11, 12 + part.length);
    writeU16(bytes, 20, at);
    writeU16(bytes, 23, part.length);
    records.push(bytes);
  }
  return records;
}
