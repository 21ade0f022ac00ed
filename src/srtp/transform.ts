/**
 * The cryptographic half of SRTP: given packet, SSRC and index it seals or opens in place, and remembers nothing of packets.
 * Indexes, replay and the SSRC table are the context's, so a driver is only as long as its ciphers.
 */

import type { HmacSha1 } from '../base/hmac.ts';
import type { SessionKeys } from './key-derivation.ts';
import type { SrtpProfile } from './profile.ts';

/**
 * `length` is always that of the clear packet; tag (and SRTCP index) lie, or come to lie, directly behind it. `ssrc` is 32 bits, with
 * or without a sign.
 */
export interface SrtpTransform {
  sealRtp(buffer: Uint8Array, offset: number, headerLength: number, length: number, ssrc: number, index: number): void;
  /** False, with the packet as it came, if the tag is wrong. */
  openRtp(buffer: Uint8Array, offset: number, headerLength: number, length: number, ssrc: number, index: number): boolean;
  /** Writes tag and index word with the E flag set. */
  sealRtcp(buffer: Uint8Array, offset: number, length: number, ssrc: number, index: number): void;
  /** The index word's E flag is set: the context has looked. False, with the packet as it came, if the tag is wrong. */
  openRtcp(buffer: Uint8Array, offset: number, length: number, ssrc: number, index: number): boolean;
  /** Reads the keys for RTP, so that they have come from memory when they are needed. The result means nothing. */
  prefetch(): number;
  close(): void;
}

export interface SrtpDriver {
  readonly name: string;
  /** For whatever else of a call is authenticated with it. */
  readonly hmacSha1: HmacSha1;
  createTransform(profile: SrtpProfile, keys: SessionKeys): SrtpTransform;
}

/** The part of an RTCP packet that stays clear: the first packet's header and SSRC (RFC 3711 3.4). */
export const rtcpClearLength = 8;

/** The flag before the 31 bits of SRTCP index that says "encrypted" (RFC 3711 3.4). */
export const rtcpEncryptedFlag = 0x80000000;
