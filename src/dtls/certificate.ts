/** The self-signed certificate of this process (RFC 8827 6.5) and the fingerprints of anybody's (RFC 8122). */

import { createHash, generateKeyPairSync, sign } from 'node:crypto';
import type { Random } from '../base/random.ts';
import { bitString, context, integer, objectIdentifier, sequence, set, time, utf8String } from './der.ts';

/** Plain values: it travels to the relay threads as it is. */
export interface Certificate {
  readonly certDer: Uint8Array;
  /** ECPrivateKey (RFC 5915) on P-256. */
  readonly keyDer: Uint8Array;
  readonly fingerprint: CertificateFingerprint;
}

/** RFC 8122: `algorithm` in lower case ("sha-256"), `value` as upper-case hex with colons. */
export interface CertificateFingerprint {
  readonly algorithm: string;
  readonly value: string;
}

const dayMs = 86_400_000;
/** Peers check the fingerprint and not the dates; a process must not outlive them all the same. */
const validDays = 3650;

const ecdsaWithSha256 = sequence(objectIdentifier(0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02));
const commonName = objectIdentifier(0x55, 0x04, 0x03);
const version3 = context(0, integer(Uint8Array.of(2)));

/** A fresh P-256 key and its certificate, valid from a day before `wallTimeMs` (milliseconds since 1970) for ten years. */
export function createCertificate(random: Random, wallTimeMs: number, name = 'offhook'): Certificate {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
  const subject = sequence(set(sequence(commonName, utf8String(name))));
  const serial = random.bytes(16);
  serial[0] = ((serial[0] as number) & 0x7f) | 0x40;
  const toBeSigned = sequence(
    version3,
    integer(serial),
    ecdsaWithSha256,
    subject,
    sequence(time(wallTimeMs - dayMs), time(wallTimeMs + validDays * dayMs)),
    subject,
    publicKey.export({ type: 'spki', format: 'der' }),
  );
  const certDer = sequence(toBeSigned, ecdsaWithSha256, bitString(sign('sha256', toBeSigned, privateKey)));
  const keyDer = privateKey.export({ type: 'sec1', format: 'der' });
  const value = fingerprintOf(certDer, 'sha-256') as string;
  return { certDer, keyDer, fingerprint: { algorithm: 'sha-256', value } };
}

/** Hash functions of RFC 8122 5 that are still worth accepting, the most preferred first. */
const hashes: ReadonlyMap<string, string> = new Map([
  ['sha-512', 'sha512'],
  ['sha-384', 'sha384'],
  ['sha-256', 'sha256'],
  ['sha-1', 'sha1'],
]);

/** The certificate's hash as a fingerprint value, or undefined for a hash function that is not known here. */
export function fingerprintOf(certDer: Uint8Array, algorithm: string): string | undefined {
  const hash = hashes.get(algorithm.toLowerCase());
  if (hash === undefined) return undefined;
  const digest = createHash(hash).update(certDer).digest('hex').toUpperCase();
  return digest.replaceAll(/(..)(?!$)/g, '$1:');
}

/** Of several fingerprints those with the best hash function count, and one of them must match (RFC 8122 5). */
export function matchesFingerprint(certDer: Uint8Array, fingerprints: readonly CertificateFingerprint[]): boolean {
  for (const algorithm of hashes.keys()) {
    const best = fingerprints.filter((fingerprint) => fingerprint.algorithm.toLowerCase() === algorithm);
    if (best.length === 0) continue;
    const value = fingerprintOf(certDer, algorithm);
    return best.some((fingerprint) => fingerprint.value.toUpperCase() === value);
  }
  return false;
}
