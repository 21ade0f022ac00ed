/**
 * One direction of an SRTP association (RFC 3711 3.2): roll-over counter and replay window per SSRC, kept for the life of the
 * call. A packet changes state only after it has been authenticated, so an attacker cannot move a counter or fill the table.
 */

import { readU16, readU32 } from '../base/bytes.ts';
import { invariant } from '../base/errors.ts';
import { noRecord, type RecordNumber, Records } from '../base/records.ts';
import { rtpHeaderLength } from '../rtp/header.ts';
import { deriveSessionKeys } from './key-derivation.ts';
import { nodeDriver } from './node-driver.ts';
import { type SrtpProfile, srtpProfiles } from './profile.ts';
import { estimateIndex, ReplayWindows, replayWindowWords } from './replay-windows.ts';
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
  /** Of the thread, so that those of all its calls lie together; by default its own. */
  readonly windows?: SrtpWindows;
}

/** The replay windows of many contexts: one for each SSRC, those of a peer as a chain. */
export class SrtpWindows extends ReplayWindows {
  readonly #records: Records;
  /** By window. */
  readonly #ssrcs: number[] = [];
  readonly #next: RecordNumber[] = [];

  constructor() {
    const records = new Records(replayWindowWords);
    super(records, 0);
    this.#records = records;
  }

  /** A window at the head of the chain that began with `next`. */
  take(ssrc: number, next: RecordNumber): RecordNumber {
    const window = this.#records.take();
    this.#ssrcs[window] = ssrc;
    this.#next[window] = next;
    return window;
  }

  /** In the chain that begins with `first`; `noRecord` if it is not there. */
  find(ssrc: number, first: RecordNumber): RecordNumber {
    let window = first;
    while (window !== noRecord && this.#ssrcs[window] !== ssrc) window = this.#after(window);
    return window;
  }

  /** How long the chain is. */
  count(first: RecordNumber): number {
    let count = 0;
    for (let window = first; window !== noRecord; window = this.#after(window)) count++;
    return count;
  }

  /** The whole chain. */
  giveBack(first: RecordNumber): void {
    for (let window = first; window !== noRecord; window = this.#after(window)) this.#records.giveBack(window);
  }

  prefetch(window: RecordNumber): number {
    return this.#records.get(window, 0);
  }

  #after(window: RecordNumber): RecordNumber {
    return this.#next[window] as RecordNumber;
  }
}

export class SrtpContext {
  // For each packet, and so together.
  readonly #windows: SrtpWindows;
  readonly #transform: SrtpTransform;
  /** Of the last RTP packet; a peer has one SSRC for most of a call. */
  #ssrc = 0;
  #window: RecordNumber = noRecord;
  readonly #tagLength: number;
  readonly #role: 'protect' | 'unprotect';
  readonly profile: SrtpProfile;
  readonly #rtcpIndexFromEnd: number;
  /** The windows of the peer's SSRCs, each a chain. */
  #rtp: RecordNumber = noRecord;
  #rtcp: RecordNumber = noRecord;
  #nextRtcpIndex = 0;

  /** Throws RangeError when master key or salt have not the profile's length. */
  constructor(options: SrtpContextOptions) {
    const { profile, masterKey, masterSalt, role, driver = nodeDriver, windows = new SrtpWindows() } = options;
    this.profile = profile;
    this.#role = role;
    this.#windows = windows;
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
    if (this.#find(ssrc) === noRecord) this.#admit(ssrc);
    const window = this.#window;
    const index = estimateIndex(this.#windows.highest(window), readU16(buffer, offset + 2));
    invariant(index < indexLimit, 'SRTP key used up');
    if (index < 0 || !this.#windows.isFresh(window, index)) return srtpReplayed;
    this.#windows.commit(window, index);
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
    const window = this.#find(ssrc);
    const highest = window === noRecord ? -1 : this.#windows.highest(window);
    const index = estimateIndex(highest, readU16(buffer, offset + 2));
    if (index < 0 || index >= indexLimit || !this.#mayAccept(window, index, this.#rtp)) return srtpReplayed;
    if (!this.#transform.openRtp(buffer, offset, headerLength, clearLength, ssrc, index)) return srtpUnauthentic;
    if (window === noRecord) this.#admit(ssrc);
    this.#windows.commit(this.#window, index);
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
    const window = this.#windows.find(ssrc, this.#rtcp);
    if (!this.#mayAccept(window, index, this.#rtcp)) return srtpReplayed;
    if (!this.#transform.openRtcp(buffer, offset, clearLength, ssrc, index)) return srtpUnauthentic;
    if (window === noRecord) this.#rtcp = this.#windows.take(ssrc, this.#rtcp);
    this.#windows.commit(window === noRecord ? this.#rtcp : window, index);
    return clearLength;
  }

  /** Reads a word of each line of memory that the next RTP packet needs, so that they are there by then. The result means nothing. */
  prefetch(): number {
    const window = this.#window === noRecord ? noRecord : this.#windows.prefetch(this.#window);
    return window ^ this.#transform.prefetch();
  }

  /** Frees what the driver keeps of the keys; the context must not be used again. Idempotent. */
  close(): void {
    this.#transform.close();
    this.#windows.giveBack(this.#rtp);
    this.#windows.giveBack(this.#rtcp);
    this.#rtp = noRecord;
    this.#rtcp = noRecord;
    this.#window = noRecord;
  }

  #find(ssrc: number): RecordNumber {
    if (ssrc === this.#ssrc && this.#window !== noRecord) return this.#window;
    this.#ssrc = ssrc;
    this.#window = this.#windows.find(ssrc, this.#rtp);
    return this.#window;
  }

  /** An SSRC that `#find` did not. */
  #admit(ssrc: number): void {
    invariant(this.#windows.count(this.#rtp) < maxSources, 'too many SSRCs on one SRTP context');
    this.#rtp = this.#windows.take(ssrc, this.#rtp);
    this.#window = this.#rtp;
  }

  /** Whether `index` of `window`, or of an SSRC that is new, is neither too old nor a replay nor of one SSRC too many. */
  #mayAccept(window: RecordNumber, index: number, first: RecordNumber): boolean {
    return window === noRecord ? this.#windows.count(first) < maxSources : this.#windows.isFresh(window, index);
  }
}

/** Signed: V8 needs no object for numbers of 32 bits with a sign. */
function ssrcAt(buffer: Uint8Array, at: number): number {
  return (readU16(buffer, at) << 16) | readU16(buffer, at + 2);
}

function isRtcp(buffer: Uint8Array, offset: number, length: number): boolean {
  return length >= rtcpClearLength && (buffer[offset] as number) >> 6 === 2;
}
