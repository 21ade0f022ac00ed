/** Collects what a call's record says while the call goes on. */

import type { CallEnd } from '../events/call-end.ts';
import type { CallParties, CallRecord } from '../events/gateway-events.ts';

type Milestone = 'ringingAt' | 'earlyMediaAt' | 'answeredAt';

export class RecordDraft {
  readonly #invitedAt: number;
  readonly #milestones: Record<Milestone, number | null> = { ringingAt: null, earlyMediaAt: null, answeredAt: null };
  #end: CallEnd | null = null;

  constructor(invitedAt: number) {
    this.#invitedAt = invitedAt;
  }

  get answeredAt(): number | null {
    return this.#milestones.answeredAt;
  }

  get invitedAt(): number {
    return this.#invitedAt;
  }

  /** Notes the first time that `milestone` is passed; false when it was noted before. */
  pass(milestone: Milestone, wallTime: number): boolean {
    if (this.#milestones[milestone] !== null) return false;
    this.#milestones[milestone] = wallTime;
    return true;
  }

  /** The first cause stands. */
  ends(end: CallEnd): void {
    this.#end ??= end;
  }

  /** How the call ends; a call that ends without a word about it is a defect of ours. */
  get end(): CallEnd {
    return this.#end ?? { cause: 'error', side: 'gateway' };
  }

  finish(parties: CallParties, facts: Pick<CallRecord, 'codec' | 'quality'>, endedAt: number): CallRecord {
    return {
      invitedAt: this.#invitedAt,
      ...this.#milestones,
      endedAt,
      end: this.end,
      ...parties,
      ...facts,
    };
  }
}
