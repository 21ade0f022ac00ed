/** The ends of calls: a browser behind its connection, the carrier behind its address, and each call as that end sees it. */

import { type Random, seededRandom } from '../../src/base/random.ts';
import type { Direction } from '../../src/sdp/description.ts';
import { bodyText } from '../../src/sip/body.ts';
import type { Destination } from '../../src/sip/destination.ts';
import type { InviteEvents, InviteSession, OutgoingInvite, SessionEnd } from '../../src/sip/dialog/invite-session.ts';
import type { HeaderList, IncomingInvite, IncomingRequest } from '../../src/sip/incoming-request.ts';
import { answerChallenge, parseChallenge, printCredentials } from '../../src/sip/message/digest.ts';
import type { SipRequest, SipResponse } from '../../src/sip/message/message.ts';
import { parseUri } from '../../src/sip/message/uri.ts';
import { type Audio, CarrierAudio, ChromiumAudio, directionOf, NoCommonCodec } from './call-sdp.ts';
import type { FakeClock } from './fake-clock.ts';
import { SipLink } from './sip-link.ts';
import { SipParty } from './sip-party.ts';

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
  /** What an ACK carries when the 200 brought the offer; null for none. */
  replyToAnswer: (offer: string) => string | null;
  readonly incoming: IncomingInvite | null;
  readonly #invite: SipRequest | null;
  #session: InviteSession | null = null;

  constructor(audio: Audio, incoming: IncomingInvite | null = null) {
    this.audio = audio;
    this.incoming = incoming;
    this.#invite = incoming?.request ?? null;
    this.replyTo = (offer) => (offer === null ? audio.offer() : answerOrRefuse(audio, offer));
    this.replyToAnswer = (offer) => audio.answer(offer);
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
    if (this.session.request.body.length > 0 || sdp === null) return;
    const answer = this.replyToAnswer(sdp);
    this.session.acknowledge(answer ?? '');
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

export interface Dialled {
  /** Instead of the number at the gateway's address. */
  readonly uri?: string;
  /** Undefined: what the audio offers. */
  readonly body?: string | null;
  readonly headers?: HeaderList;
  readonly maxForwards?: number;
  readonly sessionExpiresSec?: number;
  readonly audio?: Audio;
}

abstract class Phone {
  readonly party: SipParty;
  /** Calls that came in. */
  readonly calls: PhoneCall[] = [];
  /** What becomes of an INVITE: by default a call that waits for the test. */
  onInvite: (incoming: IncomingInvite) => void = (incoming) => {
    this.take(incoming);
  };

  protected constructor(party: SipParty) {
    this.party = party;
    party.onInvite = (incoming) => this.onInvite(incoming);
  }

  abstract newAudio(): Audio;

  take(incoming: IncomingInvite, options: { sessionExpiresSec?: number } = {}): PhoneCall {
    const call = new PhoneCall(this.newAudio(), incoming);
    const offer = bodyText(incoming.request);
    if (offer !== null) call.heard.push(offer);
    call.session = incoming.session(call, options);
    this.calls.push(call);
    return call;
  }

  get lastCall(): PhoneCall {
    const call = this.calls.at(-1);
    if (!call) throw new Error('nobody called');
    return call;
  }

  protected invite(dialled: Dialled, invite: Omit<OutgoingInvite, 'body' | 'headers' | 'maxForwards'>): PhoneCall {
    const { audio = this.newAudio(), headers = [], maxForwards = 70, sessionExpiresSec = null } = dialled;
    const call = new PhoneCall(audio);
    const body = dialled.body === undefined ? audio.offer() : dialled.body;
    if (body === null) call.replyToAnswer = (offer) => audio.answer(offer);
    call.session = this.party.agent.invite({ ...invite, headers, maxForwards, sessionExpiresSec, body }, call);
    return call;
  }
}

let connections = 0;
let parties = 0;

/** No two parties make the same Call-IDs. */
function ownRandom(): Random {
  parties += 1;
  return seededRandom(1000 + parties);
}

/** A page with a stock SIP client: one WebSocket, one registration with an instance id. */
export class BrowserPhone extends Phone {
  readonly user: string;
  readonly instance: string;
  readonly #clock: FakeClock;
  readonly #host: string;
  readonly #callId: string;
  #accept: (link: SipLink) => void;
  #link: SipLink | null = null;
  #sequence = 0;

  /** `accept` is the gateway's end of a new connection. */
  constructor(clock: FakeClock, options: { user: string; host: string; instance: string; accept: (link: SipLink) => void }) {
    const { user, host, instance, accept } = options;
    super(new SipParty(clock, { name: user, address: { host: `${instance}.invalid`, port: 5060 }, random: ownRandom() }));
    this.user = user;
    this.instance = instance;
    this.#clock = clock;
    this.#host = host;
    this.#callId = `registration-of-${instance}`;
    this.#accept = accept;
  }

  newAudio(): ChromiumAudio {
    return new ChromiumAudio(this.instance);
  }

  get link(): SipLink {
    if (!this.#link) throw new Error('not connected');
    return this.#link;
  }

  /** Opens a connection; one that was there is forgotten, not closed. */
  connect(): void {
    connections += 1;
    const remote = { host: this.#host, port: 20000 + (connections % 40000) };
    const gateway = { host: '203.0.113.5', port: 8443 };
    this.#link = new SipLink(this.#clock, { transport: 'ws', a: remote, b: gateway, name: `ws-${connections}` });
    this.party.attach(this.#link.a);
    this.#accept(this.#link);
  }

  disconnect(): void {
    this.link.close();
  }

  /** REGISTER, with credentials once they are asked for. Resolves with the final status. */
  async register(options: { expires?: number; password?: string } = {}): Promise<number> {
    const first = await this.#register(options.expires ?? 300, []);
    const challenge = first.status === 401 ? parseChallenge(first.headers.get('WWW-Authenticate') ?? '') : undefined;
    if (!challenge) return first.status;
    const secret = { username: this.user, password: options.password ?? `password of ${this.user}` };
    const credentials = answerChallenge(challenge, secret, 'REGISTER', 'sip:example.com', 'cnonce', 1);
    return (await this.#register(options.expires ?? 300, [['Authorization', printCredentials(credentials)]])).status;
  }

  call(number: string, dialled: Dialled = {}): PhoneCall {
    return this.invite(dialled, {
      uri: parseUri(dialled.uri ?? `sip:${number}@example.com`),
      from: `<sip:${this.user}@example.com>`,
      to: `<sip:${number}@example.com>`,
      contactUser: this.instance,
      destination: this.#destination,
    });
  }

  /** JsSIP sends what follows in its calls over the connection that is open now. */
  moveCalls(...calls: readonly PhoneCall[]): void {
    for (const { session } of calls) session.flowId = this.link.a.id;
  }

  get #destination(): Destination {
    return { flowId: this.link.a.id };
  }

  #register(expires: number, credentials: HeaderList): Promise<SipResponse> {
    const aor = `<sip:${this.user}@example.com>`;
    const contact = `<sip:${this.instance}@${this.instance}.invalid;transport=ws>;+sip.instance="<urn:uuid:${this.instance}>";reg-id=1;expires=${expires}`;
    return new Promise((resolve, reject) => {
      this.party.agent.request(
        {
          method: 'REGISTER',
          uri: parseUri('sip:example.com'),
          from: aor,
          to: aor,
          headers: [['Contact', contact], ['Supported', 'path, gruu, outbound'], ...credentials],
          destination: this.#destination,
          callId: this.#callId,
          nextSequence: () => {
            this.#sequence += 1;
            return this.#sequence;
          },
        },
        (result) => (typeof result === 'string' ? reject(new Error(`REGISTER: ${result}`)) : resolve(result)),
      );
    });
  }
}

export const carrierAddress = { host: '198.51.100.9', port: 5060 };

/** The carrier at its one address. */
export class CarrierPhone extends Phone {
  constructor(clock: FakeClock) {
    super(new SipParty(clock, { name: 'carrier', address: carrierAddress, random: ownRandom() }));
  }

  newAudio(): CarrierAudio {
    return new CarrierAudio();
  }

  call(number: string, dialled: Dialled & { from?: string } = {}): PhoneCall {
    return this.invite(dialled, {
      uri: parseUri(dialled.uri ?? `sip:${number}@198.51.100.5`),
      from: dialled.from ?? '<sip:+4930123@198.51.100.9>',
      to: `<sip:${number}@198.51.100.5>`,
      contactUser: 'carrier',
      destination: { uri: parseUri('sip:198.51.100.5:5060;transport=udp'), tcpFallback: false },
    });
  }
}
