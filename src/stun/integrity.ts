/** MESSAGE-INTEGRITY with short-term credentials (RFC 8489 9.1, 14.5) and FINGERPRINT (14.7): written and verified. */

import { timingSafeEqual } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { readU32, writeU16, writeU32 } from '../base/bytes.ts';
import { type HmacSha1, nodeHmacSha1 } from '../base/hmac.ts';
import { type StunMessage, stunAttribute, stunHeaderLength } from './message.ts';

const integrityLength = 24;
const fingerprintLength = 8;
const fingerprintMask = 0x5354554e;

/** Signs a message with a password. */
export type IntegrityKey = (message: Uint8Array) => Uint8Array;

/** The key of an ICE password, whose characters are ASCII and need no SASLprep (RFC 8445 5.3). */
export function integrityKey(password: string, hmacSha1: HmacSha1 = nodeHmacSha1): IntegrityKey {
  const key = Buffer.from(password, 'ascii');
  return (message) => hmacSha1(key, message);
}

/** Whether the message carries a MESSAGE-INTEGRITY made with `key`. Takes the same time wherever a wrong one differs. */
export function verifyIntegrity(message: StunMessage, key: IntegrityKey): boolean {
  const at = message.integrityOffset;
  if (at < 0) return false;
  return timingSafeEqual(sign(message.bytes, at, key), message.bytes.subarray(at + 4, at + integrityLength));
}

/** Whether the message carries a FINGERPRINT, and the right one. */
export function verifyFingerprint(message: StunMessage): boolean {
  const at = message.fingerprintOffset;
  return at >= 0 && readU32(message.bytes, at + 4) === fingerprint(message.bytes.subarray(0, at));
}

/** A copy of a written message with MESSAGE-INTEGRITY at its end. */
export function addIntegrity(bytes: Uint8Array, key: IntegrityKey): Uint8Array {
  const longer = extend(bytes, stunAttribute.messageIntegrity, integrityLength);
  longer.set(sign(longer, bytes.length, key), bytes.length + 4);
  return longer;
}

/** A copy of a written message with FINGERPRINT at its end; nothing may be added after it. */
export function addFingerprint(bytes: Uint8Array): Uint8Array {
  const longer = extend(bytes, stunAttribute.fingerprint, fingerprintLength);
  writeU32(longer, bytes.length + 4, fingerprint(longer.subarray(0, bytes.length)));
  return longer;
}

/** Over everything before the attribute at `at`, with a length field that ends behind that attribute (RFC 8489 14.5). */
function sign(bytes: Uint8Array, at: number, key: IntegrityKey): Uint8Array {
  const covered = bytes.slice(0, at);
  writeU16(covered, 2, at + integrityLength - stunHeaderLength);
  return key(covered);
}

/** FINGERPRINT is the last attribute, so the length field is final. */
function fingerprint(covered: Uint8Array): number {
  return (crc32(covered) ^ fingerprintMask) >>> 0;
}

function extend(bytes: Uint8Array, type: number, attributeLength: number): Uint8Array {
  const longer = new Uint8Array(bytes.length + attributeLength);
  longer.set(bytes);
  writeU16(longer, 2, longer.length - stunHeaderLength);
  writeU16(longer, bytes.length, type);
  writeU16(longer, bytes.length + 2, attributeLength - 4);
  return longer;
}
