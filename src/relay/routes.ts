/** Which packet of one leg may go out on another, and under which payload type: decided by what a number means, never by the number. */

import type { PayloadFormat } from './media-relay.ts';

export interface Route {
  /** The payload type that the receiving side knows it by. */
  readonly payloadType: number;
  readonly format: PayloadFormat;
  /** RFC 4733 events: units of duration out per unit in. 1 for audio. */
  readonly durationScale: number;
}

/** Indexed by the payload type that comes in; undefined where there is no way through. */
export type RouteTable = ReadonlyArray<Route | undefined>;

/** Indexed by payload type. */
export type FormatTable = ReadonlyArray<PayloadFormat | undefined>;

const payloadTypes = 128;

export function isTelephoneEvent(format: PayloadFormat): boolean {
  return format.encoding.toLowerCase() === 'telephone-event';
}

export function formatTable(formats: readonly PayloadFormat[]): FormatTable {
  const table: Array<PayloadFormat | undefined> = new Array(payloadTypes).fill(undefined);
  for (const format of formats) table[format.payloadType & 0x7f] = format;
  return table;
}

/** From what one leg receives to what another sends. */
export function planRoutes(receive: readonly PayloadFormat[], send: readonly PayloadFormat[]): RouteTable {
  const table: Array<Route | undefined> = new Array(payloadTypes).fill(undefined);
  for (const format of receive) {
    const out = isTelephoneEvent(format) ? chooseTelephoneEvent(send, format.clockRate) : send.find((other) => sameFormat(format, other));
    if (!out) continue;
    const durationScale = isTelephoneEvent(format) ? out.clockRate / format.clockRate : 1;
    table[format.payloadType & 0x7f] = { payloadType: out.payloadType, format: out, durationScale };
  }
  return table;
}

/**
 * The telephone-event format to send: of the wanted clock rate, else of that of the audio beside it (RFC 4733 2.1 wants them equal,
 * and many peers have only 8000), else any.
 */
export function chooseTelephoneEvent(send: readonly PayloadFormat[], clockRate: number): PayloadFormat | undefined {
  const events = send.filter(isTelephoneEvent);
  const audio = send.find((format) => !isTelephoneEvent(format));
  return (
    events.find((format) => format.clockRate === clockRate) ?? events.find((format) => format.clockRate === audio?.clockRate) ?? events[0]
  );
}

function sameFormat(a: PayloadFormat, b: PayloadFormat): boolean {
  return a.encoding.toLowerCase() === b.encoding.toLowerCase() && a.clockRate === b.clockRate && a.channels === b.channels;
}
