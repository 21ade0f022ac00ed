/** AEAD_AES_128_GCM and AEAD_AES_256_GCM (RFC 7714) on OpenSSL's EVP ciphers. */

import { readU16, readU32, writeU16, writeU32 } from '../base/bytes.ts';
import { invariant } from '../base/errors.ts';
import {
  aadAt,
  bringBack,
  bringIn,
  ivAt,
  keyBlocks,
  openAesGcm,
  packetMemory,
  prefetchBlock,
  sealAesGcm,
  stageAt,
} from '../native/openssl-cipher.ts';
import type { PacketKeys, SessionKeys } from './key-derivation.ts';
import { rtcpClearLength, rtcpEncryptedFlag, type SrtpTransform } from './transform.ts';

const tagLength = 16;
const indexLength = 4;
const aadLength = rtcpClearLength + indexLength;

// What lies in a block of packet memory, and nothing else is kept of the keys: salt, then AES key.
const saltLength = 12;
const aesKeyAt = 16;

export class EvpAesGcmTransform implements SrtpTransform {
  readonly #rtp: number;
  readonly #rtcp: number;
  readonly #keyLength: number;
  #closed = false;

  constructor(keys: SessionKeys) {
    this.#rtp = placeKeys(keys.rtp);
    this.#rtcp = placeKeys(keys.rtcp);
    this.#keyLength = keys.rtp.key.length;
  }

  sealRtp(buffer: Uint8Array, offset: number, headerLength: number, length: number, ssrc: number, index: number): void {
    this.#checkOpen();
    const at = bringIn(buffer, offset, length);
    writeIv(this.#rtp, ssrc, index);
    sealAesGcm(this.#rtp + aesKeyAt, this.#keyLength, at + headerLength, length - headerLength, at, headerLength);
    bringBack(buffer, offset, at, length + tagLength);
  }

  openRtp(buffer: Uint8Array, offset: number, headerLength: number, length: number, ssrc: number, index: number): boolean {
    this.#checkOpen();
    const at = bringIn(buffer, offset, length + tagLength);
    const clearAt = stageAt + headerLength;
    const payload = length - headerLength;
    writeIv(this.#rtp, ssrc, index);
    // What is decrypted before its tag is known to be right must not come into the packet.
    if (!openAesGcm(this.#rtp + aesKeyAt, this.#keyLength, at + headerLength, payload, at, headerLength, clearAt)) return false;
    bringBack(buffer, offset + headerLength, clearAt, payload);
    return true;
  }

  sealRtcp(buffer: Uint8Array, offset: number, length: number, ssrc: number, index: number): void {
    this.#checkOpen();
    const at = bringIn(buffer, offset, length);
    const tagEnd = at + length + tagLength;
    writeRtcpAad(at, index);
    writeIv(this.#rtcp, ssrc, index);
    sealAesGcm(this.#rtcp + aesKeyAt, this.#keyLength, at + rtcpClearLength, length - rtcpClearLength, aadAt, aadLength);
    writeU32(packetMemory, tagEnd, rtcpEncryptedFlag + index);
    bringBack(buffer, offset, at, length + tagLength + indexLength);
  }

  openRtcp(buffer: Uint8Array, offset: number, length: number, ssrc: number, index: number): boolean {
    this.#checkOpen();
    const at = bringIn(buffer, offset, length + tagLength + indexLength);
    const clearLength = length - rtcpClearLength;
    const clearAt = stageAt + rtcpClearLength;
    writeRtcpAad(at, index);
    writeIv(this.#rtcp, ssrc, index);
    if (!openAesGcm(this.#rtcp + aesKeyAt, this.#keyLength, at + rtcpClearLength, clearLength, aadAt, aadLength, clearAt)) return false;
    bringBack(buffer, offset + rtcpClearLength, clearAt, clearLength);
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
  packetMemory.set(keys.salt.subarray(0, saltLength), block);
  packetMemory.set(keys.key, block + aesKeyAt);
  return block;
}

/** (0x0000 || SSRC || 48-bit index) XOR salt (RFC 7714 8.1); an SRTCP index fills the low 31 bits (9.1). */
function writeIv(keys: number, ssrc: number, index: number): void {
  writeU16(packetMemory, ivAt, readU16(packetMemory, keys));
  writeU32(packetMemory, ivAt + 2, readU32(packetMemory, keys + 2) ^ ssrc);
  writeU16(packetMemory, ivAt + 6, readU16(packetMemory, keys + 6) ^ (index / 0x100000000));
  writeU32(packetMemory, ivAt + 8, readU32(packetMemory, keys + 8) ^ index);
}

/** The clear header and the index word (RFC 7714 9.2). */
function writeRtcpAad(at: number, index: number): void {
  for (let i = 0; i < rtcpClearLength; i++) packetMemory[aadAt + i] = packetMemory[at + i] as number;
  writeU32(packetMemory, aadAt + rtcpClearLength, rtcpEncryptedFlag + index);
}
