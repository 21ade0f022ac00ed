/** The ends of calls: a browser behind its connection, and the carrier behind its address. */

import { type Random, seededRandom } from '../../src/base/random.ts';
import { bodyText } from '../../src/sip/body.ts';
import type { Destination } from '../../src/sip/destination.ts';
import type { OutgoingInvite } from '../../src/sip/dialog/invite-session.ts';
import type { HeaderList, IncomingInvite } from '../../src/sip/incoming-request.ts';
import { answerChallenge, parseChallenge, printCredentials } from '../../src/sip/message/digest.ts';
import type { SipResponse } from '../../src/sip/message/message.ts';
import { parseUri } from '../../src/sip/message/uri.ts';
import { type Audio, CarrierAudio, ChromiumAudio } from './call-sdp.ts';
import type { FakeClock } from './fake-clock.ts';
import { SipLink } from './sip-link.ts';
import { SipParty } from './sip-party.ts';
import { PhoneCall } from './stage-call.ts';

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
