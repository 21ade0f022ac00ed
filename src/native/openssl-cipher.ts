/**
 * OpenSSL's ciphers and its SHA-1 for one packet after the other. Packets, keys, IVs and digests lie in the memory that C shares
 * with this thread and are named by offsets into it; nothing is allocated per packet.
 *
 * What a packet costs here is calls into C (about 60 ns each) and memory that has left the caches since the call's last packet. So
 * there is one context per cipher for all calls: taking a key anew costs 150 ns, fetching a context of the call's own into the
 * caches costs 500 ns. Counter mode is one call in ECB mode, since OpenSSL takes 130 ns for an IV; HMAC-SHA1 is two calls that hash
 * whole blocks, padding and byte order being seen to here.
 */

import { writeU32 } from '../base/bytes.ts';
import { InvariantError, invariant } from '../base/errors.ts';
import { BlockPool, sharedRegion } from './memory.ts';
import { bind, must, type Pointer, takeErrors } from './openssl-library.ts';

const cipherNew = bind<() => Pointer>('uintptr_t EVP_CIPHER_CTX_new()');
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

// Values of macros in evp.h; they are part of OpenSSL's stable ABI.
const EVP_CTRL_AEAD_GET_TAG = 16;
const EVP_CTRL_AEAD_SET_TAG = 17;

const encrypting = 1;
const decrypting = 0;
const aesBlock = 16;
const sha1Block = 64;
const sha1Words = 5;
const sha1Digest = 4 * sha1Words;
/** What `writeHmacKey` writes. */
export const hmacKeyBytes = 2 * sha1Digest;
/** struct SHAstate_st of sha.h: five words of state, two of length, sixteen of data, one count. */
const sha1ContextBytes = 96;
/** Behind a message: one bit, zeros, and the length in 8 bytes. */
const sha1Padding = 9;
const gcmTag = 16;
const longestDatagram = 0x10000;
/** With what hashing writes behind it. */
const longestPacket = longestDatagram + 2 * sha1Block;
/** HMAC key, salt and AES key of one direction, with room to spare: two cache lines. */
const keyBlockBytes = 128;

const region = sharedRegion();
const { words } = region;
const writtenAt = region.allocate(8);
const hashAt = region.allocate(sha1ContextBytes);
const outerAt = region.allocate(sha1Block);
const keyStreamAt = region.allocate(longestPacket);

/** What offsets count in; and by fours, signed. */
export const packetMemory: Uint8Array = region.bytes;
export const packetWords: Int32Array = words;
/** Places for keys: 128 bytes each, zeroed when given back. */
export const keyBlocks = new BlockPool(keyBlockBytes);

/** Reads a word of each line of a block. */
export function prefetchBlock(at: number): number {
  return (words[at >> 2] as number) ^ (words[(at + keyBlockBytes / 2) >> 2] as number);
}

/** Where the ciphers find their IV, 16 bytes. */
export const ivAt = region.allocate(16);
/** Room for up to 64 bytes that are authenticated and not sent as they stand. */
export const aadAt = region.allocate(64);
/** Room for up to 64 bytes that are needed again within the call. */
export const asideAt = region.allocate(64);
/** Where `hmacSha1` leaves its result: 20 bytes. */
export const digestAt = region.allocate(sha1Digest);
/** Room for one packet of any length, free for any use within a call. */
export const stageAt = region.allocate(longestPacket);

/** For a key that is used once. */
const passingKeyAt = region.allocate(hmacKeyBytes);

// The outer hash of an HMAC is always over one digest.
pad(outerAt, sha1Digest, sha1Block);

const aes128Ecb = createContext('uintptr_t EVP_aes_128_ecb()');
const aes128Gcm = createContext('uintptr_t EVP_aes_128_gcm()');
const aes256Gcm = createContext('uintptr_t EVP_aes_256_gcm()');

