/** One call of the WebSocket phone: a SIP dialog in plain text and its media. */

import { randomBytes } from 'node:crypto';
import { type Account, digestAnswer } from './digest-answer.ts';
import { PlainCall } from './plain-call.ts';
import { cseq, header, headers, method, type PlainMessage, print, status, tag, uriOf } from './plain-sip.ts';
import type { Fields } from './trunk-call.ts';
import { type Direction, WeriftMedia } from './werift-media.ts';

export interface PhoneSocket {
  /** Stands for the address that a browser does not know. */
  readonly host: string;
  readonly contact: string;
  readonly account: Account;
  send(bytes: Buffer): void;
}

export interface PhoneCallSetup {
  readonly callId: string;
  /** From and To of our own requests, tags included as far as they are known. */
  readonly local: string;
  remote: string;
  /** Request-URI of our own requests. */
  target: string;
}

/** What a call says in SDP, and what comes of it. */
export interface PhoneMedia {
  offer(direction?: Direction): Promise<string>;
  /** The answer to our last offer. */
  accept(answer: string): Promise<void>;
  answer(offer: string): Promise<string>;
  connected(): Promise<void>;
  close(): Promise<void>;
}

export class PhoneCall<Media extends PhoneMedia = WeriftMedia> extends PlainCall {
  readonly callId: string;
  readonly media: Media;
  /** Answers to requests within the dialog; replace entries to play a difficult phone. */
  readonly answers = new Map<string, (request: PlainMessage) => unknown>();
  readonly #socket: PhoneSocket;
  readonly #setup: PhoneCallSetup;
  #invite: PlainMessage | undefined;
  #challenged = false;
  #cseq = 0;
  /** Branch of our last INVITE: its CANCEL and the ACK of a refusal share it. */
  #branch = '';
  #awaitsAnswer = false;
  #negotiated: Promise<void> = Promise.resolve();

  constructor(socket: PhoneSocket, setup: PhoneCallSetup, media: Media) {
    super();
    this.callId = setup.callId;
    this.media = media;
    this.#socket = socket;
    this.#setup = setup;
    this.answers.set('INVITE', (request) => this.answer(request));
    for (const name of ['BYE', 'INFO', 'UPDATE', 'OPTIONS']) this.answers.set(name, (request) => this.respond(request, 200, 'OK'));
    this.answers.set('CANCEL', (request) => {
      this.respond(request, 200, 'OK');
      this.reject(487, 'Request Terminated');
    });
  }

  /** An incoming call. */
  static from(invite: PlainMessage, socket: PhoneSocket): PhoneCall {
    const setup = {
      callId: header(invite, 'Call-ID'),
      local: `${header(invite, 'To')};tag=${token()}`,
      remote: header(invite, 'From'),
      target: uriOf(header(invite, 'Contact')),
    };
    const call = new PhoneCall(socket, setup, new WeriftMedia());
    call.#invite = invite;
    call.received.push(invite);
    return call;
  }

