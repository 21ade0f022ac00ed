/**
 * One direction of an SRTP association (RFC 3711 3.2): roll-over counter and replay window per SSRC, kept for the life of the
 * call. A packet changes state only after it has been authenticated, so an attacker cannot move a counter or fill the table.
 */

import { readU16, readU32 } from '../base/bytes.ts';
import { invariant } from '../base/errors.ts';
import { rtpHeaderLength } from '../rtp/header.ts';
import { deriveSessionKeys } from './key-derivation.ts';
import { nodeDriver } from './node-driver.ts';
import { type SrtpProfile, srtpProfiles } from './profile.ts';
import { estimateIndex, ReplayWindow } from './replay-window.ts';
import { rtcpClearLength, rtcpEncryptedFlag, type SrtpDriver, type SrtpTransform } from './transform.ts';

/** Results that are not a length. */
export const srtpMalformed = -1;
export const srtpUnauthentic = -2;
/** Seen before, or too old to know. */
export const srtpReplayed = -3;

/** Bytes that a buffer must have behind a packet that is to be protected. */
export const srtpMaxOverhead = 20;

/** SSRCs of one peer. Forgetting one would forget its replay window, so a peer that uses more is not heard on the further ones. */
const maxSources = 128;

const indexLimit = 2 ** 48;
const rtcpIndexLimit = 2 ** 31;

export interface SrtpContextOptions {
  readonly profile: SrtpProfile;
  readonly masterKey: Uint8Array;
  readonly masterSalt: Uint8Array;
  readonly role: 'protect' | 'unprotect';
  readonly driver?: SrtpDriver;
}

/** What is remembered per SSRC. A peer has one of them for most of a call: the one of the last packet is found without a look-up. */
class Sources {
  #lastSsrc = 0;
  #lastWindow: ReplayWindow | undefined;
  readonly #windows = new Map<number, ReplayWindow>();

  get full(): boolean {
    return this.#windows.size >= maxSources;
  }

  find(ssrc: number): ReplayWindow | undefined {
    if (ssrc === this.#lastSsrc && this.#lastWindow) return this.#lastWindow;
    const window = this.#windows.get(ssrc);
    this.#lastSsrc = ssrc;
    this.#lastWindow = window;
    return window;
  }

  admit(ssrc: number): ReplayWindow {
    invariant(!this.full, 'too many SSRCs on one SRTP context');
    const window = new ReplayWindow();
    this.#windows.set(ssrc, window);
    return window;
  }
}

export class SrtpContext {
  // For each packet, and so together.
  readonly #role: 'protect' | 'unprotect';
  readonly #tagLength: number;
  readonly #transform: SrtpTransform;
  readonly #rtp = new Sources();
  readonly profile: SrtpProfile;
  readonly #rtcpIndexFromEnd: number;
  readonly #rtcp = new Sources();
  #nextRtcpIndex = 0;

  /** Throws RangeError when master key or salt have not the profile's length. */
  constructor(options: SrtpContextOptions) {
    const { profile, masterKey, masterSalt, role, driver = nodeDriver } = options;
    this.profile = profile;
    this.#role = role;
    this.#tagLength = srtpProfiles[profile].tagLength;
    this.#rtcpIndexFromEnd = srtpProfiles[profile].rtcpIndexFromEnd;
    this.#transform = driver.createTransform(profile, deriveSessionKeys(profile, masterKey, masterSalt));
  }

