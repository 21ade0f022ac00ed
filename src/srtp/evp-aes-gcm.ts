/** AEAD_AES_128_GCM and AEAD_AES_256_GCM (RFC 7714) on OpenSSL's EVP ciphers. */

import { readU16, readU32, writeU16, writeU32 } from '../base/bytes.ts';
import { aadAt, bringBack, bringIn, GcmCipher, ivAt, packetMemory, stageAt } from '../native/openssl-cipher.ts';
import type { PacketKeys, SessionKeys } from './key-derivation.ts';
import { rtcpClearLength, rtcpEncryptedFlag, type SrtpTransform } from './transform.ts';

const tagLength = 16;
const indexLength = 4;

/** The cipher of one packet kind, with its IV. */
class Protection {
  readonly cipher: GcmCipher;
  readonly #salt: Uint8Array;

  constructor(keys: PacketKeys) {
    this.cipher = new GcmCipher(keys.key);
    this.#salt = keys.salt;
  }

  /** (0x0000 || SSRC || 48-bit index) XOR salt (RFC 7714 8.1); an SRTCP index fills the low 31 bits (9.1). */
  writeIv(ssrc: number, index: number): void {
    const salt = this.#salt;
    writeU16(packetMemory, ivAt, readU16(salt, 0));
    writeU32(packetMemory, ivAt + 2, readU32(salt, 2) ^ ssrc);
    writeU16(packetMemory, ivAt + 6, readU16(salt, 6) ^ (index / 0x100000000));
    writeU32(packetMemory, ivAt + 8, readU32(salt, 8) ^ index);
  }
}

export class EvpAesGcmTransform implements SrtpTransform {
  readonly #rtp: Protection;
  readonly #rtcp: Protection;

  constructor(keys: SessionKeys) {
    this.#rtp = new Protection(keys.rtp);
    this.#rtcp = new Protection(keys.rtcp);
  }

  sealRtp(buffer: Uint8Array, offset: number, headerLength: number, length: number, ssrc: number, index: number): void {
    const at = bringIn(buffer, offset, length);
    this.#rtp.writeIv(ssrc, index);
    this.#rtp.cipher.seal(at + headerLength, length - headerLength, at, headerLength);
    bringBack(buffer, offset, at, length + tagLength);
  }

  openRtp(buffer: Uint8Array, offset: number, headerLength: number, length: number, ssrc: number, index: number): boolean {
    const at = bringIn(buffer, offset, length + tagLength);
    const clearAt = stageAt + headerLength;
    this.#rtp.writeIv(ssrc, index);
    // What is decrypted before its tag is known to be right must not come into the packet.
    if (!this.#rtp.cipher.open(at + headerLength, length - headerLength, at, headerLength, clearAt)) return false;
    bringBack(buffer, offset + headerLength, clearAt, length - headerLength);
    return true;
  }

  sealRtcp(buffer: Uint8Array, offset: number, length: number, ssrc: number, index: number): void {
    const at = bringIn(buffer, offset, length);
    const tagEnd = at + length + tagLength;
    writeRtcpAad(at, index);
    this.#rtcp.writeIv(ssrc, index);
    this.#rtcp.cipher.seal(at + rtcpClearLength, length - rtcpClearLength, aadAt, rtcpClearLength + indexLength);
    writeU32(packetMemory, tagEnd, rtcpEncryptedFlag + index);
    bringBack(buffer, offset, at, length + tagLength + indexLength);
  }

  openRtcp(buffer: Uint8Array, offset: number, length: number, ssrc: number, index: number): boolean {
    const at = bringIn(buffer, offset, length + tagLength + indexLength);
    const clearLength = length - rtcpClearLength;
    const clearAt = stageAt + rtcpClearLength;
    writeRtcpAad(at, index);
    this.#rtcp.writeIv(ssrc, index);
    if (!this.#rtcp.cipher.open(at + rtcpClearLength, clearLength, aadAt, rtcpClearLength + indexLength, clearAt)) return false;
    bringBack(buffer, offset + rtcpClearLength, clearAt, clearLength);
    return true;
  }

  close(): void {
    this.#rtp.cipher.close();
    this.#rtcp.cipher.close();
  }
}

/** The clear header and the index word (RFC 7714 9.2). */
function writeRtcpAad(at: number, index: number): void {
  for (let i = 0; i < rtcpClearLength; i++) packetMemory[aadAt + i] = packetMemory[at + i] as number;
  writeU32(packetMemory, aadAt + rtcpClearLength, rtcpEncryptedFlag + index);
}