/** A context for a cipher of OpenSSL, which lives as long as the thread. */
function createContext(cipher: string): Pointer {
  const context = must(cipherNew(), 'EVP_CIPHER_CTX_new');
  must(cipherInit(context, bind<() => Pointer>(cipher)(), 0, 0, 0, encrypting), cipher);
  return context;
}

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

/** AES-128 in counter mode, in place, encrypts or decrypts. The last two bytes of the IV are 0, and count the blocks. */
export function applyAesCounter(key: number, at: number, length: number): void {
  checkRange(key, 16);
  checkRange(at, length);
  const blocks = (length + aesBlock - 1) >> 4;
  if (blocks === 0) return;
  writeCounters(blocks);
  begin(aes128Ecb, key, 0, encrypting);
  update(aes128Ecb, keyStreamAt, keyStreamAt, blocks * aesBlock);
  mix(at, length);
}

/** AES-GCM with an IV of 12 bytes and a key of 16 or 32: encrypts in place and writes the tag of 16 bytes behind. */
export function sealAesGcm(key: number, keyLength: number, at: number, length: number, aadAt: number, aadLength: number): void {
  const context = gcmContext(key, keyLength);
  checkRange(at, length);
  checkRange(at + length, gcmTag);
  checkRange(aadAt, aadLength);
  begin(context, key, region.base + ivAt, encrypting);
  authenticate(context, aadAt, aadLength);
  update(context, at, at, length);
  finish(context);
  control(context, EVP_CTRL_AEAD_GET_TAG, gcmTag, at + length);
}

/** Decrypts to `into`, where nothing is to be trusted if the tag behind the bytes at `at` is wrong: then it returns false. */
export function openAesGcm(
  key: number,
  keyLength: number,
  at: number,
  length: number,
  aadAt: number,
  aadLength: number,
  into: number,
): boolean {
  const context = gcmContext(key, keyLength);
  checkRange(at, length);
  checkRange(at + length, gcmTag);
  checkRange(into, length);
  checkRange(aadAt, aadLength);
  begin(context, key, region.base + ivAt, decrypting);
  control(context, EVP_CTRL_AEAD_SET_TAG, gcmTag, at + length);
  authenticate(context, aadAt, aadLength);
  update(context, at, into, length);
  return finish(context);
}

/** Keeps the hash of both padded forms of an HMAC-SHA1 key (RFC 2104) at `into`. The key has at most 64 bytes. */
export function writeHmacKey(key: Uint8Array, into: number): void {
  invariant(key.length <= sha1Block, 'a key of at most 64 bytes');
  hashPaddedKey(key, 0x36, into);
  hashPaddedKey(key, 0x5c, into + sha1Digest);
}

/** The HMAC-SHA1 of a message as long as a datagram at most, wherever it lies, with a key of at most 64 bytes that is not kept. */
export function hmacSha1Of(key: Uint8Array, message: Uint8Array): Uint8Array {
  invariant(message.length <= longestDatagram, 'a message no longer than a datagram');
  writeHmacKey(key, passingKeyAt);
  packetMemory.set(message, stageAt);
  hmacSha1(passingKeyAt, stageAt, message.length);
  return packetMemory.slice(digestAt, digestAt + sha1Digest);
}

/** Leaves the HMAC-SHA1 of `length` bytes at `digestAt`; up to 72 bytes behind them are overwritten. */
export function hmacSha1(key: number, at: number, length: number): void {
  const padded = (length + sha1Padding + sha1Block - 1) & -sha1Block;
  checkRange(key, hmacKeyBytes);
  checkRange(at, length);
  checkRange(at, padded);
  pad(at, length, padded);
  loadHash(key);
  sha1Update(region.base + hashAt, region.base + at, padded);
  storeHash(outerAt);
  loadHash(key + sha1Digest);
  sha1Update(region.base + hashAt, region.base + outerAt, sha1Block);
  storeHash(digestAt);
}

function gcmContext(key: number, keyLength: number): Pointer {
  invariant(keyLength === 16 || keyLength === 32, 'a key of 16 or 32 bytes');
  checkRange(key, keyLength);
  return keyLength === 16 ? aes128Gcm : aes256Gcm;
}

