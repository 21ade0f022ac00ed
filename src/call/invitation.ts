/**
 * The setting up of a call: the caller's offer goes to everybody who is called, early media comes back, the first answer wins,
 * else the most telling refusal stands (RFC 3261 sections 13 and 16.7).
 */

import { invariant } from '../base/errors.ts';
import type { Log } from '../base/log.ts';
import type { CallEnd } from '../events/call-end.ts';
import { commonCodecs } from '../sdp/codecs.ts';
import type { RemoteOffer } from '../sdp/description.ts';
import { SdpError } from '../sdp/sdp-error.ts';
import { bodyText } from '../sip/body.ts';
import type { InviteEvents } from '../sip/dialog/invite-session.ts';
import type { SipResponse } from '../sip/message/message.ts';
import type { CallMedia } from './call-media.ts';
import { betterRefusal, endOfDescription, isGlobal, reasonFor } from './ending.ts';
import type { Dialler, Leg } from './leg.ts';

export interface InvitationOptions {
  readonly caller: Leg;
  readonly callees: readonly Leg[];
  readonly media: CallMedia;
  readonly dialler: Dialler;
  readonly log: Log;
}

export interface InvitationOut {
  /** Once, when nobody is left who may answer. */
  unanswered(end: CallEnd): void;
}

export class Invitation {
  readonly caller: Leg;
  readonly #media: CallMedia;
  readonly #dialler: Dialler;
  readonly #log: Log;
  readonly #out: InvitationOut;
  /** Those who may still answer; afterwards the one who did. */
  #callees: readonly Leg[];
  #offer: RemoteOffer | null = null;
  #refusal: CallEnd | null = null;

  constructor({ caller, callees, media, dialler, log }: InvitationOptions, out: InvitationOut) {
    this.caller = caller;
    this.#callees = callees;
    this.#media = media;
    this.#dialler = dialler;
    this.#log = log;
    this.#out = out;
  }

  /** All that have a session, the caller's first. */
  get legs(): readonly Leg[] {
    return [this.caller, ...this.#callees].filter((leg) => leg.dialled);
  }

  /** Throws SdpError for an offer that cannot be passed on. */
  dial(eventsOf: (callee: Leg) => InviteEvents): void {
    const offer = bodyText(this.caller.session.request);
    if (offer !== null) this.#offer = this.caller.receiveOffer(offer);
    const offers = this.#callees.map((callee) => callee.createOffer(this.caller.capabilities, this.caller));
    for (const [at, callee] of this.#callees.entries()) callee.dial(this.#dialler, offers[at] ?? '', eventsOf(callee));
    this.#answerWaitingCaller();
  }

  /**
   * A caller whom we called has answered with an offer of its own, and gives up when the ACK with our answer does not come while the
   * callee rings (RFC 3261 section 13.3.1.4): it gets what the callee was offered.
   */
  #answerWaitingCaller(): void {
    const [callee] = this.#callees;
    if (!this.#offer || !callee || this.caller.session.role === 'uas') return;
    this.caller.session.accept({
      body: this.caller.createAnswer(this.#offer, commonCodecs(this.#offer.codecs, callee.capabilities), callee),
    });
  }

  /** Passes a provisional response on. Whether early media comes with it. */
  progress(callee: Leg, response: SipResponse): boolean {
    const isHeard = this.#hears(callee, response);
    if (isHeard) this.#media.bridge(this.caller, callee);
    this.caller.session.progress(response.status, { body: isHeard && this.#offer ? this.#answerCaller(this.#offer, callee) : null });
    return isHeard;
  }

  /** Reads a callee's answer. What is wrong with it; null for one that will do. */
  judge(callee: Leg, response: SipResponse): CallEnd | null {
    try {
      const answer = bodyText(response);
      if (answer !== null) callee.receiveAnswer(answer);
      else if (!callee.negotiation.agreed) throw new SdpError(488, 'the answer has no session description');
      return null;
    } catch (error) {
      if (!(error instanceof SdpError)) throw error;
      return endOfDescription(error, callee.side);
    }
  }

  /** Connects the caller with the callee who has answered; the others hear that they are late. */
  conclude(callee: Leg): void {
    const others = this.#callees.filter((leg) => leg !== callee);
    this.#callees = [callee];
    for (const other of others) {
      other.session.bye({ reason: 'SIP;cause=200;text="Call completed elsewhere"' });
      this.#media.remove(other);
    }
    this.#media.bridge(this.caller, callee);
    const body = this.#offer ? this.#answerCaller(this.#offer, callee) : this.caller.createOffer(callee.codecsInUse, callee);
    this.#offer = null;
    this.caller.session.accept({ body });
  }

  /** We give a callee up. */
  giveUp(callee: Leg, end: CallEnd): void {
    callee.session.bye({ reason: reasonFor(end) });
    this.refused(callee, end);
  }

  /** A callee will not answer. For one that is out already nothing happens. */
  refused(callee: Leg, end: CallEnd): void {
    if (!this.#callees.includes(callee)) return;
    this.#callees = this.#callees.filter((leg) => leg !== callee);
    this.#media.remove(callee);
    this.#refusal = this.#refusal ? betterRefusal(this.#refusal, end) : end;
    if (this.#callees.length === 0 || isGlobal(end)) this.#out.unanswered(this.#refusal);
  }

  /**
   * Of several that ring nobody could tell whose early media it is. A description that is unusable here is judged when the
   * answer comes.
   */
  #hears(callee: Leg, response: SipResponse): boolean {
    if (response.body.length === 0 || this.#callees.length > 1) return false;
    const wrong = this.judge(callee, response);
    if (wrong) this.#log.info({ side: callee.side, error: wrong.detail }, 'unusable early media');
    return wrong === null;
  }

  /** The answer to the caller's offer is made once; a later response repeats it byte for byte. */
  #answerCaller(offer: RemoteOffer, callee: Leg): string {
    const { negotiation } = this.caller;
    if (negotiation.state === 'remote-offer')
      return this.caller.createAnswer(offer, commonCodecs(offer.codecs, callee.codecsInUse), callee);
    invariant(negotiation.localDescription, 'an offer that is settled has an answer');
    return negotiation.localDescription;
  }
}
