/** What two answered legs do with each other: offers within the call, digits, and the holds that follow from them. */

import { errorText } from '../base/errors.ts';
import type { Log } from '../base/log.ts';
import type { CallSide } from '../events/gateway-events.ts';
import { SdpError } from '../sdp/sdp-error.ts';
import type { IncomingRequest } from '../sip/incoming-request.ts';
import { bodyText, sdpType } from './body.ts';
import { parseDtmfInfo } from './dtmf-info.ts';
import type { Leg } from './leg.ts';
import { answerOffer, offerCurrent, synchronise } from './renegotiation.ts';

export interface ConversationOut {
  held(by: CallSide, held: boolean): void;
  digit(from: CallSide, digit: string, durationMs: number): void;
  /** The session cannot go on: the peer's description is unusable. */
  broken(side: CallSide, error: SdpError): void;
}

export class Conversation {
  readonly #legs: readonly [Leg, Leg];
  readonly #out: ConversationOut;
  readonly #log: Log;

  constructor(caller: Leg, callee: Leg, out: ConversationOut, log: Log) {
    this.#legs = [caller, callee];
    this.#out = out;
    this.#log = log;
  }

  other(leg: Leg): Leg {
    return this.#legs[0] === leg ? this.#legs[1] : this.#legs[0];
  }

  /** A re-INVITE or UPDATE. A refused offer leaves the session as it was (RFC 3261 14.2). */
  async modifyRequested(from: Leg, incoming: IncomingRequest): Promise<void> {
    const wasHeld = from.held;
    const to = this.other(from);
    try {
      const offer = bodyText(incoming.request);
      const body = offer === null ? offerCurrent(from, to) : await answerOffer(from, to, offer);
      incoming.respond(200, { body, contentType: sdpType });
    } catch (error) {
      if (!(error instanceof SdpError)) throw error;
      this.#log.info({ side: from.side, status: error.status, error: error.message }, 'offer refused');
      incoming.respond(error.status, { headers: [['Warning', `399 offhook "${error.message}"`]] });
      return;
    }
    this.#settle(from, wasHeld);
  }

  /** The ACK of a 2xx of ours: with the answer, if the 2xx carried our offer. */
  acknowledged(from: Leg, body: string | null): void {
    if (from.negotiation.state === 'local-offer') this.#takeAnswer(from, body);
    synchronise(from, this.other(from));
  }

  modified(from: Leg, body: string | null): void {
    if (from.negotiation.state === 'local-offer') this.#takeAnswer(from, body);
    synchronise(from, this.other(from));
  }

  modifyRejected(from: Leg, status: number): void {
    this.#log.info({ side: from.side, status }, 'the peer refused our re-INVITE');
    from.negotiation.rejectOffer();
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
    this.other(from).sendDigit(digit.digit, digit.durationMs);
  }

  /** A digit that the relay heard: it has passed it on itself if the other side takes telephone events. */
  heard(from: Leg, digit: string, durationMs: number): void {
    this.#out.digit(from.side, digit, durationMs);
    const to = this.other(from);
    if (!to.takesTelephoneEvents) to.sendDigit(digit, durationMs);
  }

  #takeAnswer(from: Leg, body: string | null): void {
    const wasHeld = from.held;
    try {
      if (body === null) throw new SdpError(400, 'the answer to our offer is missing');
      from.receiveAnswer(body);
    } catch (error) {
      if (!(error instanceof SdpError)) throw error;
      this.#log.warn({ side: from.side, error: errorText(error) }, 'unusable answer');
      this.#out.broken(from.side, error);
      return;
    }
    this.#settle(from, wasHeld);
  }

  #settle(from: Leg, wasHeld: boolean): void {
    if (from.held !== wasHeld) this.#out.held(from.side, from.held);
    synchronise(this.other(from), from);
  }
}
