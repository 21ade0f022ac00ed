/** What a leg does with each payload type that it receives: decided by what the number means, never by the number itself. */

import type { PayloadFormat } from './media-relay.ts';

export interface Route {
  readonly encoding: string;
  /** Hz */
  readonly clockRate: number;
  /** A telephone event (RFC 4733), not audio. */
  readonly event: boolean;
  /** The payload type on the bridged leg; null if that does not carry the format. */
  readonly payloadType: number | null;
  /** Of a telephone event: units of duration that go out for one that comes in. */
  readonly durationScale: number;
}

/** By the payload type that comes in: those that were negotiated. */
export type RouteTable = ReadonlyMap<number, Route>;

/** From what one leg receives to what another sends. */
export function planRoutes(receive: readonly PayloadFormat[], send: readonly PayloadFormat[]): RouteTable {
  return new Map(receive.map((format) => [format.payloadType & 0x7f, planRoute(format, send)]));
}

function planRoute(format: PayloadFormat, send: readonly PayloadFormat[]): Route {
  const { encoding, clockRate } = format;
  const event = isTelephoneEvent(format);
  const out = event ? chooseTelephoneEvent(send, clockRate) : send.find((other) => sameFormat(format, other));
  const durationScale = event && out ? out.clockRate / clockRate : 1;
  return { encoding, clockRate, event, payloadType: out?.payloadType ?? null, durationScale };
}

/**
 * The telephone-event format to send: of the wanted clock rate, else of that of the audio beside it (RFC 4733 2.1 wants them equal,
 * yet many peers have only 8000), else any.
 */
export function chooseTelephoneEvent(send: readonly PayloadFormat[], clockRate: number | undefined): PayloadFormat | undefined {
  const events = send.filter(isTelephoneEvent);
  const audioRate = send.find((format) => !isTelephoneEvent(format))?.clockRate;
  return events.find((format) => format.clockRate === clockRate) ?? events.find((format) => format.clockRate === audioRate) ?? events[0];
}

function isTelephoneEvent(format: PayloadFormat): boolean {
  return format.encoding.toLowerCase() === 'telephone-event';
}

function sameFormat(a: PayloadFormat, b: PayloadFormat): boolean {
  return a.encoding.toLowerCase() === b.encoding.toLowerCase() && a.clockRate === b.clockRate && a.channels === b.channels;
}
