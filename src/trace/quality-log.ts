/** The quality of one call over time: rows of numbers, since as objects an hour of it would take 700 kB a call. */

import { callSides, dropReasons, type LegQuality, type StreamQuality } from '../events/gateway-events.ts';
import type { QualitySample } from './call-trace.ts';

const sampleEveryMs = 5000;
/** An hour of two legs. */
const keptRows = 1440;
/** Two samples: most calls are short. A table that is full becomes larger by half, and by so many at least. */
const firstRows = 4;

/** Places in a row: one leg at one time. Times of the wall clock; NaN for null. */
const column = {
  at: 0,
  side: 1,
  received: 2,
  sent: 6,
  roundTripMs: 10,
  mos: 11,
  iceChecks: 12,
  iceChecksRefused: 13,
  dropped: 14,
} as const;

const columns = column.dropped + dropReasons.length;

export class QualityLog {
  #table = new Float64Array(0);
  #rows = 0;
  #lastAt = Number.NEGATIVE_INFINITY;

  /** One sample in five seconds is kept, and of those the latest. */
  add(at: number, legs: readonly LegQuality[]): void {
    if (at - this.#lastAt < sampleEveryMs) return;
    this.#lastAt = at;
    for (const leg of legs) writeRow(this.#nextRow(), at, leg);
  }

  get samples(): readonly QualitySample[] {
    const samples: { at: number; legs: LegQuality[] }[] = [];
    for (let row = 0; row < this.#rows; row++) {
      const values = this.#row(row);
      const at = values[column.at] as number;
      const last = samples.at(-1);
      if (last?.at === at) last.legs.push(readRow(values));
      else samples.push({ at, legs: [readRow(values)] });
    }
    return samples;
  }

  #nextRow(): Float64Array {
    if (this.#rows === keptRows) this.#dropOldest();
    if (this.#rows * columns === this.#table.length) this.#grow();
    this.#rows += 1;
    return this.#row(this.#rows - 1);
  }

  #row(at: number): Float64Array {
    return this.#table.subarray(at * columns, (at + 1) * columns);
  }

  #grow(): void {
    const more = Math.max(this.#rows >> 1, firstRows);
    const larger = new Float64Array(Math.min(this.#rows + more, keptRows) * columns);
    larger.set(this.#table);
    this.#table = larger;
  }

  #dropOldest(): void {
    const oldest = this.#table[column.at];
    let count = 0;
    while (count < this.#rows && this.#table[count * columns] === oldest) count++;
    this.#table.copyWithin(0, count * columns, this.#rows * columns);
    this.#rows -= count;
  }
}

function writeRow(row: Float64Array, at: number, leg: LegQuality): void {
  const { received, sent, roundTripMs, mos, iceChecks, iceChecksRefused, dropped } = leg;
  row[column.at] = at;
  row[column.side] = callSides.indexOf(leg.side);
  row[column.roundTripMs] = roundTripMs ?? Number.NaN;
  row[column.mos] = mos ?? Number.NaN;
  row[column.iceChecks] = iceChecks;
  row[column.iceChecksRefused] = iceChecksRefused;
  writeStream(row, column.received, received);
  writeStream(row, column.sent, sent);
  for (const [at, reason] of dropReasons.entries()) row[column.dropped + at] = dropped[reason];
}

function writeStream(row: Float64Array, start: number, { packets, bytes, lost, jitterMs }: StreamQuality): void {
  row[start] = packets;
  row[start + 1] = bytes;
  row[start + 2] = lost;
  row[start + 3] = jitterMs;
}

function readRow(row: Float64Array): LegQuality {
  const at = (place: number): number => row[place] as number;
  const known = (place: number): number | null => (Number.isNaN(at(place)) ? null : at(place));
  const stream = (start: number): StreamQuality => ({
    packets: at(start),
    bytes: at(start + 1),
    lost: at(start + 2),
    jitterMs: at(start + 3),
  });
  return {
    side: callSides[at(column.side)] as LegQuality['side'],
    received: stream(column.received),
    sent: stream(column.sent),
    roundTripMs: known(column.roundTripMs),
    mos: known(column.mos),
    dropped: Object.fromEntries(dropReasons.map((reason, index) => [reason, at(column.dropped + index)])) as LegQuality['dropped'],
    iceChecks: at(column.iceChecks),
    iceChecksRefused: at(column.iceChecksRefused),
  };
}
