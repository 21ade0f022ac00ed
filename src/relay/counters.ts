/**
 * What is counted per leg: one array of numbers that the packet path adds to, that travels between threads as it is, and that becomes
 * `LegStats` only where somebody looks.
 */

import type { DropReason } from '../events/gateway-events.ts';
import { dropReasons, type LegId, type LegStats } from './media-relay.ts';

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

export type Counters = Float64Array;

export function createCounters(): Counters {
  const counters = new Float64Array(counter.dropped + dropReasons.length);
  counters[counter.roundTripMs] = Number.NaN;
  counters[counter.mos] = Number.NaN;
  return counters;
}

export function count(counters: Counters, place: number, amount = 1): void {
  counters[place] = (counters[place] as number) + amount;
}

export function legStats(leg: LegId, role: LegStats['role'], counters: Counters): LegStats {
  const at = (place: number): number => counters[place] ?? 0;
  const known = (place: number): number | null => (Number.isNaN(at(place)) ? null : at(place));
  return {
    leg,
    role,
    received: {
      packets: at(counter.receivedPackets),
      bytes: at(counter.receivedBytes),
      lost: at(counter.receivedLost),
      jitterMs: at(counter.receivedJitterMs),
    },
    sent: {
      packets: at(counter.sentPackets),
      bytes: at(counter.sentBytes),
      lost: at(counter.sentLost),
      jitterMs: at(counter.sentJitterMs),
    },
    roundTripMs: known(counter.roundTripMs),
    mos: known(counter.mos),
    iceChecks: at(counter.iceChecks),
    iceChecksRefused: at(counter.iceChecksRefused),
    dropped: Object.fromEntries(dropReasons.map((reason) => [reason, at(dropCounter[reason])])) as Record<DropReason, number>,
  };
}