  /**
   * Protects the RTP packet of `length` bytes at `offset` in place. Returns its new length; `srtpMalformed`; or `srtpReplayed`
   * for an index that was encrypted before or may have been: a second use would give the key stream away (RFC 3711 9.1).
   */
  protectRtp(buffer: Uint8Array, offset: number, length: number): number {
    invariant(this.#role === 'protect', 'an SRTP context has one direction');
    const headerLength = rtpHeaderLength(buffer, offset, length);
    if (headerLength === 0) return srtpMalformed;
    const ssrc = ssrcAt(buffer, offset + 8);
    const window = this.#rtp.find(ssrc) ?? this.#rtp.admit(ssrc);
    const index = estimateIndex(window.highest, readU16(buffer, offset + 2));
    invariant(index < indexLimit, 'SRTP key used up');
    if (index < 0 || !window.isFresh(index)) return srtpReplayed;
    window.commit(index);
    this.#transform.sealRtp(buffer, offset, headerLength, length, ssrc, index);
    return length + this.#tagLength;
  }

  /** Authenticates and decrypts in place. Returns the clear length, `srtpMalformed`, `srtpUnauthentic` or `srtpReplayed`. */
  unprotectRtp(buffer: Uint8Array, offset: number, length: number): number {
    invariant(this.#role === 'unprotect', 'an SRTP context has one direction');
    const clearLength = length - this.#tagLength;
    const headerLength = rtpHeaderLength(buffer, offset, clearLength);
    if (headerLength === 0) return srtpMalformed;
    const ssrc = ssrcAt(buffer, offset + 8);
    const window = this.#rtp.find(ssrc);
    const index = estimateIndex(window?.highest ?? -1, readU16(buffer, offset + 2));
    if (index < 0 || index >= indexLimit || !this.#mayAccept(this.#rtp, window, index)) return srtpReplayed;
    if (!this.#transform.openRtp(buffer, offset, headerLength, clearLength, ssrc, index)) return srtpUnauthentic;
    (window ?? this.#rtp.admit(ssrc)).commit(index);
    return clearLength;
  }

  /** Protects a compound or reduced-size RTCP packet in place. Returns its new length or `srtpMalformed`. */
  protectRtcp(buffer: Uint8Array, offset: number, length: number): number {
    invariant(this.#role === 'protect', 'an SRTP context has one direction');
    if (!isRtcp(buffer, offset, length)) return srtpMalformed;
    // One counter for all SSRCs is enough: the SSRC is part of every IV.
    const index = this.#nextRtcpIndex++;
    invariant(index < rtcpIndexLimit, 'SRTCP key used up');
    this.#transform.sealRtcp(buffer, offset, length, ssrcAt(buffer, offset + 4), index);
    return length + this.#tagLength + 4;
  }

  /** Authenticates and decrypts in place. Returns the clear length, `srtpMalformed`, `srtpUnauthentic` or `srtpReplayed`. */
  unprotectRtcp(buffer: Uint8Array, offset: number, length: number): number {
    invariant(this.#role === 'unprotect', 'an SRTP context has one direction');
    const clearLength = length - this.#tagLength - 4;
    if (!isRtcp(buffer, offset, clearLength)) return srtpMalformed;
    const word = readU32(buffer, offset + length - this.#rtcpIndexFromEnd);
    // Every profile of DTLS-SRTP encrypts SRTCP (RFC 5764 4.1.2): a clear packet is none of the peer's.
    if (word < rtcpEncryptedFlag) return srtpUnauthentic;
    const index = word - rtcpEncryptedFlag;
    const ssrc = ssrcAt(buffer, offset + 4);
    const window = this.#rtcp.find(ssrc);
    if (!this.#mayAccept(this.#rtcp, window, index)) return srtpReplayed;
    if (!this.#transform.openRtcp(buffer, offset, clearLength, ssrc, index)) return srtpUnauthentic;
    (window ?? this.#rtcp.admit(ssrc)).commit(index);
    return clearLength;
  }

  /** Frees the driver's cipher contexts; the context must not be used again. */
  close(): void {
    this.#transform.close();
  }

  #mayAccept(sources: Sources, window: ReplayWindow | undefined, index: number): boolean {
    return window ? window.isFresh(index) : !sources.full;
  }
}

/** Signed: V8 needs no object for numbers of 32 bits with a sign. */
function ssrcAt(buffer: Uint8Array, at: number): number {
  return (readU16(buffer, at) << 16) | readU16(buffer, at + 2);
}

function isRtcp(buffer: Uint8Array, offset: number, length: number): boolean {
  return length >= rtcpClearLength && (buffer[offset] as number) >> 6 === 2;
}
