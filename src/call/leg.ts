/** One side of a call: a SIP session, an offer/answer machine and a relay leg, with one interface for browsers and trunks. */

import { invariant } from '../base/errors.ts';
import type { CallSide, LegAudio } from '../events/gateway-events.ts';
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

/** What a peer has said of its audio. */
interface Said {
  readonly codecs: readonly Codec[];
  readonly wish: Direction;
  readonly ptimeMs: number | null;
  readonly maxPtimeMs: number | null;
}

const nothing: Pick<Said, 'codecs' | 'wish'> = { codecs: [], wish: 'sendrecv' };

export interface LegOut {
  /** The agreed audio has changed, or there is one at last. */
  agreed(audio: LegAudio): void;
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
  /** Until it is called. */
  #dialling: Dialling | null;
  #session: InviteSession | null = null;
  #said: Said;
  /** While an offer of the peer's is open: what stands if we refuse it. */
  #saidBefore: Said | null = null;
  /** What our last offer said. */
  #offered = nothing;
  #told: Direction = 'sendrecv';
  #audio: LegAudio | null = null;
  #out: LegOut | null = null;

  /** `presumed`: what the peer is taken to do until it has said something itself. */
  constructor(media: MediaSession, mediaLeg: LegId, negotiation: Negotiation, presumed: readonly Codec[], dialling: Dialling | null) {
    this.media = media;
    this.mediaLeg = mediaLeg;
    this.negotiation = negotiation;
    this.#said = { codecs: presumed, wish: 'sendrecv', ptimeMs: null, maxPtimeMs: null };
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

  watch(out: LegOut): void {
    this.#out = out;
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
    this.attach(dialler.invite({ body, ...this.#dialling }, events));
    this.#dialling = null;
  }

  /** Every codec that the peer named or is presumed to do, without those that it turned down. */
  get capabilities(): readonly Codec[] {
    return this.#said.codecs;
  }

  /** The direction that the peer itself asks for; a hold by the other side does not count. */
  get wish(): Direction {
    return this.#said.wish;
  }

  /** The wish of the other side as this peer knows it. */
  get told(): Direction {
    return this.#told;
  }

  get held(): boolean {
    return !receives(this.wish);
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
    const { codecs, direction, ptimeMs, maxPtimeMs } = offer;
    this.#saidBefore = this.#said;
    this.#said = { codecs, wish: direction, ptimeMs, maxPtimeMs };
    return offer;
  }

  /** Answers what `receiveOffer` took, on behalf of `other`. The relay knows the outcome before the peer does. */
  createAnswer(offer: RemoteOffer, codecs: readonly Codec[], other: Leg): string {
    const { wish, ptimeMs, maxPtimeMs } = other.#said;
    const body = this.negotiation.createAnswer(codecs, wish, ptimeMs, maxPtimeMs);
    const { agreed } = this.negotiation;
    if (agreed) this.#told = wishBehind(agreed.direction, offer.direction, this.#told);
    this.#saidBefore = null;
    this.#settle(offer);
    return body;
  }

  /** Refuses what `receiveOffer` took: all is as it was. */
  refuseOffer(): void {
    this.negotiation.rejectOffer();
    this.#said = this.#saidBefore ?? this.#said;
    this.#saidBefore = null;
  }

  /** Offers on behalf of `other`. */
  createOffer(codecs: readonly Codec[], other: Leg): string {
    const { wish, ptimeMs, maxPtimeMs } = other.#said;
    this.#offered = { codecs, wish };
    return this.negotiation.createOffer(codecs, wish, ptimeMs, maxPtimeMs);
  }

  receiveAnswer(sdp: string): void {
    const answer = this.negotiation.receiveAnswer(sdp);
    const { direction, ptimeMs, maxPtimeMs } = answer;
    const { codecs, wish } = this.#offered;
    const neverAsked = this.capabilities.filter((codec) => !codecs.some((offered) => sameCodec(codec, offered)));
    this.#said = { codecs: [...answer.codecs, ...neverAsked], wish: wishBehind(direction, wish, this.wish), ptimeMs, maxPtimeMs };
    this.#told = wish;
    this.#settle(answer);
  }

  /** One digit in the way that the peer negotiated: RFC 4733 events, else INFO; never both. False when it takes neither. */
  sendDigit(digit: string, durationMs: number): boolean {
    if (this.takesTelephoneEvents) this.media.sendDigit(this.mediaLeg, digit, durationMs);
    else if (this.session.remoteAllows('INFO')) this.session.info(dtmfRelayType, printDtmfInfo({ digit, durationMs }));
    else return false;
    return true;
  }

  /** Offer and answer are complete. */
  #settle(remote: RemoteAudio): void {
    this.applyMedia(remote);
    const { agreed } = this.negotiation;
    const preferred = this.audioCodecs[0];
    if (!agreed || !preferred) return;
    const { encoding: codec, clockRate } = preferred;
    const { direction, ptimeMs } = agreed;
    const before = this.#audio;
    if (before && before.codec === codec && before.direction === direction && before.ptimeMs === ptimeMs) return;
    this.#audio = { side: this.side, codec, clockRate, direction, ptimeMs };
    this.#out?.agreed(this.#audio);
  }
}

/** An answer can only narrow what was offered: what the offer ruled out says nothing about the answerer's wish (RFC 3264 6.1). */
function wishBehind(answered: Direction, offered: Direction, before: Direction): Direction {
  return directionOf(receives(offered) ? sends(answered) : sends(before), sends(offered) ? receives(answered) : receives(before));
}
