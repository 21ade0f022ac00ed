/** The quality of one call over time: integers in few octets, since as objects an hour of it would take 700 kB a call. */

import { callSides, dropReasons, type LegQuality, type StreamQuality } from '../events/gateway-events.ts';
import type { QualitySample } from './call-trace.ts';
import { IntegerReader, IntegerWriter } from './integers.ts';

const sampleEveryMs = 5000;
const blockMs = 60_000;
/** An hour. */
const keptBlocks = 60;

/** A leg as integers. */
type Row = readonly number[];

interface Sample {
  readonly at: number;
  readonly rows: readonly Row[];
}

/** Places in a row: those that change most come first. */
const column = {
  received: 0,
  sent: 4,
  roundTripMs: 8,
  mos: 9,
  iceChecks: 10,
  iceChecksRefused: 11,
  side: 12,
  dropped: 13,
} as const;

const emptyRow: Row = new Array<number>(column.dropped + dropReasons.length).fill(0);
const noBlocks: readonly string[] = [];
const nothing: Sample = { at: 0, rows: [] };

const writer = new IntegerWriter();

/** Null and NaN among thousandths: none of them is less than zero. */
const unknown = -1;

/**
 * Counts are kept as they are, up to 2^53 - 1, or 2^52 where some are negative: differences are to be exact. The time is kept in whole
 * milliseconds; jitter, round trip and MOS are rounded to a thousandth.
 */
export class QualityLog {
  /** Blocks of a minute, the oldest first, and the one that is open. The first sample of each is whole, of the others stands what differs. */
  #full = noBlocks;
  #open = '';
  #lastAt = Number.NEGATIVE_INFINITY;

  /** One sample in five seconds is kept, and of those the latest. */
  add(at: number, legs: readonly LegQuality[]): void {
    if (at - this.#lastAt < sampleEveryMs) return;
    this.#lastAt = at;
    if (legs.length > 0) this.#append({ at: Math.round(at), rows: legs.map(rowOf) });
  }

  get samples(): readonly QualitySample[] {
    return [...this.#full, this.#open].flatMap(readBlock).map(({ at, rows }) => ({ at, legs: rows.map(legOf) }));
  }

  #append(sample: Sample): void {
    const first = firstOf(this.#open);
    if (first && sample.at - first.at < blockMs) {
      this.#open = printSample(this.#open, sample, first);
      return;
    }
    if (first) this.#full = [...this.#full, this.#open].slice(-keptBlocks);
    this.#open = printSample('', sample, nothing);
  }
}

/** In one piece with what stands `before` it: a string that is put together keeps its parts. */
function printSample(before: string, { at, rows }: Sample, first: Sample): string {
  writer.begin(before);
  writer.add(at - first.at);
  writer.add(rows.length);
  for (const [leg, row] of rows.entries()) addChanges(row, first.rows[leg] ?? emptyRow);
  return writer.text;
}

/** Which of at most 31 places differ, a bit for each, and by how much. */
function addChanges(row: Row, first: Row): void {
  const difference = (place: number): number => (row[place] as number) - (first[place] as number);
  let mask = 0;
  for (let place = 0; place < row.length; place++) if (difference(place) !== 0) mask |= 1 << place;
  writer.add(mask);
  for (let place = 0; place < row.length; place++) if (mask & (1 << place)) writer.add(difference(place));
}

function firstOf(block: string): Sample | null {
  return block === '' ? null : readSample(new IntegerReader(block), nothing);
}

function readBlock(block: string): readonly Sample[] {
  const integers = new IntegerReader(block);
  const samples: Sample[] = [];
  while (!integers.atEnd) samples.push(readSample(integers, samples[0] ?? nothing));
  return samples;
}

function readSample(integers: IntegerReader, first: Sample): Sample {
  const at = first.at + integers.next();
  const rows = Array.from({ length: integers.next() }, (_, index) => readRow(integers, first.rows[index] ?? emptyRow));
  return { at, rows };
}

function readRow(integers: IntegerReader, first: Row): Row {
  const mask = integers.next();
  return first.map((value, place) => (mask & (1 << place) ? value + integers.next() : value));
}

function rowOf({ side, received, sent, roundTripMs, mos, iceChecks, iceChecksRefused, dropped }: LegQuality): Row {
  const row = [...emptyRow];
  putStream(row, column.received, received);
  putStream(row, column.sent, sent);
  row[column.roundTripMs] = thousandths(roundTripMs);
  row[column.mos] = thousandths(mos);
  row[column.iceChecks] = iceChecks;
  row[column.iceChecksRefused] = iceChecksRefused;
  row[column.side] = callSides.indexOf(side);
  for (const [index, reason] of dropReasons.entries()) row[column.dropped + index] = dropped[reason];
  return row;
}

function putStream(row: number[], at: number, { packets, bytes, lost, jitterMs }: StreamQuality): void {
  row[at] = packets;
  row[at + 1] = bytes;
  row[at + 2] = lost;
  row[at + 3] = thousandths(jitterMs);
}

function thousandths(value: number | null): number {
  const rounded = Math.round((value ?? Number.NaN) * 1000);
  return Number.isSafeInteger(rounded) ? Math.max(rounded, 0) : unknown;
}

function legOf(row: Row): LegQuality {
  const at = (place: number): number => row[place] as number;
  const known = (place: number): number | null => (at(place) === unknown ? null : at(place) / 1000);
  const stream = (start: number): StreamQuality => ({
    packets: at(start),
    bytes: at(start + 1),
    lost: at(start + 2),
    jitterMs: known(start + 3) ?? Number.NaN,
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