/** A new message. */
function begin(context: Pointer, key: number, iv: Pointer, direction: number): void {
  if (cipherInit(context, 0, 0, region.base + key, iv, direction) !== 1) fail();
}

function authenticate(context: Pointer, at: number, length: number): void {
  if (cipherUpdate(context, 0, region.base + writtenAt, region.base + at, length) !== 1) fail();
}

function update(context: Pointer, from: number, into: number, length: number): void {
  if (length === 0) return;
  if (cipherUpdate(context, region.base + into, region.base + writtenAt, region.base + from, length) !== 1) fail();
}

/** False if a tag was set and is not that of the message. */
function finish(context: Pointer): boolean {
  return cipherFinal(context, region.base + keyStreamAt, region.base + writtenAt) === 1;
}

function control(context: Pointer, command: number, value: number, at: number): void {
  if (cipherControl(context, command, value, region.base + at) !== 1) fail();
}

/** The blocks that encrypted are the key stream. */
function writeCounters(blocks: number): void {
  const iv = ivAt >> 2;
  const first = words[iv] as number;
  const second = words[iv + 1] as number;
  const third = words[iv + 2] as number;
  const fourth = words[iv + 3] as number;
  for (let block = 0, at = keyStreamAt >> 2; block < blocks; block++, at += 4) {
    words[at] = first;
    words[at + 1] = second;
    words[at + 2] = third;
    words[at + 3] = fourth | swapBytes(block);
  }
}

/** XORs the key stream onto `length` bytes, by words where they lie on a border. */
function mix(at: number, length: number): void {
  let done = 0;
  if ((at & 3) === 0) {
    for (; done + 4 <= length; done += 4) {
      const word = (at + done) >> 2;
      words[word] = (words[word] as number) ^ (words[(keyStreamAt + done) >> 2] as number);
    }
  }
  for (; done < length; done++) {
    packetMemory[at + done] = (packetMemory[at + done] as number) ^ (packetMemory[keyStreamAt + done] as number);
  }
}

function hashPaddedKey(key: Uint8Array, filling: number, into: number): void {
  const block = packetMemory.subarray(asideAt, asideAt + sha1Block).fill(filling);
  for (let i = 0; i < key.length; i++) block[i] = filling ^ (key[i] as number);
  must(sha1Init(region.base + hashAt), 'SHA1_Init');
  must(sha1Update(region.base + hashAt, region.base + asideAt, sha1Block), 'SHA1_Update');
  block.fill(0);
  for (let word = 0; word < sha1Words; word++) words[(into >> 2) + word] = words[(hashAt >> 2) + word] as number;
}

/** The padding of SHA-1 behind `length` bytes that one block went before. */
function pad(at: number, length: number, padded: number): void {
  packetMemory[at + length] = 0x80;
  for (let i = at + length + 1; i < at + padded - 4; i++) packetMemory[i] = 0;
  writeU32(packetMemory, at + padded - 4, (sha1Block + length) * 8);
}

function loadHash(from: number): void {
  for (let word = 0; word < sha1Words; word++) words[(hashAt >> 2) + word] = words[(from >> 2) + word] as number;
}

/** In the byte order in which a digest is sent. */
function storeHash(into: number): void {
  for (let word = 0; word < sha1Words; word++) words[(into >> 2) + word] = swapBytes(words[(hashAt >> 2) + word] as number);
}

/** From the byte order of the network to this machine's, which is little-endian, or back. */
export function swapBytes(word: number): number {
  return (word >>> 24) | ((word >>> 8) & 0xff00) | ((word << 8) & 0xff0000) | (word << 24);
}

function checkRange(at: number, length: number): void {
  if (!(at >= 0 && length >= 0 && at + length <= packetMemory.length))
    throw new RangeError(`${length} bytes at ${at} are not packet memory`);
}

function fail(): never {
  throw new InvariantError(`OpenSSL: ${takeErrors()}`);
}
