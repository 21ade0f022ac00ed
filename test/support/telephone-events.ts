/** RFC 4733 events as they went over the wire, packet by packet. */

import { payloadType, type ReceivedPacket } from './rtp-voice.ts';

export interface HeardEvent {
  readonly digit: string;
  readonly durationMs: number;
  /** Packets with the end bit: RFC 4733 2.5.1.4 wants three. */
  readonly endPackets: number;
  /** The marker bit is on the first packet and on no other. */
  readonly marked: boolean;
  /** Neither the duration nor the end bit ever goes back. */
  readonly steady: boolean;
}

const endBit = 0x80;

/** In order. All packets of an event share its timestamp (RFC 4733 2.2.1). */
export function telephoneEvents(packets: readonly ReceivedPacket[], type = 101, clockRate = 8000): HeardEvent[] {
  const events = new Map<number, Buffer[]>();
  for (const { bytes } of packets) {
    if (payloadType(bytes) !== type) continue;
    const timestamp = bytes.readUInt32BE(4);
    events.set(timestamp, [...(events.get(timestamp) ?? []), bytes]);
  }
  return [...events.values()].map((event) => describeEvent(event, clockRate));
}

function describeEvent(event: readonly Buffer[], clockRate: number): HeardEvent {
  const codes = new Set(event.map((bytes) => bytes[12] ?? 0));
  const marks = event.map((bytes) => (bytes[1] ?? 0) >= 0x80);
  const ends = event.map((bytes) => (bytes[13] ?? 0) >= endBit);
  const ticks = event.map((bytes) => bytes.readUInt16BE(14));
  return {
    digit: [...codes].map((code) => '0123456789*#ABCD'[code] ?? '?').join('/'),
    durationMs: (Math.max(...ticks) * 1000) / clockRate,
    endPackets: ends.filter(Boolean).length,
    marked: marks.every((mark, at) => mark === (at === 0)),
    steady: isRising(ticks) && isRising(ends.map(Number)),
  };
}

function isRising(values: readonly number[]): boolean {
  return values.every((value, at) => value >= (values[at - 1] ?? value));
}
