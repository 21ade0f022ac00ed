/**
 * What is counted per leg: one array of numbers that the packet path adds to, that travels between threads as it is, and that becomes
 * `LegQuality` only where somebody looks.
 */

import { type CallSide, type DropReason, dropReasons, type LegQuality } from '../events/gateway-events.ts';

/** Places in the array. Times in milliseconds; NaN where nothing is known yet. */
export const counter = {
  receivedPackets: 0,
  receivedBytes: 1,
  receivedLost: 2,
  receivedJitterMs: 3,
  sentPackets: 4,
  sentBytes: 5,
  sentLost: 6,
  sentJitterMs: 7,
  roundTripMs: 8,
  mos: 9,
  iceChecks: 10,
  iceChecksRefused: 11,
  /** From here on one place for each of `dropReasons`. */
  dropped: 12,
} as const;

/** Where each reason is counted. */
export const dropCounter = Object.fromEntries(dropReasons.map((reason, at) => [reason, counter.dropped + at])) as Readonly<
  Record<DropReason, number>
>;

/** No Float64Array: its buffer would be an object of its own, with memory of its own. */
export type Counters = number[];

export function createCounters(): Counters {
  const counters = new Array<number>(counter.dropped + dropReasons.length).fill(0);
  counters[counter.roundTripMs] = Number.NaN;
  counters[counter.mos] = Number.NaN;
  return counters;
}

export function count(counters: Counters, place: number, amount = 1): void {
  counters[place] = (counters[place] as number) + amount;
}

/** The counters begin at `from`. */
export function qualityOf(side: CallSide, counters: ArrayLike<number>, from = 0): LegQuality {
  return {
    side,
    received: {
      packets: at(counters, from + counter.receivedPackets),
      bytes: at(counters, from + counter.receivedBytes),
      lost: at(counters, from + counter.receivedLost),
      jitterMs: at(counters, from + counter.receivedJitterMs),
    },
    sent: {
      packets: at(counters, from + counter.sentPackets),
      bytes: at(counters, from + counter.sentBytes),
      lost: at(counters, from + counter.sentLost),
      jitterMs: at(counters, from + counter.sentJitterMs),
    },
    roundTripMs: known(counters, from + counter.roundTripMs),
    mos: known(counters, from + counter.mos),
    iceChecks: at(counters, from + counter.iceChecks),
    iceChecksRefused: at(counters, from + counter.iceChecksRefused),
    dropped: droppedOf(counters, from),
  };
}

const nothingDropped = Object.freeze(Object.fromEntries(dropReasons.map((reason) => [reason, 0]))) as Readonly<Record<DropReason, number>>;

/** One object serves all legs that dropped nothing: most do, and each is asked once a second. */
function droppedOf(counters: ArrayLike<number>, from: number): Readonly<Record<DropReason, number>> {
  if (dropReasons.every((reason) => at(counters, from + dropCounter[reason]) === 0)) return nothingDropped;
  return Object.fromEntries(dropReasons.map((reason) => [reason, at(counters, from + dropCounter[reason])])) as Record<DropReason, number>;
}

function at(counters: ArrayLike<number>, place: number): number {
  return counters[place] ?? 0;
}

function known(counters: ArrayLike<number>, place: number): number | null {
  const value = at(counters, place);
  return Number.isNaN(value) ? null : value;
}