  /** The INVITE that began an incoming call. */
  get invite(): PlainMessage {
    if (!this.#invite) throw new Error('this call was made by the phone');
    return this.#invite;
  }

  async sendInvite(extra: Fields): Promise<void> {
    await this.#offer('sendrecv', extra);
  }

  ring(): void {
    this.respond(this.invite, 180, 'Ringing');
  }

  /** 200 with an answer, or with an offer if there was none. */
  async answer(request = this.invite): Promise<void> {
    this.#awaitsAnswer = request.body === '';
    const sdp = this.#awaitsAnswer ? await this.media.offer() : await this.media.answer(request.body);
    this.respond(request, 200, 'OK', sdpFields, sdp);
  }

  reject(code: number, reason: string): void {
    this.respond(this.invite, code, reason);
  }

  respond(request: PlainMessage, code: number, reason: string, extra: Fields = [], body = ''): void {
    const to = header(request, 'To');
    const fields: Fields = [
      ...headers(request, 'Via').map((via) => ['Via', via] as const),
      ['From', header(request, 'From')],
      ['To', tag(to) === '' ? `${to};tag=${tag(this.#setup.local)}` : to],
      ['Call-ID', this.callId],
      ['CSeq', header(request, 'CSeq')],
      ['Contact', this.#socket.contact],
      ...extra,
    ];
    this.#socket.send(print(`SIP/2.0 ${code} ${reason}`, fields, body));
  }

  /** A request within the dialog. Returns once its final response is here. */
  async request(name: string, extra: Fields = [], body = ''): Promise<PlainMessage> {
    this.#cseq += 1;
    const number = this.#cseq;
    this.#socket.send(this.#print(name, number, token(), extra, body));
    return this.next(`final response to ${name}`, (message) => cseq(message) === number && status(message) >= 200);
  }

  bye(): Promise<PlainMessage> {
    return this.request('BYE');
  }

  cancel(): void {
    this.#socket.send(this.#print('CANCEL', this.#cseq, this.#branch));
  }

  /** Holds, resumes, or offers anew. */
  async reinvite(direction: Direction): Promise<PlainMessage> {
    const number = await this.#offer(direction);
    const answer = await this.next('answer to a re-INVITE', (message) => cseq(message) === number && status(message) >= 200);
    await this.#negotiated;
    return answer;
  }

  /** Talking, with media both ways. */
  async established(): Promise<void> {
    await this.responded(200);
    await this.#negotiated;
    await this.media.connected();
  }

  async receive(message: PlainMessage): Promise<void> {
    this.received.push(message);
    if (status(message) > 0) this.#response(message);
    else if (method(message) !== 'ACK') await this.answers.get(method(message))?.(message);
    else this.#take(message.body);
  }

  /** Sends an INVITE and returns its sequence number. */
  async #offer(direction: Direction, extra: Fields = []): Promise<number> {
    const sdp = await this.media.offer(direction);
    this.#cseq += 1;
    this.#branch = token();
    this.#awaitsAnswer = true;
    this.#socket.send(this.#print('INVITE', this.#cseq, this.#branch, [...sdpFields, ...extra], sdp));
    return this.#cseq;
  }

  #response(response: PlainMessage): void {
    if (method(response) !== 'INVITE' || status(response) < 101) return;
    if (status(response) < 300) this.#take(response.body);
    if (status(response) < 200) return;
    if (status(response) < 300) this.#establish(response);
    this.#acknowledge(response);
    const challenge = headers(response, 'Proxy-Authenticate').at(-1);
    if (challenge !== undefined && !this.#challenged) this.#answerChallenge(challenge);
  }

  /** Once: what is refused twice stays refused. */
  #answerChallenge(challenge: string): void {
    this.#challenged = true;
    const credentials = digestAnswer(challenge, this.#socket.account, 'INVITE', this.#setup.target);
    void this.#offer('sendrecv', [['Proxy-Authorization', credentials]]);
  }

  /** Takes an answer to our offer; the same answer comes again with each further response. */
  #take(sdp: string): void {
    if (!this.#awaitsAnswer || !sdp.startsWith('v=0')) return;
    this.#awaitsAnswer = false;
    this.#negotiated = this.media.accept(sdp);
  }

  #establish(response: PlainMessage): void {
    this.#setup.remote = header(response, 'To');
    this.#setup.target = uriOf(header(response, 'Contact'));
  }

  /** RFC 3261 13.2.2.4 and 17.1.1.3: every final response to an INVITE gets an ACK, a repeated one too. */
  #acknowledge(response: PlainMessage): void {
    const branch = status(response) < 300 ? token() : this.#branch;
    this.#socket.send(this.#print('ACK', cseq(response), branch));
  }

  #print(name: string, number: number, branch: string, extra: Fields = [], body = ''): Buffer {
    return print(
      `${name} ${this.#setup.target} SIP/2.0`,
      [
        ['Via', `SIP/2.0/WS ${this.#socket.host};branch=z9hG4bK${branch}`],
        ['Max-Forwards', '70'],
        ['From', this.#setup.local],
        ['To', this.#setup.remote],
        ['Call-ID', this.callId],
        ['CSeq', `${number} ${name}`],
        ['Contact', this.#socket.contact],
        ['Allow', 'INVITE, ACK, CANCEL, BYE, INFO, UPDATE, OPTIONS'],
        ...extra,
      ],
      body,
    );
  }
}

const sdpFields: Fields = [['Content-Type', 'application/sdp']];

function token(): string {
  return randomBytes(8).toString('hex');
}
