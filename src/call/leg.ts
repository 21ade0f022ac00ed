/** One side of a call: a SIP session, an offer/answer machine and a relay leg, with one interface for browsers and trunks. */

import { invariant } from '../base/errors.ts';
import type { CallSide } from '../events/gateway-events.ts';
import type { LegId, MediaSession } from '../relay/media-relay.ts';
import { isTelephoneEvent, sameCodec } from '../sdp/codecs.ts';
import type { Codec, Direction, RemoteAudio, RemoteOffer } from '../sdp/description.ts';
import { directionOf, receives, sends } from '../sdp/direction.ts';
import type { Negotiation } from '../sdp/negotiate.ts';
import type { InviteEvents, InviteSession, OutgoingInvite } from '../sip/dialog/invite-session.ts';
import type { Flow } from '../sip/message/flow.ts';
import type { SipRequest } from '../sip/message/message.ts';
import { dtmfRelayType, printDtmfInfo } from './dtmf-info.ts';

/** A browser as the location store knows it: the key of its binding stands in where a client sends no instance id. */
export interface BrowserIdentity {
  readonly user: string;
  readonly instanceId: string | null;
  readonly key: string | null;
}

/** How to reach a leg that is called; the body is added when the offer is made. */
export type Dialling = Omit<OutgoingInvite, 'body'>;

export interface Dialler {
  invite(invite: OutgoingInvite, events: InviteEvents): InviteSession;
}

/** What is known of a leg before its media exists. */
export interface LegPlan {
  open(media: MediaSession): Promise<Leg>;
}

export abstract class Leg {
  abstract readonly side: CallSide;
  readonly mediaLeg: LegId;
  readonly negotiation: Negotiation;
  protected readonly media: MediaSession;
  readonly #dialling: Dialling | null;
  #session: InviteSession | null = null;
  readonly #presumed: readonly Codec[];
  #named: readonly Codec[] = [];
  #offered: Direction = 'sendrecv';
  #wish: Direction = 'sendrecv';
  #ptimeMs: number | null = null;

  /** `presumed`: what the peer is taken to do until it has said something itself. */
  constructor(media: MediaSession, mediaLeg: LegId, negotiation: Negotiation, presumed: readonly Codec[], dialling: Dialling | null) {
    this.media = media;
    this.mediaLeg = mediaLeg;
    this.negotiation = negotiation;
    this.#presumed = presumed;
    this.#dialling = dialling;
  }

  /** The user at the far end of a browser's leg. */
  get user(): string | null {
    return null;
  }

  /** Whether requests can be sent now. */
  get reachable(): boolean {
    return true;
  }

  /** Whether media can flow now, and whether it once could and cannot any more. */
  get mediaUp(): boolean {
    return true;
  }

  get mediaLost(): boolean {
    return false;
  }

  pathChanged(_path: 'up' | 'lost'): void {}

  /** Moves to a new connection if this leg's browser is the one that has it now. */
  moved(_browser: BrowserIdentity, _flowId: string): void {}

  /** Whether an in-dialog request that came over another flow is this peer's nevertheless. */
  abstract acceptsFlow(flow: Flow, request: SipRequest): boolean;

  /** What the leg must have at hand before `offer` can be answered. */
  async prepareAnswer(_offer: RemoteOffer): Promise<void> {}

  /** Tells the relay what was negotiated. */
  protected abstract applyMedia(remote: RemoteAudio): void;

  get session(): InviteSession {
    invariant(this.#session, 'the leg has no session yet');
    return this.#session;
  }

  attach(session: InviteSession): void {
    this.#session = session;
  }

  get dialled(): boolean {
    return this.#session !== null;
  }

  dial(dialler: Dialler, body: string, events: InviteEvents): void {
    invariant(this.#dialling, 'the leg has nowhere to call');
    this.attach(dialler.invite({ ...this.#dialling, body }, events));
  }

  /** Every codec that the peer named so far; before that, what it is presumed to do. */
  get capabilities(): readonly Codec[] {
    return this.#named.length > 0 ? this.#named : this.#presumed;
  }

  /** The direction that the peer itself asks for; a hold by the other side does not count. */
  get wish(): Direction {
    return this.#wish;
  }

  get held(): boolean {
    return !receives(this.#wish);
  }

  /** What may be sent to the peer, telephone events included. */
  get codecsInUse(): readonly Codec[] {
    return this.negotiation.agreed?.send ?? [];
  }

  /** The audio codecs in use, the preferred first. */
  get audioCodecs(): readonly Codec[] {
    return this.codecsInUse.filter((codec) => !isTelephoneEvent(codec));
  }

  get takesTelephoneEvents(): boolean {
    return this.codecsInUse.some(isTelephoneEvent);
  }

  receiveOffer(sdp: string): RemoteOffer {
    const offer = this.negotiation.receiveOffer(sdp);
    this.#named = offer.codecs;
    this.#wish = offer.direction;
    this.#ptimeMs = offer.ptimeMs;
    return offer;
  }

  /** Answers what `receiveOffer` took, on behalf of `other`. The relay knows the outcome before the peer does. */
  createAnswer(offer: RemoteOffer, codecs: readonly Codec[], other: Leg): string {
    const body = this.negotiation.createAnswer(codecs, other.wish, other.#ptimeMs);
    this.applyMedia(offer);
    return body;
  }

  /** Offers on behalf of `other`. */
  createOffer(codecs: readonly Codec[], other: Leg): string {
    this.#offered = other.wish;
    return this.negotiation.createOffer(codecs, other.wish, other.#ptimeMs);
  }

  receiveAnswer(sdp: string): void {
    const answer = this.negotiation.receiveAnswer(sdp);
    this.#named = [...answer.codecs, ...this.#named.filter((codec) => !answer.codecs.some((other) => sameCodec(codec, other)))];
    this.#wish = wishBehind(answer.direction, this.#offered, this.#wish);
    this.#ptimeMs = answer.ptimeMs;
    this.applyMedia(answer);
  }

  /** One digit in the way that the peer negotiated: RFC 4733 events, else INFO; never both. */
  sendDigit(digit: string, durationMs: number): void {
    if (this.takesTelephoneEvents) this.media.sendDigit(this.mediaLeg, digit, durationMs);
    else if (this.#session?.remoteAllows('INFO')) this.#session.info(dtmfRelayType, printDtmfInfo({ digit, durationMs }));
  }
}

/** An answer can only narrow what was offered: what our own offer ruled out says nothing about the peer's wish (RFC 3264 6.1). */
function wishBehind(answered: Direction, offered: Direction, before: Direction): Direction {
  return directionOf(receives(offered) ? sends(answered) : sends(before), sends(offered) ? receives(answered) : receives(before));
}
