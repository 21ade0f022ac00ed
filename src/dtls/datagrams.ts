/** DTLS records on their way into datagrams (RFC 6347 4.1). */

import { readU16 } from '../base/bytes.ts';

export const recordHeaderLength = 13;

/** Content types of a record. */
export const contentType = { changeCipherSpec: 20, alert: 21, handshake: 22, applicationData: 23 } as const;

/** Splits joined records at their borders into datagrams of at most `mtu` bytes; a single longer record stays whole. */
export function splitDatagrams(records: Uint8Array, mtu: number): Uint8Array[] {
  const datagrams: Uint8Array[] = [];
  let start = 0;
  let end = 0;
  while (end < records.length) {
    const next = recordEnd(records, end);
    if (next - start > mtu && end > start) {
      datagrams.push(records.subarray(start, end));
      start = end;
    }
    end = next;
  }
  if (end > start) datagrams.push(records.subarray(start, end));
  return datagrams;
}

/** Where the record that begins at `offset` ends; the end of the bytes if they are fewer. */
export function recordEnd(bytes: Uint8Array, offset: number): number {
  if (offset + recordHeaderLength > bytes.length) return bytes.length;
  return Math.min(bytes.length, offset + recordHeaderLength + readU16(bytes, offset + 11));
}
