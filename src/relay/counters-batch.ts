/** The counters of many sessions as one array of numbers: an array of its own for each leg is 20 us of copying between threads. */

import { callSides } from '../events/gateway-events.ts';
import { type Counters, createCounters } from './counters.ts';
import type { LegCounters, SessionCounters, SessionId } from './messages.ts';

/** A row per leg: which of `sessions` it belongs to, the leg, its side, then its counters. */
export interface CountersBatch {
  readonly sessions: readonly SessionId[];
  readonly rows: Float64Array;
}

const sessionAt = 0;
const legAt = 1;
const sideAt = 2;
const countersAt = 3;
const rowLength = countersAt + createCounters().length;

export function packCounters(sessions: readonly SessionCounters[]): CountersBatch {
  const rows = new Float64Array(sessions.reduce((sum, { legs }) => sum + legs.length, 0) * rowLength);
  let at = 0;
  for (const [session, { legs }] of sessions.entries()) {
    for (const { leg, side, counters } of legs) {
      rows[at + sessionAt] = session;
      rows[at + legAt] = leg;
      rows[at + sideAt] = callSides.indexOf(side);
      rows.set(counters, at + countersAt);
      at += rowLength;
    }
  }
  return { sessions: sessions.map(({ session }) => session), rows };
}

export function unpackCounters({ sessions, rows }: CountersBatch): SessionCounters[] {
  const legs: LegCounters[][] = sessions.map(() => []);
  for (let at = 0; at < rows.length; at += rowLength) {
    const counters: Counters = rows.subarray(at + countersAt, at + rowLength);
    const side = callSides[rows[at + sideAt] as number] ?? 'trunk';
    legs[rows[at + sessionAt] as number]?.push({ leg: rows[at + legAt] as number, side, counters });
  }
  return sessions.map((session, index) => ({ session, legs: legs[index] ?? [] }));
}
