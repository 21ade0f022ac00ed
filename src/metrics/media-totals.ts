/**
 * Sums of what all legs carried, from the counters that each call tells of once a second: a few additions a call and second, and none a
 * packet. Sums only rise, also when a call ends or replaces a leg.
 */

import type { CallSide, LegQuality, StreamQuality } from '../events/gateway-events.ts';

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

type Sums = { -readonly [Key in keyof StreamTotals]: number };

interface Side extends SideTotals {
  readonly received: Sums;
  readonly sent: Sums;
  readonly dropped: Map<string, number>;
}

export class MediaTotals {
  readonly #sides: Readonly<Record<CallSide, Side>> = { browser: createSide(), trunk: createSide() };
  /** What each running call said last. */
  readonly #last = new Map<string, readonly LegQuality[]>();

  get sides(): Readonly<Record<CallSide, SideTotals>> {
    return this.#sides;
  }

  /** Counters of one call since its legs were made. */
  measured(callId: string, quality: readonly LegQuality[]): void {
    const before = this.#last.get(callId);
    for (const leg of quality)
      this.#add(
        leg,
        before?.find(({ side }) => side === leg.side),
      );
    this.#last.set(callId, quality);
  }

  /** The last counters of a call. */
  ended(callId: string, quality: readonly LegQuality[]): void {
    this.measured(callId, quality);
    this.#last.delete(callId);
  }

  #add(leg: LegQuality, before: LegQuality | undefined): void {
    const { received, sent, dropped } = this.#sides[leg.side];
    addStream(received, leg.received, before?.received);
    addStream(sent, leg.sent, before?.sent);
    // The relay has one object for all that dropped nothing.
    if (leg.dropped !== before?.dropped) addDropped(dropped, leg.dropped, before?.dropped);
  }
}

function addStream(sums: Sums, now: StreamQuality, before: StreamQuality | undefined): void {
  sums.packets += risen(now.packets, before?.packets);
  sums.bytes += risen(now.bytes, before?.bytes);
  sums.lost += risen(now.lost, before?.lost);
}

function addDropped(totals: Map<string, number>, now: LegQuality['dropped'], before: LegQuality['dropped'] | undefined): void {
  for (const [reason, count] of Object.entries(now)) {
    totals.set(reason, (totals.get(reason) ?? 0) + risen(count, ownCount(before, reason)));
  }
}

/** A counter that fell belongs to a new leg, or is an estimate (loss) that was put right. */
function risen(now: number, before = 0): number {
  return now >= before ? now - before : 0;
}

function ownCount(counts: Readonly<Record<string, number>> | undefined, reason: string): number | undefined {
  return counts && Object.hasOwn(counts, reason) ? counts[reason] : undefined;
}

function createSide(): Side {
  return { received: { packets: 0, bytes: 0, lost: 0 }, sent: { packets: 0, bytes: 0, lost: 0 }, dropped: new Map() };
}
