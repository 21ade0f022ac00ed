/**
 * AES in counter mode on node:crypto. The key stream comes from one ECB cipher kept for life, since making a cipher object costs more
 * than encrypting a voice packet.
 */

import { type Cipher, createCipheriv } from 'node:crypto';
import { readU32, writeU16, writeU32 } from '../base/bytes.ts';

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
