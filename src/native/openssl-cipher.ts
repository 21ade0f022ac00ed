/**
 * OpenSSL's ciphers and its SHA-1 for one packet after the other: contexts are made once, and nothing is allocated per packet.
 * Packets, IVs and digests lie in the memory that C shares with this thread, and are named by offsets into it.
 */

import { InvariantError, invariant } from '../base/errors.ts';
import { sharedRegion } from './memory.ts';
import { bind, must, type Pointer, takeErrors } from './openssl-library.ts';

const cipherNew = bind<() => Pointer>('uintptr_t EVP_CIPHER_CTX_new()');
const cipherFree = bind<(context: Pointer) => void>('void EVP_CIPHER_CTX_free(uintptr_t)');
const cipherInit = bind<(context: Pointer, cipher: Pointer, engine: Pointer, key: Pointer, iv: Pointer, encrypt: number) => number>(
  'int EVP_CipherInit_ex(uintptr_t, uintptr_t, uintptr_t, uintptr_t, uintptr_t, int)',
);
const cipherUpdate = bind<(context: Pointer, into: Pointer, written: Pointer, from: Pointer, length: number) => number>(
  'int EVP_CipherUpdate(uintptr_t, uintptr_t, uintptr_t, uintptr_t, int)',
);
const cipherFinal = bind<(context: Pointer, into: Pointer, written: Pointer) => number>(
  'int EVP_CipherFinal_ex(uintptr_t, uintptr_t, uintptr_t)',
);
const cipherControl = bind<(context: Pointer, command: number, value: number, data: Pointer) => number>(
  'int EVP_CIPHER_CTX_ctrl(uintptr_t, int, int, uintptr_t)',
);
const sha1Init = bind<(context: Pointer) => number>('int SHA1_Init(uintptr_t)');
const sha1Update = bind<(context: Pointer, data: Pointer, length: number) => number>('int SHA1_Update(uintptr_t, uintptr_t, size_t)');
const sha1Final = bind<(digest: Pointer, context: Pointer) => number>('int SHA1_Final(uintptr_t, uintptr_t)');

type CipherName = 'aes_128_ctr' | 'aes_128_gcm' | 'aes_256_gcm';
const ciphers: Readonly<Record<CipherName, Pointer>> = {
  aes_128_ctr: bind<() => Pointer>('uintptr_t EVP_aes_128_ctr()')(),
  aes_128_gcm: bind<() => Pointer>('uintptr_t EVP_aes_128_gcm()')(),
  aes_256_gcm: bind<() => Pointer>('uintptr_t EVP_aes_256_gcm()')(),
};

// Values of macros in evp.h; they are part of OpenSSL's stable ABI.
const EVP_CTRL_AEAD_GET_TAG = 16;
const EVP_CTRL_AEAD_SET_TAG = 17;

const ivBytes = 16;
const sha1Block = 64;
const sha1Digest = 20;
/** struct SHAstate_st of sha.h: five words of state, two of length, sixteen of data, one count. */
const sha1ContextWords = 24;
const gcmTag = 16;
const longestKey = 64;

const region = sharedRegion();
const keyAt = region.allocate(longestKey);
const writtenAt = region.allocate(8);
const hashAt = region.allocate(sha1ContextWords * 4);

/** What offsets count in. */
export const packetMemory: Uint8Array = region.bytes;
/** Where `apply`, `seal` and `open` find their IV. */
export const ivAt = region.allocate(ivBytes);
/** Room for up to 64 bytes that are authenticated and not sent as they stand. */
export const aadAt = region.allocate(64);
/** Where `digest` leaves its result: 20 bytes. */
export const digestAt = region.allocate(sha1Digest);
/** Room for one packet of any length, free for any use within a call. */
export const stageAt = region.allocate(0x10000);

/** The offset of a packet that C can reach: its own, or that of a copy on the stage. */
export function bringIn(buffer: Uint8Array, offset: number, length: number): number {
  if (buffer === packetMemory) return offset;
  packetMemory.set(buffer.subarray(offset, offset + length), stageAt);
  return stageAt;
}

/** Copies `length` bytes at `at` to where the packet belongs, if that is elsewhere. */
export function bringBack(buffer: Uint8Array, offset: number, at: number, length: number): void {
  if (buffer !== packetMemory) buffer.set(packetMemory.subarray(at, at + length), offset);
  else if (at !== offset) packetMemory.copyWithin(offset, at, at + length);
}

/** AES-128 in counter mode. */
export class CounterCipher {
  readonly #context: CipherContext;

  constructor(key: Uint8Array) {
    invariant(key.length === 16, 'a key of 16 bytes');
    this.#context = new CipherContext('aes_128_ctr', key);
  }

  /** Encrypts or decrypts in place. */
  apply(at: number, length: number): void {
    this.#context.begin(encrypting);
    this.#context.update(at, at, length);
  }

  close(): void {
    this.#context.close();
  }
}

/** AES-GCM with IVs of 12 bytes and tags of 16. */
export class GcmCipher {
  readonly #context: CipherContext;

