/** AES_CM_128_HMAC_SHA1_80 (RFC 3711 4.1.1, 4.2.1) on OpenSSL's EVP ciphers. */

import { writeU32 } from '../base/bytes.ts';
import { invariant } from '../base/errors.ts';
import {
  applyAesCounter,
  asideAt,
  bringBack,
  bringIn,
  digestAt,
  hmacKeyBytes,
  hmacSha1,
  ivAt,
  keyBlocks,
  packetMemory,
  packetWords,
  prefetchBlock,
  swapBytes,
  writeHmacKey,
} from '../native/openssl-cipher.ts';
import type { PacketKeys, SessionKeys } from './key-derivation.ts';
import { rtcpClearLength, rtcpEncryptedFlag, type SrtpTransform } from './transform.ts';

const tagLength = 10;
const indexLength = 4;

// What lies in a block of packet memory, and nothing else is kept of the keys: HMAC key, then salt, then AES key.
const saltAt = hmacKeyBytes;
const aesKeyAt = saltAt + 16;

export class EvpAesCmTransform implements SrtpTransform {
  readonly #rtp: number;
  readonly #rtcp: number;
  #closed = false;

  constructor(keys: SessionKeys) {
    this.#rtp = placeKeys(keys.rtp);
    this.#rtcp = placeKeys(keys.rtcp);
  }

  sealRtp(buffer: Uint8Array, offset: number, headerLength: number, length: number, ssrc: number, index: number): void {
    this.#checkOpen();
    const at = bringIn(buffer, offset, length);
    const end = at + length;
    apply(this.#rtp, at + headerLength, length - headerLength, ssrc, index);
    // The tag covers the roll-over counter too, which is not sent (RFC 3711 4.2): it stands where the tag will.
    writeU32(packetMemory, end, rollOvers(index));
    sign(this.#rtp, at, length + indexLength, end);
    bringBack(buffer, offset, at, length + tagLength);
  }

  openRtp(buffer: Uint8Array, offset: number, headerLength: number, length: number, ssrc: number, index: number): boolean {
    this.#checkOpen();
    const at = bringIn(buffer, offset, length + tagLength);
    const end = at + length;
    copyTag(end, asideAt);
    writeU32(packetMemory, end, rollOvers(index));
    if (!verify(this.#rtp, at, length + indexLength, end)) return false;
    apply(this.#rtp, at + headerLength, length - headerLength, ssrc, index);
    bringBack(buffer, offset, at, length);
    return true;
  }

  sealRtcp(buffer: Uint8Array, offset: number, length: number, ssrc: number, index: number): void {
    this.#checkOpen();
    const at = bringIn(buffer, offset, length);
    const end = at + length;
    apply(this.#rtcp, at + rtcpClearLength, length - rtcpClearLength, ssrc, index);
    writeU32(packetMemory, end, rtcpEncryptedFlag + index);
    sign(this.#rtcp, at, length + indexLength, end + indexLength);
    bringBack(buffer, offset, at, length + indexLength + tagLength);
  }

  openRtcp(buffer: Uint8Array, offset: number, length: number, ssrc: number, index: number): boolean {
    this.#checkOpen();
    const at = bringIn(buffer, offset, length + indexLength + tagLength);
    const tagAt = at + length + indexLength;
    copyTag(tagAt, asideAt);
    if (!verify(this.#rtcp, at, length + indexLength, tagAt)) return false;
    apply(this.#rtcp, at + rtcpClearLength, length - rtcpClearLength, ssrc, index);
    bringBack(buffer, offset, at, length);
    return true;
  }

  prefetch(): number {
    return prefetchBlock(this.#rtp);
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    keyBlocks.giveBack(this.#rtp);
    keyBlocks.giveBack(this.#rtcp);
  }

  /** The blocks belong to others by then. */
  #checkOpen(): void {
    invariant(!this.#closed, 'cipher used after close');
  }
}

function placeKeys(keys: PacketKeys): number {
  const block = keyBlocks.take();
  writeHmacKey(keys.authKey, block);
  packetMemory.set(keys.salt, block + saltAt);
  packetMemory.set(keys.key, block + aesKeyAt);
  return block;
}

/** Whole, since V8 makes an object of a fraction that it hands to another function. */
function rollOvers(index: number): number {
  return (index / 0x10000) | 0;
}

/** IV = salt * 2^16 XOR SSRC * 2^64 XOR index * 2^16 */
function apply(keys: number, at: number, length: number, ssrc: number, index: number): void {
  const iv = ivAt >> 2;
  const salt = (keys + saltAt) >> 2;
  packetWords[iv] = packetWords[salt] as number;
  packetWords[iv + 1] = (packetWords[salt + 1] as number) ^ swapBytes(ssrc);
  packetWords[iv + 2] = (packetWords[salt + 2] as number) ^ swapBytes(rollOvers(index));
  packetWords[iv + 3] = (packetWords[salt + 3] as number) ^ swapBytes(index << 16);
  applyAesCounter(keys + aesKeyAt, at, length);
}

/** Writes the tag of `length` bytes at `at` to `tagAt`. */
function sign(keys: number, at: number, length: number, tagAt: number): void {
  hmacSha1(keys, at, length);
  copyTag(digestAt, tagAt);
}

/** Whether the tag put aside is that of `length` bytes at `at`; in constant time. If not, it goes back to `tagAt`. */
function verify(keys: number, at: number, length: number, tagAt: number): boolean {
  hmacSha1(keys, at, length);
  let difference = 0;
  for (let i = 0; i < tagLength; i++) difference |= (packetMemory[digestAt + i] as number) ^ (packetMemory[asideAt + i] as number);
  if (difference !== 0) copyTag(asideAt, tagAt);
  return difference === 0;
}

function copyTag(from: number, to: number): void {
  for (let i = 0; i < tagLength; i++) packetMemory[to + i] = packetMemory[from + i] as number;
}
