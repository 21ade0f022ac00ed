import { describe, expect, test } from 'vitest';
import { seededRandom } from '../../../src/base/random.ts';
import { createCertificate } from '../../../src/dtls/certificate.ts';
import { DtlsSession, type DtlsSessionOptions } from '../../../src/native/openssl-dtls.ts';
import { testOpensslDtls } from '../../../src/native/self-test.ts';

const certificate = createCertificate(seededRandom(1), Date.now());
const other = createCertificate(seededRandom(2), Date.now());
const options: DtlsSessionOptions = { role: 'server', identity: certificate, srtpProfiles: 'SRTP_AEAD_AES_128_GCM', mtu: 1200 };

describe('a DTLS session', () => {
  test('passes the self-test', () => {
    expect(() => testOpensslDtls(certificate)).not.toThrow();
  });

  test.each([
    ['a certificate that is none', { identity: { ...certificate, certDer: new Uint8Array(40) } }, /reading the certificate/],
    ['a key that is none', { identity: { ...certificate, keyDer: new Uint8Array(40) } }, /reading the private key/],
    ['a key of another certificate', { identity: { ...certificate, keyDer: other.keyDer } }, /reading the private key/],
    ['an unknown profile', { srtpProfiles: 'SRTP_NULL' }, /SRTP profiles/],
    ['an MTU that no handshake fits', { mtu: 100 }, /MTU 100/],
  ])('refuses %s in plain words', (_what, wrong, message) => {
    expect(() => new DtlsSession({ ...options, ...wrong })).toThrow(message);
  });

  test('throws, and does not crash the process, when used after free', () => {
    const session = new DtlsSession(options);
    session.free();
    session.free();
    const uses: ReadonlyArray<() => unknown> = [
      () => session.feed(Uint8Array.of(1)),
      () => session.handshakeStep(),
      () => session.retransmit(),
      () => session.takeOutput(),
      () => session.timeoutMs,
      () => session.srtpProfile,
      () => session.peerCertificate,
      () => session.exportSrtpKeys(56),
      () => session.shutdown(),
    ];
    for (const use of uses) expect(use).toThrow('used after free');
  });

  test('holds the exporter to its bounds, and to the end of the handshake', () => {
    const session = new DtlsSession(options);
    expect(() => session.exportSrtpKeys(0)).toThrow(RangeError);
    expect(() => session.exportSrtpKeys(256)).toThrow(RangeError);
    expect(() => session.exportSrtpKeys(56)).toThrow(/key exporter/);
    session.free();
  });

  test('is empty before the handshake', () => {
    const session = new DtlsSession(options);
    expect(session.srtpProfile).toBe(0);
    expect(session.peerCertificate).toHaveLength(0);
    expect(session.timeoutMs).toBe(Number.POSITIVE_INFINITY);
    expect(session.takeOutput()).toHaveLength(0);
    session.free();
  });

  test('drops datagrams of impossible size', () => {
    const session = new DtlsSession(options);
    session.feed(new Uint8Array(0));
    session.feed(new Uint8Array(70_000));
    expect(session.handshakeStep()).toBe('pending');
    session.free();
  });
});
