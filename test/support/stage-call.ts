/** One call at one end, as that end sees it. */

import type { Direction } from '../../src/sdp/description.ts';
import { bodyText } from '../../src/sip/body.ts';
import type { InviteEvents, InviteSession, SessionEnd } from '../../src/sip/dialog/invite-session.ts';
import type { IncomingInvite, IncomingRequest } from '../../src/sip/incoming-request.ts';
import type { SipRequest, SipResponse } from '../../src/sip/message/message.ts';
import { type Audio, directionOf, NoCommonCodec } from './call-sdp.ts';

/** What an end does about an offer within a call: a description, a refusal, or nothing yet. */
type Reply = string | number | null;

/** One call at one end. `log` tells in order what it heard: `180`, `183 sdp`, `200 sdp`, `ack`, `offer sendonly`, `ended remote`. */
export class PhoneCall implements InviteEvents {
  readonly audio: Audio;
  readonly log: string[] = [];
  /** Every description of the other side's, the last one last. */
  readonly heard: string[] = [];
  readonly responses: SipResponse[] = [];
  /** Requests within the call, answered or not. */
  readonly requests: IncomingRequest[] = [];
  /** Reason headers that came with refusals, CANCEL and BYE. */
  readonly reasons: string[] = [];
  replyTo: (offer: string | null) => Reply;
  /** What an ACK carries when the 200 brought the offer, null for none; undefined when the INVITE brought it. */
  replyToAnswer: ((offer: string) => string | null) | undefined;
  readonly incoming: IncomingInvite | null;
  readonly #invite: SipRequest | null;
  #session: InviteSession | null = null;

  constructor(audio: Audio, incoming: IncomingInvite | null = null) {
    this.audio = audio;
    this.incoming = incoming;
    this.#invite = incoming?.request ?? null;
    this.replyTo = (offer) => (offer === null ? audio.offer() : answerOrRefuse(audio, offer));
  }

  get session(): InviteSession {
    if (!this.#session) throw new Error('the call has no session yet');
    return this.#session;
  }

  set session(session: InviteSession) {
    this.#session = session;
  }

  /** The INVITE that came in. */
  get invite(): SipRequest {
    if (!this.#invite) throw new Error('this end has called');
    return this.#invite;
  }

  /** The description heard last. */
  get sdp(): string {
    const sdp = this.heard.at(-1);
    if (sdp === undefined) throw new Error('heard no description yet');
    return sdp;
  }

  // As the end that is called.

  ring(): void {
    this.session.progress(180);
  }

  earlyMedia(status = 183): void {
    this.session.progress(status, { body: this.audio.answer(this.sdp) });
  }

  answer(body: string = this.audio.answer(this.sdp)): void {
    this.session.accept({ body });
  }

  // Either.

  hangUp(reason?: string): void {
    this.session.bye(reason === undefined ? {} : { reason });
  }

  hold(): void {
    this.wish('sendonly');
  }

  resume(): void {
    this.wish('sendrecv');
  }

  wish(direction: Direction): void {
    this.audio.wish = direction;
    this.session.reinvite(this.audio.offer());
  }

  digit(digit: string, durationMs = 160): void {
    this.session.info('application/dtmf-relay', `Signal=${digit}\r\nDuration=${durationMs}\r\n`);
  }

  // What the session reports.

  provisional(response: SipResponse): void {
    this.responses.push(response);
    this.#note(String(response.status), bodyText(response));
  }

  accepted(response: SipResponse): void {
    const sdp = bodyText(response);
    this.responses.push(response);
    this.#note('200', sdp);
    if (this.replyToAnswer && sdp !== null) this.session.acknowledge(this.replyToAnswer(sdp) ?? '');
  }

  rejected(failure: SipResponse | 'timeout' | 'transport'): void {
    if (typeof failure !== 'string') {
      this.responses.push(failure);
      this.#noteReason(failure.headers.get('Reason'));
    }
    this.log.push(typeof failure === 'string' ? failure : String(failure.status));
  }

  cancelled(reason: string | null): void {
    this.#noteReason(reason);
    this.log.push('cancelled');
  }

  acknowledged(body: string | null): void {
    this.#note('ack', body);
  }

  modifyRequested(incoming: IncomingRequest): void {
    const offer = bodyText(incoming.request);
    this.requests.push(incoming);
    if (offer !== null) this.heard.push(offer);
    this.log.push(offer === null ? 'offer wanted' : `offer ${directionOf(offer)}`);
    const reply = this.replyTo(offer);
    if (typeof reply === 'string') incoming.respond(200, { body: reply });
    else if (reply !== null) incoming.respond(reply);
  }

  modified(body: string | null): void {
    if (body !== null) this.heard.push(body);
    this.log.push(body === null ? 'modified' : `answer ${directionOf(body)}`);
  }

  /** After glare it asks again, as long as that is its wish. */
  modifyRejected(status: number): void {
    if (status === 491) this.session.reinvite(this.audio.offer());
    else this.log.push(`refused ${status}`);
  }

  info(incoming: IncomingRequest): void {
    this.requests.push(incoming);
    this.log.push(`info ${/Signal=(.)/.exec(bodyText(incoming.request) ?? '')?.[1] ?? '?'}`);
    incoming.respond(200);
  }

  ended({ by, reason, status }: SessionEnd): void {
    this.#noteReason(reason);
    this.log.push(`ended ${by}${status === undefined ? '' : ` ${status}`}`);
  }

  acceptsFlow(): boolean {
    return true;
  }

  #note(what: string, sdp: string | null): void {
    if (sdp !== null) this.heard.push(sdp);
    this.log.push(sdp === null ? what : `${what} sdp`);
  }

  #noteReason(reason: string | null | undefined): void {
    if (reason != null) this.reasons.push(reason);
  }
}

function answerOrRefuse(audio: Audio, offer: string): string | number {
  try {
    return audio.answer(offer);
  } catch (error) {
    if (error instanceof NoCommonCodec) return 488;
    throw error;
  }
}
