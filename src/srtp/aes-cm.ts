/**
 * AES_CM_128_HMAC_SHA1_80 (RFC 3711 4.1.1, 4.2.1) on node:crypto. The key stream comes from one ECB cipher kept for life, since
 * making a cipher object costs more than encrypting a voice packet.
 */

import { type Cipher, createCipheriv, createHmac, createSecretKey, type KeyObject } from 'node:crypto';
import { readU32, writeU16, writeU32 } from '../base/bytes.ts';
import type { PacketKeys, SessionKeys } from './key-derivation.ts';
import { rtcpClearLength, rtcpEncryptedFlag, type SrtpTransform } from './transform.ts';

const tagLength = 10;

/** AES in counter mode with the IV of RFC 3711 4.1.1, XORed onto a range of bytes. */
export class CounterMode {
  readonly #salt: Uint8Array;
  readonly #cipher: Cipher;
  #counters = new Uint8Array(0);
  #words = new Uint32Array(0);

  constructor(key: Uint8Array, salt: Uint8Array) {
    this.#salt = salt;
    this.#cipher = createCipheriv(`aes-${key.length * 8}-ecb`, key, null).setAutoPadding(false);
    this.#reserve(12);
  }

  /** Encrypts or decrypts `bytes[from..to)` in place; at most 2^16 blocks. */
  apply(bytes: Uint8Array, from: number, to: number, ssrc: number, index: number): void {
    const blocks = (to - from + 15) >> 4;
    if (blocks === 0) return;
    this.#writeCounters(blocks, ssrc, index);
    const keyStream = this.#cipher.update(this.#counters.subarray(0, blocks * 16));
    for (let at = from, i = 0; at < to; at++, i++) bytes[at] = (bytes[at] as number) ^ (keyStream[i] as number);
  }

  /** IV = salt * 2^16 XOR SSRC * 2^64 XOR index * 2^16, the last two bytes counting blocks. */
  #writeCounters(blocks: number, ssrc: number, index: number): void {
    this.#reserve(blocks);
    const bytes = this.#counters;
    const words = this.#words;
    bytes.set(this.#salt);
    writeU32(bytes, 4, readU32(bytes, 4) ^ ssrc);
    writeU16(bytes, 8, ((bytes[8] as number) << 8) ^ (bytes[9] as number) ^ (index / 0x100000000));
    writeU32(bytes, 10, readU32(bytes, 10) ^ index);
    for (let block = 1, word = 4; block < blocks; block++, word += 4) {
      words[word] = words[0] as number;
      words[word + 1] = words[1] as number;
      words[word + 2] = words[2] as number;
      words[word + 3] = words[3] as number;
      writeU16(bytes, word * 4 + 14, block);
    }
  }

  #reserve(blocks: number): void {
    if (this.#words.length >= blocks * 4) return;
    this.#words = new Uint32Array(blocks * 4);
    this.#counters = new Uint8Array(this.#words.buffer);
  }
}

/** The cipher and the authentication of one packet kind. */
class Protection {
  readonly #stream: CounterMode;
  readonly #authKey: KeyObject;

  constructor(keys: PacketKeys) {
    this.#stream = new CounterMode(keys.key, keys.salt);
    this.#authKey = createSecretKey(keys.authKey);
  }

  get stream(): CounterMode {
    return this.#stream;
  }

  tag(bytes: Uint8Array, from: number, to: number): Uint8Array {
    return createHmac('sha1', this.#authKey).update(bytes.subarray(from, to)).digest();
  }
}

export class AesCmTransform implements SrtpTransform {
  readonly #rtp: Protection;
  readonly #rtcp: Protection;
  readonly #received = new Uint8Array(tagLength);

  constructor(keys: SessionKeys) {
    this.#rtp = new Protection(keys.rtp);
    this.#rtcp = new Protection(keys.rtcp);
  }

  sealRtp(buffer: Uint8Array, offset: number, headerLength: number, length: number, ssrc: number, index: number): void {
    const end = offset + length;
    this.#rtp.stream.apply(buffer, offset + headerLength, end, ssrc, index);
    // The tag covers the roll-over counter too, which is not sent (RFC 3711 4.2): it stands where the tag will.
    writeU32(buffer, end, Math.floor(index / 0x10000));
    copyTag(this.#rtp.tag(buffer, offset, end + 4), buffer, end);
  }

  openRtp(buffer: Uint8Array, offset: number, headerLength: number, length: number, ssrc: number, index: number): boolean {
    const end = offset + length;
    const received = this.#received;
    for (let i = 0; i < tagLength; i++) received[i] = buffer[end + i] as number;
    writeU32(buffer, end, Math.floor(index / 0x10000));
    const authentic = sameTag(this.#rtp.tag(buffer, offset, end + 4), received, 0);
    if (authentic) this.#rtp.stream.apply(buffer, offset + headerLength, end, ssrc, index);
    else copyTag(received, buffer, end);
    return authentic;
  }

  sealRtcp(buffer: Uint8Array, offset: number, length: number, ssrc: number, index: number): void {
    const end = offset + length;
    this.#rtcp.stream.apply(buffer, offset + rtcpClearLength, end, ssrc, index);
    writeU32(buffer, end, rtcpEncryptedFlag + index);
    copyTag(this.#rtcp.tag(buffer, offset, end + 4), buffer, end + 4);
  }

  openRtcp(buffer: Uint8Array, offset: number, length: number, ssrc: number, index: number): boolean {
    const end = offset + length;
    if (!sameTag(this.#rtcp.tag(buffer, offset, end + 4), buffer, end + 4)) return false;
    this.#rtcp.stream.apply(buffer, offset + rtcpClearLength, end, ssrc, index);
    return true;
  }

  prefetch(): number {
    return 0;
  }

  close(): void {}
}

function copyTag(tag: Uint8Array, buffer: Uint8Array, at: number): void {
  for (let i = 0; i < tagLength; i++) buffer[at + i] = tag[i] as number;
}

/** In constant time. */
function sameTag(computed: Uint8Array, buffer: Uint8Array, at: number): boolean {
  let difference = 0;
  for (let i = 0; i < tagLength; i++) difference |= (computed[i] as number) ^ (buffer[at + i] as number);
  return difference === 0;
}
