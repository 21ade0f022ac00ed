/** AEAD_AES_128_GCM and AEAD_AES_256_GCM (RFC 7714) on node:crypto. */

import { type CipherGCMTypes, createCipheriv, createDecipheriv, createSecretKey, type KeyObject } from 'node:crypto';
import { readU32, writeU16, writeU32 } from '../base/bytes.ts';
import type { PacketKeys, SessionKeys } from './key-derivation.ts';
import { rtcpClearLength, rtcpEncryptedFlag, type SrtpTransform } from './transform.ts';

const tagLength = 16;
const authTag = { authTagLength: tagLength };

/** The cipher of one packet kind: encrypts `bytes[from..to)` in place, with the tag behind it. */
class GcmCipher {
  readonly #algorithm: CipherGCMTypes;
  readonly #key: KeyObject;
  readonly #salt: Uint8Array;
  readonly #iv = new Uint8Array(12);

  constructor(keys: PacketKeys) {
    this.#algorithm = keys.key.length === 16 ? 'aes-128-gcm' : 'aes-256-gcm';
    this.#key = createSecretKey(keys.key);
    this.#salt = keys.salt;
  }

  seal(bytes: Uint8Array, from: number, to: number, aad: Uint8Array, ssrc: number, index: number): void {
    const cipher = createCipheriv(this.#algorithm, this.#key, this.#ivOf(ssrc, index), authTag).setAAD(aad);
    bytes.set(cipher.update(bytes.subarray(from, to)), from);
    cipher.final();
    bytes.set(cipher.getAuthTag(), to);
  }

  open(bytes: Uint8Array, from: number, to: number, aad: Uint8Array, ssrc: number, index: number): boolean {
    const decipher = createDecipheriv(this.#algorithm, this.#key, this.#ivOf(ssrc, index), authTag).setAAD(aad);
    decipher.setAuthTag(bytes.subarray(to, to + tagLength));
    const clear = decipher.update(bytes.subarray(from, to));
    try {
      decipher.final();
    } catch {
      return false;
    }
    bytes.set(clear, from);
    return true;
  }

  /** (0x0000 || SSRC || 48-bit index) XOR salt (RFC 7714 8.1); an SRTCP index fills the low 31 bits (9.1). */
  #ivOf(ssrc: number, index: number): Uint8Array {
    const iv = this.#iv;
    iv.set(this.#salt);
    writeU32(iv, 2, readU32(iv, 2) ^ ssrc);
    writeU16(iv, 6, ((iv[6] as number) << 8) ^ (iv[7] as number) ^ (index / 0x100000000));
    writeU32(iv, 8, readU32(iv, 8) ^ index);
    return iv;
  }
}

export class AesGcmTransform implements SrtpTransform {
  readonly #rtp: GcmCipher;
  readonly #rtcp: GcmCipher;
  readonly #rtcpAad = new Uint8Array(rtcpClearLength + 4);

  constructor(keys: SessionKeys) {
    this.#rtp = new GcmCipher(keys.rtp);
    this.#rtcp = new GcmCipher(keys.rtcp);
  }

  sealRtp(buffer: Uint8Array, offset: number, headerLength: number, length: number, ssrc: number, index: number): void {
    const payload = offset + headerLength;
    this.#rtp.seal(buffer, payload, offset + length, buffer.subarray(offset, payload), ssrc, index);
  }

  openRtp(buffer: Uint8Array, offset: number, headerLength: number, length: number, ssrc: number, index: number): boolean {
    const payload = offset + headerLength;
    return this.#rtp.open(buffer, payload, offset + length, buffer.subarray(offset, payload), ssrc, index);
  }

  sealRtcp(buffer: Uint8Array, offset: number, length: number, ssrc: number, index: number): void {
    const end = offset + length;
    this.#rtcp.seal(buffer, offset + rtcpClearLength, end, this.#rtcpAadOf(buffer, offset, index), ssrc, index);
    writeU32(buffer, end + tagLength, rtcpEncryptedFlag + index);
  }

  openRtcp(buffer: Uint8Array, offset: number, length: number, ssrc: number, index: number): boolean {
    return this.#rtcp.open(buffer, offset + rtcpClearLength, offset + length, this.#rtcpAadOf(buffer, offset, index), ssrc, index);
  }

  prefetch(): number {
    return 0;
  }

  close(): void {}

  /** The clear header and the index word (RFC 7714 9.2). */
  #rtcpAadOf(buffer: Uint8Array, offset: number, index: number): Uint8Array {
    const aad = this.#rtcpAad;
    for (let i = 0; i < rtcpClearLength; i++) aad[i] = buffer[offset + i] as number;
    writeU32(aad, rtcpClearLength, rtcpEncryptedFlag + index);
    return aad;
  }
}
