/**
 * The counters of many legs as one array of numbers, a row for each: it travels between threads once a second for every call, and
 * objects would be dear to copy and leave garbage.
 */

import { callSides, type LegQuality } from '../events/gateway-events.ts';
import { createCounters, qualityOf } from './counters.ts';
import type { LegCounters, SessionId } from './messages.ts';

/** Rows of one session stand together. */
export type CountersBatch = Float64Array;

const sessionAt = 0;
const sideAt = 1;
const countersAt = 2;
const rowLength = countersAt + createCounters().length;

export function packCounters(legs: readonly LegCounters[]): CountersBatch {
  const batch = new Float64Array(legs.length * rowLength);
  let at = 0;
  for (const { session, side, counters } of legs) {
    batch[at + sessionAt] = session;
    batch[at + sideAt] = callSides.indexOf(side);
    batch.set(counters, at + countersAt);
    at += rowLength;
  }
  return batch;
}

/** Calls `tell` with the rows of one session after the other. They are part of the batch. */
export function splitCounters(batch: CountersBatch, tell: (session: SessionId, rows: CountersBatch) => void): void {
  for (let from = 0; from < batch.length; ) {
    const session = batch[from + sessionAt] as number;
    let to = from + rowLength;
    while (batch[to + sessionAt] === session) to += rowLength;
    tell(session, batch.subarray(from, to));
    from = to;
  }
}

export function unpackCounters(batch: CountersBatch): readonly LegQuality[] {
  const legs = new Array<LegQuality>(batch.length / rowLength);
  for (let leg = 0, at = 0; at < batch.length; leg++, at += rowLength) {
    const side = callSides[batch[at + sideAt] as number] ?? 'trunk';
    legs[leg] = qualityOf(side, batch, at + countersAt);
  }
  return legs;
}
