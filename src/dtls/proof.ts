/** What makes a handshake trustworthy (RFC 5246 7.4.3, 7.4.8, 7.4.9): the peer signed with its certificate's key, and saw the same messages. */

import { createHash, createHmac, type KeyObject, timingSafeEqual, verify, X509Certificate } from 'node:crypto';
import type { Signed } from './handshake-messages.ts';

/** The schemes that werift offers, and the key that each goes with. */
const schemes: ReadonlyMap<number, string> = new Map([
  [0x0401, 'rsa'],
  [0x0403, 'ec'],
]);

/** Whether the owner of the certificate's key signed `data`. Anything that cannot be read counts as no. */
export function isSignedBy(certificateDer: Uint8Array, signed: Signed, ...data: readonly Uint8Array[]): boolean {
  try {
    const key = publicKeyOf(certificateDer);
    return key.asymmetricKeyType === schemes.get(signed.scheme) && verify('sha256', Buffer.concat(data), key, signed.signature);
  } catch {
    return false;
  }
}

function publicKeyOf(certificateDer: Uint8Array): KeyObject {
  return new X509Certificate(certificateDer).publicKey;
}

/** verify_data of a Finished, for the suites whose PRF is on SHA-256. */
export function finishedData(masterSecret: Uint8Array, sender: 'client' | 'server', transcript: Uint8Array): Uint8Array {
  const seed = createHash('sha256').update(transcript).digest();
  return prf(masterSecret, `${sender} finished`, seed, 12);
}

export function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && timingSafeEqual(a, b);
}

/** RFC 5246 5 */
export function prf(secret: Uint8Array, label: string, seed: Uint8Array, length: number): Uint8Array {
  const labelled = Buffer.concat([Buffer.from(label), seed]);
  const hmac = (...parts: readonly Uint8Array[]): Buffer => createHmac('sha256', secret).update(Buffer.concat(parts)).digest();
  const output: Buffer[] = [];
  for (let a = hmac(labelled), have = 0; have < length; a = hmac(a), have += a.length) output.push(hmac(a, labelled));
  return Buffer.concat(output, length);
}
