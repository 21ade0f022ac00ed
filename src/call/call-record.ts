/** Collects what a call's record says while the call goes on. */

import type { CallEnd } from '../events/call-end.ts';
import type { CallParties, CallRecord } from '../events/gateway-events.ts';

type Milestone = 'ringingAt' | 'earlyMediaAt' | 'answeredAt';

export class RecordDraft {
  readonly #invitedAt: number;
  readonly #milestones = new Map<Milestone, number>();
  #end: CallEnd | null = null;

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
      ringingAt: this.#at('ringingAt'),
      earlyMediaAt: this.#at('earlyMediaAt'),
      answeredAt: this.#at('answeredAt'),
      endedAt,
      end: this.end,
      ...parties,
      ...facts,
    };
  }

  #at(milestone: Milestone): number | null {
    return this.#milestones.get(milestone) ?? null;
  }
}
