/** What two legs do with each other: offers within the call, digits, and the holds that follow from them. */

import { errorText } from '../base/errors.ts';
import type { Log } from '../base/log.ts';
import type { CallEnd } from '../events/call-end.ts';
import type { CallSide } from '../events/gateway-events.ts';
import { commonCodecs } from '../sdp/codecs.ts';
import { SdpError } from '../sdp/sdp-error.ts';
import { bodyText, sdpType } from '../sip/body.ts';
import type { IncomingRequest } from '../sip/incoming-request.ts';
import { type DtmfDigit, parseDtmfInfo } from './dtmf-info.ts';
import { endOfDescription } from './ending.ts';
import type { Leg } from './leg.ts';
import { answerOffer, offerCurrent, synchronise, understands } from './renegotiation.ts';

export interface ConversationOut {
  held(by: CallSide, held: boolean): void;
  digit(from: CallSide, digit: string, durationMs: number): void;
  /** The session cannot go on: a peer's description is unusable. */
  stop(end: CallEnd): void;
}

/** Not now; the offer can come again. */
const requestPending = 491;

export class Conversation {
  readonly #legs: readonly [Leg, Leg];
  readonly #out: ConversationOut;
  readonly #log: Log;
  /** Whose peer was the last to choose the codec. */
  #lead: Leg;

  constructor(caller: Leg, callee: Leg, out: ConversationOut, log: Log) {
    this.#legs = [caller, callee];
    this.#out = out;
    this.#log = log;
    this.#lead = callee;
  }

  has(leg: Leg): boolean {
    return this.#legs.includes(leg);
  }

  /** The audio codec that both use, the caller's preferred one. */
  get codec(): string | null {
    const [caller, callee] = this.#legs;
    return commonCodecs(caller.audioCodecs, callee.audioCodecs)[0]?.encoding ?? null;
  }

  /** A re-INVITE or UPDATE. A refused offer leaves the session as it was (RFC 3261 14.2). */
  async modifyRequested(from: Leg, incoming: IncomingRequest): Promise<void> {
    // Before the answer there is nothing to change (RFC 3311 5.2).
    if (from.session.state !== 'confirmed') {
      incoming.respond(requestPending);
      return;
    }
    const wasHeld = from.held;
    const to = this.#other(from);
    const offer = bodyText(incoming.request);
    try {
      const body = offer === null ? offerCurrent(from, to) : await answerOffer(from, to, offer);
      incoming.respond(200, { body, contentType: sdpType });
      this.#lead = from;
    } catch (error) {
      if (!(error instanceof SdpError)) throw error;
      this.#log.info({ side: from.side, status: error.status, error: error.message }, 'offer refused');
      incoming.respond(error.status, { headers: [['Warning', `399 offhook "${error.message}"`]] });
    }
    this.#settle(from, wasHeld);
  }

  /** The ACK of a 2xx of ours: with the answer, if the 2xx carried our offer. */
  acknowledged(from: Leg, body: string | null): void {
    this.modified(from, body);
  }

  /** The peer's answer to our offer, if one is open. */
  modified(from: Leg, body: string | null): void {
    const wasHeld = from.held;
    if (from.negotiation.state === 'local-offer' && !this.#takeAnswer(from, body)) return;
    this.#settle(from, wasHeld);
  }

  modifyRejected(from: Leg, status: number): void {
    this.#log.info({ side: from.side, status }, 'the peer refused our re-INVITE');
    from.negotiation.rejectOffer();
    if (status === requestPending || understands(this.#other(from), from)) return;
    this.#out.stop(endOfDescription(new SdpError(488, 'the two sides came to have no codec in common'), from.side));
  }

  info(from: Leg, incoming: IncomingRequest): void {
    const digit = parseDtmfInfo(incoming.request.headers.contentType, bodyText(incoming.request) ?? '');
    if (!digit) {
      incoming.respond(incoming.request.body.length === 0 ? 200 : 415, {
        headers: [['Accept', 'application/dtmf-relay, application/dtmf']],
      });
      return;
    }
    incoming.respond(200);
    this.#out.digit(from.side, digit.digit, digit.durationMs);
    this.#send(this.#other(from), digit);
  }

  /** A digit that the relay heard: it has passed it on itself if the other side takes telephone events. */
  heard(from: Leg, digit: string, durationMs: number): void {
    this.#out.digit(from.side, digit, durationMs);
    const to = this.#other(from);
    if (!to.takesTelephoneEvents) this.#send(to, { digit, durationMs });
  }

  /** Which digit it is may be part of a secret, and stays out of the log. */
  #send(to: Leg, { digit, durationMs }: DtmfDigit): void {
    if (!to.sendDigit(digit, durationMs)) this.#log.info({ side: to.side }, 'a digit is lost: this side takes neither events nor INFO');
  }

  #other(leg: Leg): Leg {
    return this.#legs[0] === leg ? this.#legs[1] : this.#legs[0];
  }

  /** Whether the session can go on with it. */
  #takeAnswer(from: Leg, body: string | null): boolean {
    try {
      if (body === null) throw new SdpError(400, 'the answer to our offer is missing');
      from.receiveAnswer(body);
      return true;
    } catch (error) {
      if (!(error instanceof SdpError)) throw error;
      this.#log.warn({ side: from.side, error: errorText(error) }, 'unusable answer');
      this.#out.stop(endOfDescription(error, from.side));
      return false;
    }
  }

  /** `from` has said something: the other side follows, and `from` itself if something changed there meanwhile. */
  #settle(from: Leg, wasHeld: boolean): void {
    if (from.held !== wasHeld) this.#out.held(from.side, from.held);
    const to = this.#other(from);
    synchronise(to, from, to === this.#lead);
    synchronise(from, to, from === this.#lead);
  }
}
