/** One call of the trunk peer: a SIP dialog in plain text and its RTP line. */

import { PlainCall } from './plain-call.ts';
import {
  cseq,
  header,
  headers,
  mediaAddress,
  method,
  type PlainMessage,
  print,
  status,
  tag,
  type UdpAddress,
  uriAddress,
  uriOf,
} from './plain-sip.ts';
import type { RtpLine } from './rtp-line.ts';

export type Fields = ReadonlyArray<readonly [string, string]>;

/** Payload types and what they mean, the preferred first: `[0, 'PCMU/8000']`. */
export type Formats = ReadonlyMap<number, string>;

export const plainFormats: Formats = new Map([
  [0, 'PCMU/8000'],
  [101, 'telephone-event/8000'],
]);

export interface Socket {
  readonly address: UdpAddress;
  send(bytes: Buffer, to: UdpAddress): void;
}

export interface CallSetup {
  readonly callId: string;
  /** From and To of our own requests, tags included as far as they are known. */
  readonly local: string;
  remote: string;
  /** Request-URI of our own requests. */
  target: string;
  /** Where our requests go. */
  next: UdpAddress;
}

export class TrunkCall extends PlainCall {
  readonly rtp: RtpLine;
  readonly callId: string;
  /** Answers to requests within the dialog; replace entries to play a difficult peer. */
  readonly answers = new Map<string, (request: PlainMessage) => void>();
  /** What this end offers and accepts. */
  formats: Formats = plainFormats;
  /** More header fields of whatever carries a description in answer to one. */
  answerFields: Fields = [];
  contact: string;
  /** Somebody on the way who changes what this end sends, or swallows it (null). */
  middleman: (message: string) => string | null = (message) => message;
  readonly #socket: Socket;
  readonly #setup: CallSetup;
  readonly #sent = new Map<string, Buffer>();
  /** CSeq numbers of our INVITEs without a description: their 2xx holds the offer. */
  readonly #offerless = new Set<number>();
  #invite: PlainMessage | undefined;
  #cseq = 100;
  #sdpVersion = 1;
  #branch = 0;

  constructor(socket: Socket, rtp: RtpLine, setup: CallSetup) {
    super();
    this.rtp = rtp;
    this.callId = setup.callId;
    this.contact = `<sip:peer@${socket.address.host}:${socket.address.port}>`;
    this.#socket = socket;
    this.#setup = setup;
    this.answers.set('INVITE', (request) => this.answer(request));
    for (const name of ['BYE', 'INFO', 'UPDATE', 'OPTIONS']) this.answers.set(name, (request) => this.respond(request, 200, 'OK'));
    this.answers.set('CANCEL', (request) => {
      this.respond(request, 200, 'OK');
      this.reject(487, 'Request Terminated');
    });
  }

  /** The INVITE that began an incoming call. */
  get invite(): PlainMessage {
    if (!this.#invite) throw new Error('this call was made by the peer');
    return this.#invite;
  }

  receive(message: PlainMessage): void {
    this.received.push(message);
    if (status(message) > 0) this.#acknowledge(message);
    else this.#serve(message);
  }

  ring(): void {
    this.respond(this.invite, 180, 'Ringing');
  }

  /** 183 with a description: early media flows from here on. */
  progress(): void {
    this.#describe(this.invite, 183, 'Session Progress');
  }

  answer(request = this.invite): void {
    this.#describe(request, 200, 'OK');
  }

  reject(code: number, reason: string): void {
    this.respond(this.invite, code, reason);
  }

  respond(request: PlainMessage, code: number, reason: string, extra: Fields = [], body = ''): void {
    const to = header(request, 'To');
    const fields: Array<readonly [string, string]> = [
      ...headers(request, 'Via').map((via) => ['Via', via] as const),
      ...headers(request, 'Record-Route').map((route) => ['Record-Route', route] as const),
      ['From', header(request, 'From')],
      ['To', tag(to) === '' && code > 100 ? `${to};tag=${tag(this.#setup.local)}` : to],
      ['Call-ID', this.callId],
      ['CSeq', header(request, 'CSeq')],
      ['Contact', this.contact],
      ...extra,
    ];
    this.#transmit(transaction(request), print(`SIP/2.0 ${code} ${reason}`, fields, body), request.from);
  }

  /** A request within the dialog. Returns once its final response is here. */
  async request(name: string, extra: Fields = [], body = ''): Promise<PlainMessage> {
    this.#cseq += 1;
    const number = this.#cseq;
    this.#send(this.#print(name, number, extra, body), this.#setup.next);
    return this.next(`final response to ${name}`, (message) => cseq(message) === number && status(message) >= 200);
  }

  bye(): Promise<PlainMessage> {
    return this.request('BYE');
  }

  /** The far end's present audio goes to whatever its latest description says. */
  reinvite(direction = 'sendrecv'): Promise<PlainMessage> {
    this.#sdpVersion += 1;
    return this.request('INVITE', sdpFields, this.sdp(direction));
  }

  /** Begins an outgoing call; `sdp: null` leaves the offer to the other side. */
  sendInvite(extra: Fields = [], sdp: string | null = this.sdp()): void {
    this.#cseq += 1;
    this.#send(this.#print('INVITE', this.#cseq, sdp === null ? extra : [...extra, ...sdpFields], sdp ?? ''), this.#setup.next);
  }

  cancel(): void {
    this.#send(this.#print('CANCEL', this.#cseq, [], '', this.#branch), this.#setup.next);
  }

  sdp(direction = 'sendrecv'): string {
    const { host, port } = this.rtp.address;
    return [
      'v=0',
      `o=peer 1 ${this.#sdpVersion} IN IP4 ${host}`,
      's=-',
      `c=IN IP4 ${host}`,
      't=0 0',
      `m=audio ${port} RTP/AVP ${[...this.formats.keys()].join(' ')}`,
      ...[...this.formats].flatMap(([payloadType, name]) => formatLines(payloadType, name)),
      'a=ptime:20',
      `a=${direction}`,
      '',
    ].join('\r\n');
  }

  #serve(request: PlainMessage): void {
    if (request.body.startsWith('v=0')) this.rtp.aim(mediaAddress(request.body));
    const again = this.#sent.get(transaction(request));
    if (again) this.#send(again, request.from);
    else if (method(request) === 'INVITE' && !this.#invite && tag(header(request, 'To')) === '') this.#begin(request);
    else this.answers.get(method(request))?.(request);
  }

  #begin(invite: PlainMessage): void {
    this.#invite = invite;
    this.#setup.remote = header(invite, 'From');
    this.#setup.target = uriOf(header(invite, 'Contact'));
    this.#setup.next = uriAddress(this.#setup.target);
    this.respond(invite, 100, 'Trying');
  }

