/**
 * Sums of what all legs carried, from the counters that each call tells of once a second: a few additions a call and second, and none a
 * packet. Sums only rise, also when a call ends or replaces a leg.
 */

import { type CallSide, callSides, dropReasons, type LegQuality } from '../events/gateway-events.ts';

export interface SideTotals {
  readonly received: StreamTotals;
  readonly sent: StreamTotals;
  /** Packets not relayed, by reason. */
  readonly dropped: ReadonlyMap<string, number>;
}

/** `lost`: packets that did not arrive; towards us as we count, towards the peer as it reports. */
export interface StreamTotals {
  readonly packets: number;
  readonly bytes: number;
  readonly lost: number;
}

/** What is counted of a leg, in the order of a row. */
const counted: ReadonlyArray<(leg: LegQuality) => number> = [
  ({ received }) => received.packets,
  ({ received }) => received.bytes,
  ({ received }) => received.lost,
  ({ sent }) => sent.packets,
  ({ sent }) => sent.bytes,
  ({ sent }) => sent.lost,
  ...dropReasons.map(
    (reason) =>
      ({ dropped }: LegQuality) =>
        dropped[reason],
  ),
];
const firstDropped = counted.length - dropReasons.length;

/** A row for each side. Written in place: what is replaced every second would be garbage that V8 takes for old. */
type Table = number[];

const createTable = (): Table => new Array<number>(callSides.length * counted.length).fill(0);

export class MediaTotals {
  readonly #totals = createTable();
  /** What each running call said last. */
  readonly #last = new Map<string, Table>();

  get sides(): Readonly<Record<CallSide, SideTotals>> {
    return { browser: sideOf(this.#totals, 'browser'), trunk: sideOf(this.#totals, 'trunk') };
  }

  /** Counters of one call since its legs were made. */
  measured(callId: string, quality: readonly LegQuality[]): void {
    let last = this.#last.get(callId);
    if (!last) {
      last = createTable();
      this.#last.set(callId, last);
    }
    for (const leg of quality) this.#add(leg, last);
  }

  /** The last counters of a call. */
  ended(callId: string, quality: readonly LegQuality[]): void {
    this.measured(callId, quality);
    this.#last.delete(callId);
  }

  #add(leg: LegQuality, last: Table): void {
    let at = startOf(leg.side);
    for (const count of counted) {
      const now = count(leg);
      // A counter that fell belongs to a new leg, or is an estimate (loss) that was put right.
      const risen = Math.max(0, now - (last[at] ?? 0));
      this.#totals[at] = (this.#totals[at] ?? 0) + risen;
      last[at] = now;
      at += 1;
    }
  }
}

function startOf(side: CallSide): number {
  return callSides.indexOf(side) * counted.length;
}

function sideOf(totals: Table, side: CallSide): SideTotals {
  const start = startOf(side);
  const at = (place: number): number => totals[start + place] ?? 0;
  return {
    received: { packets: at(0), bytes: at(1), lost: at(2) },
    sent: { packets: at(3), bytes: at(4), lost: at(5) },
    dropped: new Map(dropReasons.map((reason, index) => [reason, at(firstDropped + index)])),
  };
}
