import { createCipheriv, createHmac } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { sharedRegion } from '../../../src/native/memory.ts';
import {
  bringBack,
  bringIn,
  CounterCipher,
  digestAt,
  GcmCipher,
  ivAt,
  packetMemory,
  Sha1Hmac,
  stageAt,
} from '../../../src/native/openssl-cipher.ts';
import { heldBytes } from '../../support/dtls-memory.ts';

const at = sharedRegion().allocate(4096);
const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });
const anyBytes = fc.uint8Array({ maxLength: 1500 });

function put(offset: number, content: Uint8Array): void {
  packetMemory.set(content, offset);
}

function view(offset: number, length: number): Buffer {
  return Buffer.from(packetMemory.slice(offset, offset + length));
}

describe('agrees with node:crypto on any input', () => {
  test('AES-128 in counter mode', () => {
    fc.assert(
      fc.property(bytes(16), bytes(16), anyBytes, (key, iv, content) => {
        const cipher = new CounterCipher(key);
        put(ivAt, iv);
        put(at, content);
        cipher.apply(at, content.length);
        expect(view(at, content.length)).toEqual(createCipheriv('aes-128-ctr', key, iv).update(content));
        cipher.apply(at, content.length);
        expect(view(at, content.length)).toEqual(Buffer.from(content));
        cipher.close();
      }),
    );
  });

  test.each([16, 32])('AES-GCM with a key of %i bytes', (keyLength) => {
    fc.assert(
      fc.property(bytes(keyLength), bytes(12), anyBytes, fc.uint8Array({ maxLength: 80 }), (key, iv, content, aad) => {
        const aadAt = at + 2048;
        const cipher = new GcmCipher(key);
        put(ivAt, iv);
        put(at, content);
        put(aadAt, aad);
        cipher.seal(at, content.length, aadAt, aad.length);
        const reference = createCipheriv(`aes-${keyLength === 16 ? 128 : 256}-gcm`, key, iv).setAAD(aad);
        const sealed = Buffer.concat([reference.update(content), reference.final(), reference.getAuthTag()]);
        expect(view(at, sealed.length)).toEqual(sealed);
        expect(cipher.open(at, content.length, aadAt, aad.length, stageAt)).toBe(true);
        expect(view(stageAt, content.length)).toEqual(Buffer.from(content));
        packetMemory[at + content.length] = (packetMemory[at + content.length] as number) ^ 1;
        expect(cipher.open(at, content.length, aadAt, aad.length, stageAt)).toBe(false);
        cipher.close();
      }),
    );
  });

  test('HMAC-SHA1', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), anyBytes, (key, content) => {
        put(at, content);
        new Sha1Hmac(key).digest(at, content.length);
        expect(view(digestAt, 20)).toEqual(createHmac('sha1', key).update(content).digest());
      }),
    );
  });
});

describe('packets', () => {
  test('in memory of JavaScript are worked on through the stage', () => {
    const buffer = Uint8Array.from([9, 9, 1, 2, 3, 9]);
    const place = bringIn(buffer, 2, 3);
    expect(place).toBe(stageAt);
    packetMemory[place] = 7;
    bringBack(buffer, 2, place, 3);
    expect([...buffer]).toEqual([9, 9, 7, 2, 3, 9]);
  });

  test('in shared memory are worked on where they lie', () => {
    expect(bringIn(packetMemory, at, 3)).toBe(at);
    put(stageAt, Uint8Array.of(5, 6));
    bringBack(packetMemory, at, stageAt, 2);
    expect([...view(at, 2)]).toEqual([5, 6]);
  });
});

describe('what would be a crash in C', () => {
  const cipher = new CounterCipher(new Uint8Array(16));

  test.each([
    [-1, 4],
    [0, -1],
    [packetMemory.length - 3, 4],
    [Number.NaN, 4],
    [Number.POSITIVE_INFINITY, 4],
  ])('is a RangeError: %d, %d', (offset, length) => {
    expect(() => cipher.apply(offset, length)).toThrow(RangeError);
    expect(() => new Sha1Hmac(new Uint8Array(20)).digest(offset, length)).toThrow(RangeError);
  });

  test('is an error after close, which may come twice', () => {
    cipher.close();
    cipher.close();
    expect(() => cipher.apply(at, 4)).toThrow('used after close');
  });

  test('is an error where a key has the wrong length', () => {
    expect(() => new CounterCipher(new Uint8Array(15))).toThrow('16 bytes');
    expect(() => new GcmCipher(new Uint8Array(24))).toThrow('16 or 32 bytes');
    expect(() => new Sha1Hmac(new Uint8Array(65))).toThrow('64 bytes');
  });
});

test('no key stays in shared memory', () => {
  const key = Uint8Array.from({ length: 16 }, (_, i) => 0xe0 + i);
  const cipher = new CounterCipher(key);
  new Sha1Hmac(key);
  expect(Buffer.from(packetMemory.subarray(0, stageAt + 0x10000)).includes(Buffer.from(key))).toBe(false);
  cipher.close();
});

test('a thousand ciphers leave no memory behind', async () => {
  const before = await heldBytes();
  for (let i = 0; i < 1000; i++) new GcmCipher(new Uint8Array(32)).close();
  expect((await heldBytes()) - before).toBeLessThan(100_000);
});
