/** What the session of one leg says, brought to whom it concerns: the call, and once the leg talks with somebody the conversation. */

import type { CallEnd } from '../events/call-end.ts';
import type { CallSide } from '../events/gateway-events.ts';
import type { InviteEvents, SessionEnd } from '../sip/dialog/invite-session.ts';
import type { IncomingRequest } from '../sip/incoming-request.ts';
import type { Flow } from '../sip/message/flow.ts';
import type { SipRequest, SipResponse } from '../sip/message/message.ts';
import type { RequestFailure } from '../sip/transaction/client.ts';
import type { Conversation } from './conversation.ts';
import { endOfCancel, endOfFailure, endOfSession } from './ending.ts';
import { type Guarded, guarded, watch } from './guard.ts';
import type { Leg } from './leg.ts';

/** A call as the sessions of its legs know it. */
export interface LegEventsOut extends Guarded {
  /** Not to be asked for before there are legs. */
  readonly caller: Leg;
  /** None while media is allocated. */
  readonly legs: readonly Leg[];
  readonly conversation: Conversation | null;
  progressed(callee: Leg, response: SipResponse): void;
  answered(callee: Leg, response: SipResponse): void;
  refused(callee: Leg, end: CallEnd): void;
}

export class LegEvents implements InviteEvents {
  readonly #call: LegEventsOut;
  readonly #side: CallSide;
  readonly #callee: Leg | null;

  /** `callee` is null for the caller, whose leg exists only once media is allocated. */
  constructor(call: LegEventsOut, side: CallSide, callee: Leg | null) {
    this.#call = call;
    this.#side = side;
    this.#callee = callee;
  }

  provisional(response: SipResponse): void {
    guarded(this.#call, () => this.#call.progressed(this.#leg, response));
  }

  accepted(response: SipResponse): void {
    guarded(this.#call, () => this.#call.answered(this.#leg, response));
  }

  rejected(failure: SipResponse | RequestFailure): void {
    guarded(this.#call, () => this.#call.refused(this.#leg, endOfFailure(failure, this.#side)));
  }

  cancelled(reason: string | null): void {
    this.#call.stop(endOfCancel(reason, this.#side));
  }

  acknowledged(body: string | null): void {
    guarded(this.#call, () => this.#conversation?.acknowledged(this.#leg, body));
  }

  modifyRequested(incoming: IncomingRequest): void {
    watch(this.#call, this.#conversation?.modifyRequested(this.#leg, incoming));
  }

  modified(body: string | null): void {
    guarded(this.#call, () => this.#conversation?.modified(this.#leg, body));
  }

  modifyRejected(status: number): void {
    guarded(this.#call, () => this.#conversation?.modifyRejected(this.#leg, status));
  }

  info(incoming: IncomingRequest): void {
    guarded(this.#call, () => (this.#conversation ? this.#conversation.info(this.#leg, incoming) : incoming.respond(480)));
  }

  /** A callee that was given up ends without the call. */
  ended(end: SessionEnd): void {
    const { legs } = this.#call;
    if (legs.length === 0 || legs.includes(this.#leg)) this.#call.stop(endOfSession(end, this.#side));
  }

  acceptsFlow(flow: Flow, request: SipRequest): boolean {
    return this.#call.legs.length > 0 && this.#leg.acceptsFlow(flow, request);
  }

  get #leg(): Leg {
    return this.#callee ?? this.#call.caller;
  }

  /** Null for a leg that has nobody to talk with yet. */
  get #conversation(): Conversation | null {
    const { conversation } = this.#call;
    return conversation?.has(this.#leg) ? conversation : null;
  }
}