  #describe(request: PlainMessage, code: number, reason: string): void {
    this.respond(request, code, reason, [...sdpFields, ...this.answerFields], this.sdp(answerTo(request.body)));
  }

  /** RFC 3261 13.2.2.4 and 17.1.1.3: every final response to an INVITE gets an ACK, a repeated one too. */
  #acknowledge(response: PlainMessage): void {
    if (method(response) !== 'INVITE' || status(response) < 101) return;
    if (response.body.startsWith('v=0')) this.rtp.aim(mediaAddress(response.body));
    if (status(response) < 200) return;
    const refused = status(response) >= 300;
    if (!refused) {
      this.#setup.remote = header(response, 'To');
      this.#setup.target = uriOf(header(response, 'Contact'));
      this.#setup.next = uriAddress(this.#setup.target);
    }
    const answer = !refused && this.#offerless.has(cseq(response)) ? this.sdp() : '';
    const ack = this.#print('ACK', cseq(response), answer === '' ? [] : sdpFields, answer, refused ? this.#branch : undefined);
    this.#send(ack, response.from);
  }

  #print(name: string, number: number, extra: Fields, body: string, branch?: number): Buffer {
    if (name === 'INVITE' && body === '') this.#offerless.add(number);
    if (branch === undefined) this.#branch += 1;
    const { host, port } = this.#socket.address;
    return print(
      `${name} ${this.#setup.target} SIP/2.0`,
      [
        ['Via', `SIP/2.0/UDP ${host}:${port};branch=z9hG4bK${this.callId}${branch ?? this.#branch}`],
        ['Max-Forwards', '70'],
        ['From', this.#setup.local],
        ['To', this.#setup.remote],
        ['Call-ID', this.callId],
        ['CSeq', `${number} ${name}`],
        ['Contact', this.contact],
        ...extra,
      ],
      body,
    );
  }

  #send(bytes: Buffer, to: UdpAddress): void {
    const message = this.middleman(bytes.toString('latin1'));
    if (message !== null) this.#socket.send(Buffer.from(message, 'latin1'), to);
  }

  #transmit(key: string, bytes: Buffer, to: UdpAddress): void {
    this.#sent.set(key, bytes);
    this.#send(bytes, to);
  }
}

/** RFC 3264 6.1. */
function answerTo(offer: string): string {
  const offered = /^a=(sendonly|recvonly|inactive)/m.exec(offer)?.[1];
  return offered === 'sendonly' ? 'recvonly' : offered === 'recvonly' ? 'sendonly' : (offered ?? 'sendrecv');
}

const sdpFields: Fields = [['Content-Type', 'application/sdp']];

function formatLines(payloadType: number, name: string): string[] {
  const rtpmap = `a=rtpmap:${payloadType} ${name}`;
  return name.startsWith('telephone-event') ? [rtpmap, `a=fmtp:${payloadType} 0-15`] : [rtpmap];
}

function transaction(request: PlainMessage): string {
  return `${header(request, 'CSeq')} ${header(request, 'Via')}`;
}
