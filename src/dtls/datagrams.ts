/** DTLS records on their way into datagrams (RFC 6347 4.1). */

import { ByteWriter, readU16 } from '../base/bytes.ts';

export const recordHeaderLength = 13;

/** Content types of a record. */
export const contentType = { changeCipherSpec: 20, alert: 21, handshake: 22, applicationData: 23 } as const;

const version12 = 0xfefd;

export function writeRecord(type: number, epoch: number, sequence: number, content: Uint8Array): Uint8Array {
  const writer = new ByteWriter(recordHeaderLength + content.length);
  return writer.u8(type).u16(version12).u16(epoch).u16(0).u32(sequence).u16(content.length).raw(content).view();
}

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

/** An explicit nonce and a tag (RFC 5288 3): every suite offered here is AES-GCM. */
const shortestSealed = 24;

/**
 * Whether a datagram is made of whole records such as a DTLS 1.2 peer sends. OpenSSL takes a sealed record that is too short to
 * be one for an error of its own, and ends the association; no unauthenticated datagram may do that.
 */
export function isPlausible(datagram: Uint8Array): boolean {
  let at = 0;
  while (at + recordHeaderLength <= datagram.length) {
    const end = at + recordHeaderLength + readU16(datagram, at + 11);
    const epoch = readU16(datagram, at + 3);
    const sealedTooShort = epoch > 0 && end - at < recordHeaderLength + shortestSealed;
    if (!isDtls(datagram, at) || epoch > 1 || sealedTooShort || end > datagram.length) return false;
    at = end;
  }
  return at === datagram.length && at > 0;
}

/** Whether a plausible datagram has a handshake record of epoch 1, which is a Finished: nothing else of a handshake is sealed. */
export function holdsSealedHandshake(datagram: Uint8Array): boolean {
  for (let at = 0; at < datagram.length; at = recordEnd(datagram, at)) {
    if (datagram[at] === contentType.handshake && readU16(datagram, at + 3) > 0) return true;
  }
  return false;
}

/** Content type and the major version of DTLS, which 1.0 and 1.2 share. */
function isDtls(bytes: Uint8Array, at: number): boolean {
  const type = bytes[at] as number;
  return type >= contentType.changeCipherSpec && type <= contentType.applicationData && bytes[at + 1] === 0xfe;
}

/** Where the record that begins at `offset` ends; the end of the bytes if they are fewer. */
export function recordEnd(bytes: Uint8Array, offset: number): number {
  if (offset + recordHeaderLength > bytes.length) return bytes.length;
  return Math.min(bytes.length, offset + recordHeaderLength + readU16(bytes, offset + 11));
}
