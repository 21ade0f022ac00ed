/**
 * The RTP header (RFC 3550 5.1), read and edited in place. Nothing here allocates: these functions run once per packet. So words of 32
 * bits are read and written as halves, since V8 makes an object of one from 2^31 that goes in or out of a function.
 */

import { readU16, writeU16, writeU32 } from '../base/bytes.ts';

export const rtpFixedHeaderLength = 12;

/** Filled by `readRtpHeader`; made once and used for every packet. */
export interface RtpHeader {
  marker: boolean;
  /** 0 .. 127 */
  payloadType: number;
  /** 0 .. 65535 */
  sequence: number;
  /** 0 .. 2^32-1 */
  timestamp: number;
  /** 0 .. 2^32-1 */
  ssrc: number;
  /** Fixed part, CSRC list and extension, in bytes. */
  headerLength: number;
  /** Payload without padding, in bytes; may be 0. */
  payloadLength: number;
}

export function createRtpHeader(): RtpHeader {
  return { marker: false, payloadType: 0, sequence: 0, timestamp: 0, ssrc: 0, headerLength: 0, payloadLength: 0 };
}

/**
 * Length in bytes of fixed part, CSRC list and extension of the packet at `offset`, or 0 if it is not RTP version 2 or does not
 * fit into `length`. Padding is not looked at: in SRTP its count is encrypted.
 */
export function rtpHeaderLength(bytes: Uint8Array, offset: number, length: number): number {
  if (length < rtpFixedHeaderLength) return 0;
  const first = bytes[offset] as number;
  if (first >> 6 !== 2) return 0;
  let header = rtpFixedHeaderLength + 4 * (first & 0x0f);
  if (first & 0x10) {
    if (header + 4 > length) return 0;
    header += 4 + 4 * readU16(bytes, offset + header + 2);
  }
  return header <= length ? header : 0;
}

/** Reads the packet of `length` bytes at `offset`; false, with `into` unspecified, if the packet is malformed. */
export function readRtpHeader(bytes: Uint8Array, offset: number, length: number, into: RtpHeader): boolean {
  const headerLength = rtpHeaderLength(bytes, offset, length);
  if (headerLength === 0) return false;
  let payloadLength = length - headerLength;
  if ((bytes[offset] as number) & 0x20) {
    const padding = payloadLength === 0 ? 0 : (bytes[offset + length - 1] as number);
    if (padding === 0 || padding > payloadLength) return false;
    payloadLength -= padding;
  }
  const second = bytes[offset + 1] as number;
  into.marker = second >= 0x80;
  into.payloadType = second & 0x7f;
  into.sequence = readU16(bytes, offset + 2);
  into.timestamp = ((readU16(bytes, offset + 4) << 16) | readU16(bytes, offset + 6)) >>> 0;
  into.ssrc = ((readU16(bytes, offset + 8) << 16) | readU16(bytes, offset + 10)) >>> 0;
  into.headerLength = headerLength;
  into.payloadLength = payloadLength;
  return true;
}

/**
 * Takes CSRC list, extension and padding out by moving the fixed header up to the payload. Returns the packet's new offset; its
 * new length is `rtpFixedHeaderLength + header.payloadLength`. `header` must be what was read at `offset`.
 */
export function stripRtpPacket(bytes: Uint8Array, offset: number, header: RtpHeader): number {
  const stripped = offset + header.headerLength - rtpFixedHeaderLength;
  if (stripped !== offset) bytes.copyWithin(stripped, offset, offset + rtpFixedHeaderLength);
  bytes[stripped] = 0x80;
  header.headerLength = rtpFixedHeaderLength;
  return stripped;
}

/** Writes a fixed header without CSRC list, extension and padding. */
export function writeRtpHeader(bytes: Uint8Array, offset: number, header: Omit<RtpHeader, 'headerLength' | 'payloadLength'>): void {
  bytes[offset] = 0x80;
  bytes[offset + 1] = (header.marker ? 0x80 : 0) | header.payloadType;
  writeU16(bytes, offset + 2, header.sequence);
  writeU16(bytes, offset + 4, header.timestamp >>> 16);
  writeU16(bytes, offset + 6, header.timestamp & 0xffff);
  writeU16(bytes, offset + 8, header.ssrc >>> 16);
  writeU16(bytes, offset + 10, header.ssrc & 0xffff);
}

export function setPayloadType(bytes: Uint8Array, offset: number, payloadType: number): void {
  bytes[offset + 1] = ((bytes[offset + 1] as number) & 0x80) | payloadType;
}

export function setMarker(bytes: Uint8Array, offset: number, marker: boolean): void {
  bytes[offset + 1] = ((bytes[offset + 1] as number) & 0x7f) | (marker ? 0x80 : 0);
}

export function setSequence(bytes: Uint8Array, offset: number, sequence: number): void {
  writeU16(bytes, offset + 2, sequence);
}

export function setTimestamp(bytes: Uint8Array, offset: number, timestamp: number): void {
  writeU32(bytes, offset + 4, timestamp);
}

export function setSsrc(bytes: Uint8Array, offset: number, ssrc: number): void {
  writeU32(bytes, offset + 8, ssrc);
}
