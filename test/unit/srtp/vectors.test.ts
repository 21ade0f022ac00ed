import { createCipheriv } from 'node:crypto';
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { CounterMode } from '../../../src/srtp/counter-mode.ts';
import { derive } from '../../../src/srtp/key-derivation.ts';
import { nodeDriver } from '../../../src/srtp/node-driver.ts';
import type { SrtpTransform } from '../../../src/srtp/transform.ts';

function readVectors<T>(name: string): T {
  return JSON.parse(readFileSync(new URL(`../../fixtures/vectors/${name}.json`, import.meta.url), 'utf8')) as T;
}

const bytesOf = (hex: string): Uint8Array => new Uint8Array(Buffer.from(hex, 'hex'));
const hexOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

interface KeyStream {
  sessionKey: string;
  sessionSaltShifted: string;
  blocks: { counter: string; keystream: string }[];
}

interface Prf {
  masterKey: string;
  masterSalt: string;
  cipherKey: string;
  cipherSalt: string;
}

const rfc3711 = readVectors<{ aesCmKeystream: KeyStream; keyDerivation: Prf & { authKey94: string } }>('srtp-rfc3711');
const rfc6188 = readVectors<{ aes256cm: KeyStream; aes256prf: Prf & { authKey: string } }>('srtp-rfc6188');

describe('AES counter mode', () => {
  test.each([
    ['RFC 3711 B.2, AES-128', rfc3711.aesCmKeystream],
    ['RFC 6188 7.1, AES-256', rfc6188.aes256cm],
  ])('%s: key stream at both ends of the segment', (_, vector) => {
    const stream = new CounterMode(bytesOf(vector.sessionKey), bytesOf(vector.sessionSaltShifted).subarray(0, 14));
    const bytes = new Uint8Array(0xff02 * 16);
    stream.apply(bytes, 0, bytes.length, 0, 0);
    for (const { counter, keystream } of vector.blocks) {
      const at = Number.parseInt(counter.slice(28), 16) * 16;
      expect(hexOf(bytes.subarray(at, at + 16))).toBe(keystream);
    }
  });
});

describe('every SSRC and 48-bit index', () => {
  const keys = { key: new Uint8Array(16).fill(7), salt: bytesOf('f0f1f2f3f4f5f6f7f8f9fafbfcfd'), authKey: new Uint8Array() };
  const ssrcs = fc.nat(0xffffffff);
  const indexes = fc.integer({ min: 0, max: 2 ** 48 - 1 });
  const ivOf = (value: bigint, length: number): Buffer => Buffer.from(value.toString(16).padStart(length * 2, '0'), 'hex');

  test('give the counter of RFC 3711 4.1.1', () => {
    const stream = new CounterMode(keys.key, keys.salt);
    fc.assert(
      fc.property(ssrcs, indexes, (ssrc, index) => {
        const bytes = new Uint8Array(40);
        stream.apply(bytes, 0, 40, ssrc, index);
        const iv = (BigInt(`0x${hexOf(keys.salt)}`) << 16n) ^ (BigInt(ssrc) << 64n) ^ (BigInt(index) << 16n);
        expect(hexOf(bytes)).toBe(createCipheriv('aes-128-ctr', keys.key, ivOf(iv, 16)).update(new Uint8Array(40)).toString('hex'));
      }),
    );
  });

  test('give the IV of RFC 7714 8.1', () => {
    const salt = keys.salt.subarray(0, 12);
    const transform = nodeDriver.createTransform('SRTP_AEAD_AES_128_GCM', { rtp: { ...keys, salt }, rtcp: { ...keys, salt } });
    fc.assert(
      fc.property(ssrcs, indexes, (ssrc, index) => {
        const packet = new Uint8Array(12 + 20 + 16);
        transform.sealRtp(packet, 0, 12, 32, ssrc, index);
        const iv = BigInt(`0x${hexOf(salt)}`) ^ (BigInt(ssrc) << 48n) ^ BigInt(index);
        expect(hexOf(packet.subarray(12, 32))).toBe(
          createCipheriv('aes-128-gcm', keys.key, ivOf(iv, 12)).update(new Uint8Array(20)).toString('hex'),
        );
      }),
    );
  });
});

describe('key derivation', () => {
  test.each([
    ['RFC 3711 B.3, AES-128', rfc3711.keyDerivation, rfc3711.keyDerivation.authKey94],
    ['RFC 6188 7.4, AES-256', rfc6188.aes256prf, rfc6188.aes256prf.authKey],
  ])('%s', (_, { masterKey, masterSalt, cipherKey, cipherSalt }, authKey) => {
    const key = (label: number, like: string) =>
      hexOf(derive(new CounterMode(bytesOf(masterKey), bytesOf(masterSalt)), label, like.length / 2));
    expect(key(0, cipherKey)).toBe(cipherKey);
    expect(key(1, authKey)).toBe(authKey);
    expect(key(2, cipherSalt)).toBe(cipherSalt);
  });
});

interface GcmVector {
  section: string;
  op: string;
  kind: string;
  input: string;
  output: string;
  key: string;
  salt: string;
}

describe('RFC 7714 sections 16 and 17', () => {
  const gcm = readVectors<{ vectors: GcmVector[] }>('srtp-rfc7714-gcm').vectors;
  const ssrcOf = (packet: Uint8Array, at: number): number => new DataView(packet.buffer).getUint32(at);
  const transformOf = ({ key, salt }: GcmVector): SrtpTransform => {
    const keys = { key: bytesOf(key), salt: bytesOf(salt), authKey: new Uint8Array() };
    const profile = keys.key.length === 16 ? 'SRTP_AEAD_AES_128_GCM' : 'SRTP_AEAD_AES_256_GCM';
    return nodeDriver.createTransform(profile, { rtp: keys, rtcp: keys });
  };
  const select = (kind: string, op: string) => gcm.filter((v) => v.kind === kind && v.op === op).map((v) => [v.section, v] as const);

  test.each(select('srtp', 'encrypt'))('%s seals RTP', (_, vector) => {
    const clear = bytesOf(vector.input);
    const packet = new Uint8Array(clear.length + 16);
    packet.set(clear);
    transformOf(vector).sealRtp(packet, 0, 12, clear.length, ssrcOf(packet, 8), 0xf17b);
    expect(hexOf(packet)).toBe(vector.output);
  });

  test.each(select('srtp', 'decrypt'))('%s opens RTP', (_, vector) => {
    const packet = bytesOf(vector.input);
    expect(transformOf(vector).openRtp(packet, 0, 12, packet.length - 16, ssrcOf(packet, 8), 0xf17b)).toBe(true);
    expect(hexOf(packet.subarray(12, -16))).toBe(vector.output);
  });

  test.each(select('srtcp', 'encrypt'))('%s seals RTCP', (_, vector) => {
    const clear = bytesOf(vector.input);
    const packet = new Uint8Array(clear.length + 20);
    packet.set(clear);
    transformOf(vector).sealRtcp(packet, 0, clear.length, ssrcOf(packet, 4), 0x5d4);
    expect(hexOf(packet)).toBe(vector.output);
  });

  test.each(select('srtcp', 'decrypt'))('%s opens RTCP', (_, vector) => {
    const packet = bytesOf(vector.input);
    expect(transformOf(vector).openRtcp(packet, 0, packet.length - 20, ssrcOf(packet, 4), 0x5d4)).toBe(true);
    expect(hexOf(packet.subarray(0, -20))).toBe(vector.output);
  });
});
