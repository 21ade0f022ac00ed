import { createPrivateKey, createPublicKey, X509Certificate } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { seededRandom } from '../../../src/base/random.ts';
import { createCertificate, fingerprintOf, matchesFingerprint } from '../../../src/dtls/certificate.ts';

const now = Date.UTC(2026, 10, 21, 7, 30);
const certificate = createCertificate(seededRandom(1), now);
const parsed = new X509Certificate(certificate.certDer);

describe('the certificate of a process', () => {
  test('is read by OpenSSL, which finds its own signature right', () => {
    expect(parsed.subject).toBe('CN=offhook');
    expect(parsed.issuer).toBe('CN=offhook');
    expect(parsed.verify(parsed.publicKey)).toBe(true);
    expect(parsed.publicKey.asymmetricKeyDetails).toEqual({ namedCurve: 'prime256v1' });
  });

  test('carries the public half of its key', () => {
    const key = createPrivateKey({ key: Buffer.from(certificate.keyDer), format: 'der', type: 'sec1' });
    expect(createPublicKey(key).equals(parsed.publicKey)).toBe(true);
  });

  test('is valid from yesterday for ten years', () => {
    expect(parsed.validFrom).toBe('Nov 20 07:30:00 2026 GMT');
    expect(parsed.validTo).toBe('Nov 18 07:30:00 2036 GMT');
  });

  test('uses GeneralizedTime from 2050 on', () => {
    const late = new X509Certificate(createCertificate(seededRandom(1), Date.UTC(2049, 11, 31)).certDer);
    expect(late.validFrom).toBe('Dec 30 00:00:00 2049 GMT');
    expect(late.validTo).toBe('Dec 29 00:00:00 2059 GMT');
  });

  test('has a positive serial number of 127 bits, another for each process', () => {
    expect(parsed.serialNumber).toMatch(/^[4-7][0-9A-F]{31}$/);
    expect(new X509Certificate(createCertificate(seededRandom(2), now).certDer).serialNumber).not.toBe(parsed.serialNumber);
  });

  test('has the fingerprint that OpenSSL prints', () => {
    expect(certificate.fingerprint).toEqual({ algorithm: 'sha-256', value: parsed.fingerprint256 });
  });

  test('keeps long names whole', () => {
    const name = 'n'.repeat(200);
    expect(new X509Certificate(createCertificate(seededRandom(1), now, name).certDer).subject).toBe(`CN=${name}`);
  });
});

describe('fingerprints', () => {
  const { certDer } = certificate;
  const sha256 = { algorithm: 'sha-256', value: parsed.fingerprint256 };
  const wrong = { algorithm: 'sha-256', value: parsed.fingerprint256.replace(/^../, parsed.fingerprint256.startsWith('00') ? '01' : '00') };

  test('of sha-1 and sha-512 are as OpenSSL prints them, of md5 unknown', () => {
    expect(fingerprintOf(certDer, 'sha-1')).toBe(parsed.fingerprint);
    expect(fingerprintOf(certDer, 'SHA-512')).toBe(parsed.fingerprint512);
    expect(fingerprintOf(certDer, 'md5')).toBeUndefined();
    expect(fingerprintOf(certDer, '__proto__')).toBeUndefined();
  });

  test('match without regard to case', () => {
    expect(matchesFingerprint(certDer, [{ algorithm: 'SHA-256', value: sha256.value.toLowerCase() }])).toBe(true);
  });

  test('that differ, are missing or of an unknown hash do not match', () => {
    expect(matchesFingerprint(certDer, [wrong])).toBe(false);
    expect(matchesFingerprint(certDer, [])).toBe(false);
    expect(matchesFingerprint(certDer, [{ algorithm: 'md5', value: 'AA' }])).toBe(false);
  });

  test('of the best hash alone decide, and one of them is enough', () => {
    const sha1 = { algorithm: 'sha-1', value: parsed.fingerprint };
    expect(matchesFingerprint(certDer, [sha1, wrong])).toBe(false);
    expect(matchesFingerprint(certDer, [wrong, sha256])).toBe(true);
    expect(matchesFingerprint(certDer, [{ algorithm: 'md5', value: 'AA' }, sha1])).toBe(true);
  });
});
