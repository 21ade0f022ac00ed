/** AES_CM_128_HMAC_SHA1_80 (RFC 3711 4.1.1, 4.2.1) on OpenSSL's EVP ciphers. */

import { readU16, readU32, writeU16, writeU32 } from '../base/bytes.ts';
import { bringBack, bringIn, CounterCipher, digestAt, ivAt, packetMemory, Sha1Hmac } from '../native/openssl-cipher.ts';
import type { PacketKeys, SessionKeys } from './key-derivation.ts';
import { rtcpClearLength, rtcpEncryptedFlag, type SrtpTransform } from './transform.ts';

const tagLength = 10;
const indexLength = 4;

/** The cipher and the authentication of one packet kind, on packet memory. */
class Protection {
  readonly #cipher: CounterCipher;
  readonly #hmac: Sha1Hmac;
  readonly #salt: Uint8Array;

  constructor(keys: PacketKeys) {
    this.#cipher = new CounterCipher(keys.key);
    this.#hmac = new Sha1Hmac(keys.authKey);
    this.#salt = keys.salt;
  }

  /** IV = salt * 2^16 XOR SSRC * 2^64 XOR index * 2^16 */
  apply(at: number, length: number, ssrc: number, index: number): void {
    const salt = this.#salt;
    writeU32(packetMemory, ivAt, readU32(salt, 0));
    writeU32(packetMemory, ivAt + 4, readU32(salt, 4) ^ ssrc);
    writeU16(packetMemory, ivAt + 8, readU16(salt, 8) ^ (index / 0x100000000));
    writeU32(packetMemory, ivAt + 10, readU32(salt, 10) ^ index);
    writeU16(packetMemory, ivAt + 14, 0);
    this.#cipher.apply(at, length);
  }

  /** Writes the tag of `length` bytes at `at` to `tagAt`. */
  sign(at: number, length: number, tagAt: number): void {
    this.#hmac.digest(at, length);
    for (let i = 0; i < tagLength; i++) packetMemory[tagAt + i] = packetMemory[digestAt + i] as number;
  }

  /** Whether `length` bytes at `at` have the tag that begins at `tagAt` of `bytes`; in constant time. */
  verify(at: number, length: number, bytes: Uint8Array, tagAt: number): boolean {
    this.#hmac.digest(at, length);
    let difference = 0;
    for (let i = 0; i < tagLength; i++) difference |= (packetMemory[digestAt + i] as number) ^ (bytes[tagAt + i] as number);
    return difference === 0;
  }

  close(): void {
    this.#cipher.close();
  }
}

export class EvpAesCmTransform implements SrtpTransform {
  readonly #rtp: Protection;
  readonly #rtcp: Protection;
  readonly #received = new Uint8Array(tagLength);

  constructor(keys: SessionKeys) {
    this.#rtp = new Protection(keys.rtp);
    this.#rtcp = new Protection(keys.rtcp);
  }

  sealRtp(buffer: Uint8Array, offset: number, headerLength: number, length: number, ssrc: number, index: number): void {
    const at = bringIn(buffer, offset, length);
    const end = at + length;
    this.#rtp.apply(at + headerLength, length - headerLength, ssrc, index);
    // The tag covers the roll-over counter too, which is not sent (RFC 3711 4.2): it stands where the tag will.
    writeU32(packetMemory, end, Math.floor(index / 0x10000));
    this.#rtp.sign(at, length + indexLength, end);
    bringBack(buffer, offset, at, length + tagLength);
  }

  openRtp(buffer: Uint8Array, offset: number, headerLength: number, length: number, ssrc: number, index: number): boolean {
    const at = bringIn(buffer, offset, length + tagLength);
    const end = at + length;
    const received = this.#received;
    for (let i = 0; i < tagLength; i++) received[i] = packetMemory[end + i] as number;
    writeU32(packetMemory, end, Math.floor(index / 0x10000));
    const authentic = this.#rtp.verify(at, length + indexLength, received, 0);
    for (let i = 0; i < indexLength; i++) packetMemory[end + i] = received[i] as number;
    if (!authentic) return false;
    this.#rtp.apply(at + headerLength, length - headerLength, ssrc, index);
    bringBack(buffer, offset, at, length);
    return true;
  }

  sealRtcp(buffer: Uint8Array, offset: number, length: number, ssrc: number, index: number): void {
    const at = bringIn(buffer, offset, length);
    const end = at + length;
    this.#rtcp.apply(at + rtcpClearLength, length - rtcpClearLength, ssrc, index);
    writeU32(packetMemory, end, rtcpEncryptedFlag + index);
    this.#rtcp.sign(at, length + indexLength, end + indexLength);
    bringBack(buffer, offset, at, length + indexLength + tagLength);
  }

  openRtcp(buffer: Uint8Array, offset: number, length: number, ssrc: number, index: number): boolean {
    const at = bringIn(buffer, offset, length + indexLength + tagLength);
    const end = at + length;
    if (!this.#rtcp.verify(at, length + indexLength, packetMemory, end + indexLength)) return false;
    this.#rtcp.apply(at + rtcpClearLength, length - rtcpClearLength, ssrc, index);
    bringBack(buffer, offset, at, length);
    return true;
  }

  close(): void {
    this.#rtp.close();
    this.#rtcp.close();
  }
}
