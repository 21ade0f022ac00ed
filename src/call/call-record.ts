/** Collects what a call's record says while the call goes on. */

import type { CallEnd } from '../events/call-end.ts';
import type { CallParties, CallRecord, LegQuality } from '../events/gateway-events.ts';
import type { LegStats } from '../relay/media-relay.ts';

type Milestone = 'ringingAt' | 'earlyMediaAt' | 'answeredAt';

export class RecordDraft {
  readonly #invitedAt: number;
  readonly #milestones = new Map<Milestone, number>();
  codec: string | null = null;
  quality: readonly LegQuality[] = [];

  constructor(invitedAt: number) {
    this.#invitedAt = invitedAt;
  }

  get answeredAt(): number | null {
    return this.#at('answeredAt');
  }

  get invitedAt(): number {
    return this.#invitedAt;
  }

  /** Notes the first time that `milestone` is passed; false when it was noted before. */
  pass(milestone: Milestone, wallTime: number): boolean {
    if (this.#milestones.has(milestone)) return false;
    this.#milestones.set(milestone, wallTime);
    return true;
  }

  finish(parties: CallParties, end: CallEnd, endedAt: number): CallRecord {
    return {
      ...parties,
      invitedAt: this.#invitedAt,
      ringingAt: this.#at('ringingAt'),
      earlyMediaAt: this.#at('earlyMediaAt'),
      answeredAt: this.#at('answeredAt'),
      endedAt,
      end,
      codec: this.codec,
      quality: this.quality,
    };
  }

  #at(milestone: Milestone): number | null {
    return this.#milestones.get(milestone) ?? null;
  }
}

/** The relay's counters as the outside sees them. */
export function qualityOf(legs: readonly LegStats[]): LegQuality[] {
  return legs.map(({ role, received, sent, roundTripMs, mos }) => ({ side: role, received, sent, roundTripMs, mos }));
}
