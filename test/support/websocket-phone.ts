/** A browser's telephone without a browser: SIP over WebSocket (RFC 7118) in plain text, media on werift. */

import { randomBytes, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { WebSocket } from 'ws';
import { type Account, digestAnswer } from './digest-answer.ts';
import { PhoneCall, type PhoneMedia, type PhoneSocket } from './phone-call.ts';
import { header, headers, method, type PlainMessage, parsePlain, print, status } from './plain-sip.ts';
import type { Fields } from './trunk-call.ts';
import { until } from './until.ts';
import { WeriftMedia } from './werift-media.ts';

export interface PhoneOptions extends Account {
  /** The gateway's SIP WebSocket. */
  readonly url: string;
  readonly origin: string;
  readonly domain: string;
}

export interface OutgoingRequest {
  readonly method: string;
  readonly uri?: string;
  readonly fields?: Fields;
  readonly body?: string;
}

export class WebSocketPhone {
  /** Every message, those of calls included. */
  readonly received: PlainMessage[] = [];
  readonly calls: PhoneCall[] = [];
  /** What to do with an incoming call; by default it rings for ever. */
  onCall: (call: PhoneCall) => void = (call) => call.ring();
  readonly #options: PhoneOptions;
  readonly #webSocket: WebSocket;
  readonly #socket: PhoneSocket;
  readonly #byCallId = new Map<string, PhoneCall<PhoneMedia>>();
  readonly #instance = randomUUID();
  #cseq = 0;
  #taken = 0;

  private constructor(webSocket: WebSocket, options: PhoneOptions) {
    const host = `${token()}.invalid`;
    this.#options = options;
    this.#webSocket = webSocket;
    this.#socket = { host, contact: `<sip:${token()}@${host};transport=ws>`, account: options, send: (bytes) => this.send(bytes) };
    webSocket.on('message', (bytes: Buffer) => void this.#receive(bytes));
    webSocket.on('error', () => {});
  }

  /** Rejects when the gateway refuses the connection. */
  static async connect(options: PhoneOptions): Promise<WebSocketPhone> {
    const webSocket = new WebSocket(options.url, 'sip', { origin: options.origin, perMessageDeflate: false });
    await once(webSocket, 'open');
    return new WebSocketPhone(webSocket, options);
  }

  /** Connects and registers; rejects when the registrar refuses. */
  static async registered(options: PhoneOptions): Promise<WebSocketPhone> {
    const phone = await WebSocketPhone.connect(options);
    const answer = await phone.register();
    if (status(answer) !== 200) throw new Error(answer.startLine);
    return phone;
  }

  /** The final response, after a challenge was answered. */
  register(expiresSec = 300): Promise<PlainMessage> {
    const contact = `${this.#socket.contact};reg-id=1;+sip.instance="<urn:uuid:${this.#instance}>";expires=${expiresSec}`;
    return this.request({ method: 'REGISTER', uri: `sip:${this.#options.domain}`, fields: [['Contact', contact]] });
  }

  /** A request outside of calls: its final response, after one challenge was answered. */
  async request(request: OutgoingRequest): Promise<PlainMessage> {
    const dialog = { callId: token(), tag: token() };
    const first = await this.#exchange(request, dialog, []);
    const challenge = headers(first, status(first) === 401 ? 'WWW-Authenticate' : 'Proxy-Authenticate').at(-1);
    if (challenge === undefined) return first;
    const name = status(first) === 401 ? 'Authorization' : 'Proxy-Authorization';
    return this.#exchange(request, dialog, [[name, digestAnswer(challenge, this.#options, request.method, this.#uriOf(request))]]);
  }

  /** Calls a number. Returns when the INVITE is on its way. */
  call(number: string, extra: Fields = []): Promise<PhoneCall> {
    return this.callWith(new WeriftMedia(), number, extra);
  }

  /** The same with media of the caller's own. */
  async callWith<Media extends PhoneMedia>(media: Media, number: string, extra: Fields = []): Promise<PhoneCall<Media>> {
    const { user, domain } = this.#options;
    const remote = `sip:${number}@${domain}`;
    const setup = { callId: token(), local: `<sip:${user}@${domain}>;tag=${token()}`, remote: `<${remote}>`, target: remote };
    const call = this.#add(new PhoneCall(this.#socket, setup, media));
    await call.sendInvite(extra);
    return call;
  }

  /** The next incoming call that no one has asked for yet. */
  async nextCall(timeoutMs?: number): Promise<PhoneCall> {
    const call = await until('an incoming call', () => this.calls[this.#taken], timeoutMs);
    this.#taken += 1;
    return call;
  }

  send(bytes: Buffer | string): void {
    this.#webSocket.send(bytes);
  }

  /** The connection breaks; calls and their media stay. */
  disconnect(): void {
    this.#webSocket.terminate();
  }

  get connected(): boolean {
    return this.#webSocket.readyState === WebSocket.OPEN;
  }

  async close(): Promise<void> {
    this.#webSocket.terminate();
    await Promise.all([...this.#byCallId.values()].map((call) => call.media.close()));
  }

  #exchange(request: OutgoingRequest, { callId, tag }: { callId: string; tag: string }, more: Fields): Promise<PlainMessage> {
    const { user, domain } = this.#options;
    this.#cseq += 1;
    const sequence = `${this.#cseq} ${request.method}`;
    const fields: Fields = [
      ['Via', `SIP/2.0/WS ${this.#socket.host};branch=z9hG4bK${token()}`],
      ['Max-Forwards', '70'],
      ['From', `<sip:${user}@${domain}>;tag=${tag}`],
      ['To', `<sip:${user}@${domain}>`],
      ['Call-ID', callId],
      ['CSeq', sequence],
      ...(request.fields ?? []),
      ...more,
    ];
    this.send(print(`${request.method} ${this.#uriOf(request)} SIP/2.0`, fields, request.body));
    const isAnswer = (message: PlainMessage): boolean =>
      status(message) >= 200 && header(message, 'Call-ID') === callId && header(message, 'CSeq') === sequence;
    return until(`an answer to ${request.method}`, () => this.received.find(isAnswer));
  }

  #uriOf({ uri }: OutgoingRequest): string {
    return uri ?? `sip:${this.#options.user}@${this.#options.domain}`;
  }

  async #receive(bytes: Buffer): Promise<void> {
    const message = parsePlain(bytes, { host: '', port: 0 });
    this.received.push(message);
    const known = this.#byCallId.get(header(message, 'Call-ID'));
    if (known) await known.receive(message);
    else if (status(message) === 0 && method(message) === 'INVITE') {
      const call = this.#add(PhoneCall.from(message, this.#socket));
      this.calls.push(call);
      this.onCall(call);
    }
  }

  #add<Media extends PhoneMedia>(call: PhoneCall<Media>): PhoneCall<Media> {
    this.#byCallId.set(call.callId, call);
    return call;
  }
}

function token(): string {
  return randomBytes(8).toString('hex');
}
