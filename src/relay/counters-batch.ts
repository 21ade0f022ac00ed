/**
 * The counters of many legs as one array of numbers, a row for each: it travels between threads once a second for every call, and
 * objects would be dear to copy and leave garbage.
 */

import { callSides, type LegQuality } from '../events/gateway-events.ts';
import { createCounters, qualityOf } from './counters.ts';
import type { LegCounters, SessionId } from './messages.ts';

/** Rows of one session stand together. */
export type CountersBatch = Float64Array<ArrayBuffer>;

const sessionAt = 0;
const sideAt = 1;
const countersAt = 2;
const rowLength = countersAt + createCounters().length;

/** In `memory` if it is large enough: that of a batch that was read. */
export function packCounters(legs: readonly LegCounters[], memory?: ArrayBuffer): CountersBatch {
  const length = legs.length * rowLength;
  const fits = memory !== undefined && memory.byteLength >= length * Float64Array.BYTES_PER_ELEMENT;
  const batch = fits ? new Float64Array(memory, 0, length) : new Float64Array(length);
  let at = 0;
  for (const { session, side, counters } of legs) {
    batch[at + sessionAt] = session;
    batch[at + sideAt] = callSides.indexOf(side);
    batch.set(counters, at + countersAt);
    at += rowLength;
  }
  return batch;
}

/** Calls `tell` for one session after the other: its rows stand in the batch between `from` and `to`. */
export function splitCounters(batch: CountersBatch, tell: (session: SessionId, from: number, to: number) => void): void {
  for (let from = 0; from < batch.length; ) {
    const session = batch[from + sessionAt] as number;
    let to = from + rowLength;
    while (batch[to + sessionAt] === session) to += rowLength;
    tell(session, from, to);
    from = to;
  }
}

export function unpackCounters(rows: ArrayLike<number>): readonly LegQuality[] {
  const legs = new Array<LegQuality>(rows.length / rowLength);
  for (let leg = 0, at = 0; at < rows.length; leg++, at += rowLength) {
    const side = callSides[rows[at + sideAt] as number] ?? 'trunk';
    legs[leg] = qualityOf(side, rows, at + countersAt);
  }
  return legs;
}
