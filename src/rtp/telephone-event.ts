/** DTMF as RTP telephone events (RFC 4733 2.3). */

import { readU16, writeU16 } from '../base/bytes.ts';

const telephoneEventLength = 4;

/** The DTMF digits in the order of their event codes 0 .. 15 (RFC 4733 3.2). */
const digits = '0123456789*#ABCD';

export interface TelephoneEvent {
  /** 0 .. 255; 0 .. 15 are DTMF digits. */
  readonly event: number;
  readonly end: boolean;
  /** Power below 0 dBm0, in dB: 0 .. 63. */
  readonly volume: number;
  /** Since the packet's timestamp, in timestamp units: 0 .. 65535. */
  readonly duration: number;
}

/** Reads a payload; null if it is too short. Bytes behind the first event are passed over. */
export function readTelephoneEvent(bytes: Uint8Array, offset: number, length: number): TelephoneEvent | null {
  if (length < telephoneEventLength) return null;
  const flags = bytes[offset + 1] as number;
  return { event: bytes[offset] as number, end: flags >= 0x80, volume: flags & 0x3f, duration: readU16(bytes, offset + 2) };
}

/** Writes the 4 bytes of a payload. */
export function writeTelephoneEvent(bytes: Uint8Array, offset: number, { event, end, volume, duration }: TelephoneEvent): void {
  bytes[offset] = event;
  bytes[offset + 1] = (end ? 0x80 : 0) | volume;
  writeU16(bytes, offset + 2, duration);
}

/** The digit of an event code; undefined for events that are no DTMF. */
export function digitOfEvent(event: number): string | undefined {
  return digits[event];
}

/** The event code of a digit (0-9 * # A-D, either case); undefined for anything else. */
export function eventOfDigit(digit: string): number | undefined {
  const event = digit.length === 1 ? digits.indexOf(digit.toUpperCase()) : -1;
  return event < 0 ? undefined : event;
}
