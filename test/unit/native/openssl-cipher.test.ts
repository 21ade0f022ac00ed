import { createCipheriv, createHmac } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { sharedRegion } from '../../../src/native/memory.ts';
import {
  applyAesCounter,
  bringBack,
  bringIn,
  digestAt,
  hmacSha1,
  ivAt,
  keyBlocks,
  openAesGcm,
  packetMemory,
  sealAesGcm,
  stageAt,
  writeHmacKey,
} from '../../../src/native/openssl-cipher.ts';

const at = sharedRegion().allocate(4096);
const hmacKey = keyBlocks.take();
const aesKey = keyBlocks.take();
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
      fc.property(bytes(16), bytes(14), anyBytes, fc.nat(3), (key, salt, content, shift) => {
        const iv = Buffer.concat([salt, Buffer.alloc(2)]);
        const place = at + shift;
        put(aesKey, key);
        put(ivAt, iv);
        put(place, content);
        applyAesCounter(aesKey, place, content.length);
        expect(view(place, content.length)).toEqual(createCipheriv('aes-128-ctr', key, iv).update(content));
        applyAesCounter(aesKey, place, content.length);
        expect(view(place, content.length)).toEqual(Buffer.from(content));
      }),
    );
  });

  test.each([16, 32])('AES-GCM with a key of %i bytes', (keyLength) => {
    fc.assert(
      fc.property(bytes(keyLength), bytes(12), anyBytes, fc.uint8Array({ maxLength: 80 }), (key, iv, content, aad) => {
        const aadAt = at + 2048;
        put(aesKey, key);
        put(ivAt, iv);
        put(at, content);
        put(aadAt, aad);
        sealAesGcm(aesKey, keyLength, at, content.length, aadAt, aad.length);
        const reference = createCipheriv(`aes-${keyLength === 16 ? 128 : 256}-gcm`, key, iv).setAAD(aad);
        const sealed = Buffer.concat([reference.update(content), reference.final(), reference.getAuthTag()]);
        expect(view(at, sealed.length)).toEqual(sealed);
        expect(openAesGcm(aesKey, keyLength, at, content.length, aadAt, aad.length, stageAt)).toBe(true);
        expect(view(stageAt, content.length)).toEqual(Buffer.from(content));
        packetMemory[at + content.length] = (packetMemory[at + content.length] as number) ^ 1;
        expect(openAesGcm(aesKey, keyLength, at, content.length, aadAt, aad.length, stageAt)).toBe(false);
      }),
    );
  });

  test('HMAC-SHA1', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), anyBytes, (key, content) => {
        put(at, content);
        writeHmacKey(key, hmacKey);
        hmacSha1(hmacKey, at, content.length);
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
  test.each([
    [-1, 4],
    [0, -1],
    [packetMemory.length - 3, 4],
    [Number.NaN, 4],
    [Number.POSITIVE_INFINITY, 4],
  ])('is a RangeError: %d, %d', (offset, length) => {
    expect(() => applyAesCounter(aesKey, offset, length)).toThrow(RangeError);
    expect(() => sealAesGcm(aesKey, 16, offset, length, at, 12)).toThrow(RangeError);
    expect(() => openAesGcm(aesKey, 16, at, 8, offset, length, at)).toThrow(RangeError);
    expect(() => hmacSha1(hmacKey, offset, length)).toThrow(RangeError);
  });

  test('is an error where a key has the wrong length', () => {
    expect(() => sealAesGcm(aesKey, 24, at, 8, at, 0)).toThrow('16 or 32 bytes');
    expect(() => writeHmacKey(new Uint8Array(65), hmacKey)).toThrow('64 bytes');
  });
});

test('an HMAC key does not stay in shared memory', () => {
  const key = Uint8Array.from({ length: 16 }, (_, i) => 0xe0 + i);
  writeHmacKey(key, hmacKey);
  expect(Buffer.from(packetMemory.subarray(0, stageAt + 0x10000)).includes(Buffer.from(key))).toBe(false);
});

test('a place for a key is used again, and holds nothing of the key before', () => {
  const place = keyBlocks.take();
  put(place, new Uint8Array(128).fill(7));
  keyBlocks.giveBack(place);
  expect(keyBlocks.take()).toBe(place);
  expect([...view(place, 128)]).toEqual(new Array(128).fill(0));
  expect(keyBlocks.take()).not.toBe(place);
});