  /** `key`: 16 or 32 bytes. */
  constructor(key: Uint8Array) {
    invariant(key.length === 16 || key.length === 32, 'a key of 16 or 32 bytes');
    this.#context = new CipherContext(key.length === 16 ? 'aes_128_gcm' : 'aes_256_gcm', key);
  }

  /** Encrypts in place and writes the tag behind. */
  seal(at: number, length: number, aadAt: number, aadLength: number): void {
    const context = this.#context;
    context.begin(encrypting);
    context.authenticate(aadAt, aadLength);
    context.update(at, at, length);
    context.finish();
    context.control(EVP_CTRL_AEAD_GET_TAG, gcmTag, at + length);
  }

  /** Decrypts to `into`, where nothing is to be trusted if the tag behind the bytes at `at` is wrong: then it returns false. */
  open(at: number, length: number, aadAt: number, aadLength: number, into: number): boolean {
    const context = this.#context;
    context.begin(decrypting);
    context.control(EVP_CTRL_AEAD_SET_TAG, gcmTag, at + length);
    context.authenticate(aadAt, aadLength);
    context.update(at, into, length);
    return context.finish();
  }

  close(): void {
    this.#context.close();
  }
}

/** HMAC-SHA1 (RFC 2104), with the hash of both padded keys kept ready. */
export class Sha1Hmac {
  readonly #inner: Uint32Array;
  readonly #outer: Uint32Array;

  /** `key`: at most 64 bytes. */
  constructor(key: Uint8Array) {
    invariant(key.length <= longestKey, 'a key of at most 64 bytes');
    this.#inner = hashOfPaddedKey(key, 0x36);
    this.#outer = hashOfPaddedKey(key, 0x5c);
  }

  /** Leaves the code of `length` bytes at `digestAt`. */
  digest(at: number, length: number): void {
    checkRange(at, length);
    restoreHash(this.#inner);
    sha1Update(region.base + hashAt, region.base + at, length);
    sha1Final(region.base + digestAt, region.base + hashAt);
    restoreHash(this.#outer);
    sha1Update(region.base + hashAt, region.base + digestAt, sha1Digest);
    sha1Final(region.base + digestAt, region.base + hashAt);
  }
}

const encrypting = 1;
const decrypting = 0;

class CipherContext {
  #context: Pointer;

  constructor(name: CipherName, key: Uint8Array) {
    this.#context = must(cipherNew(), 'EVP_CIPHER_CTX_new');
    packetMemory.set(key, keyAt);
    const ready = cipherInit(this.#context, ciphers[name], 0, region.base + keyAt, 0, encrypting);
    packetMemory.fill(0, keyAt, keyAt + longestKey);
    must(ready, name);
  }

  /** A new message under the IV at `ivAt`. */
  begin(direction: number): void {
    if (cipherInit(this.#live, 0, 0, 0, region.base + ivAt, direction) !== 1) fail();
  }

  authenticate(at: number, length: number): void {
    checkRange(at, length);
    if (cipherUpdate(this.#live, 0, region.base + writtenAt, region.base + at, length) !== 1) fail();
  }

  update(from: number, into: number, length: number): void {
    checkRange(from, length);
    checkRange(into, length);
    if (length === 0) return;
    if (cipherUpdate(this.#live, region.base + into, region.base + writtenAt, region.base + from, length) !== 1) fail();
  }

  /** False if a tag was set and is not that of the message. */
  finish(): boolean {
    return cipherFinal(this.#live, region.base + stageAt, region.base + writtenAt) === 1;
  }

  control(command: number, value: number, at: number): void {
    checkRange(at, value);
    if (cipherControl(this.#live, command, value, region.base + at) !== 1) fail();
  }

  close(): void {
    if (this.#context !== 0) cipherFree(this.#context);
    this.#context = 0;
  }

  get #live(): Pointer {
    if (this.#context === 0) throw new InvariantError('cipher used after close');
    return this.#context;
  }
}

function hashOfPaddedKey(key: Uint8Array, pad: number): Uint32Array {
  const block = packetMemory.subarray(keyAt, keyAt + sha1Block).fill(pad);
  for (let i = 0; i < key.length; i++) block[i] = pad ^ (key[i] as number);
  must(sha1Init(region.base + hashAt), 'SHA1_Init');
  must(sha1Update(region.base + hashAt, region.base + keyAt, sha1Block), 'SHA1_Update');
  block.fill(0);
  return region.words.slice(hashAt >> 2, (hashAt >> 2) + sha1ContextWords);
}

function restoreHash(words: Uint32Array): void {
  for (let i = 0, at = hashAt >> 2; i < sha1ContextWords; i++, at++) region.words[at] = words[i] as number;
}

function checkRange(at: number, length: number): void {
  if (!(at >= 0 && length >= 0 && at + length <= packetMemory.length))
    throw new RangeError(`${length} bytes at ${at} are not packet memory`);
}

function fail(): never {
  throw new InvariantError(`OpenSSL: ${takeErrors()}`);
}
