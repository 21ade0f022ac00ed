/** The far end: a SIP user agent on UDP that asks for credentials, rings, answers, and takes the BYE. */

import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { formatAddress, type SocketAddress } from '../../src/base/address.ts';
import { systemRandom } from '../../src/base/random.ts';
import { createResponse } from '../../src/sip/message/build.ts';
import { type DigestSecret, ha1, parseCredentials, printChallenge, verifyCredentials } from '../../src/sip/message/digest.ts';
import type { SipRequest } from '../../src/sip/message/message.ts';
import { parseMessage } from '../../src/sip/message/parse.ts';
import { printMessage } from '../../src/sip/message/print.ts';
import { uriUser } from '../../src/sip/message/uri.ts';
import { type Awaited, waitFor } from './waiting.ts';

type Fields = [string, string][];

export interface CarrierOptions {
  readonly host: string;
  /** Who may call. */
  readonly credentials: DigestSecret & { readonly password: string };
  /** The answer for the call to `number`. */
  answer(number: string): string;
}

interface CarrierCall {
  offer: string;
  /** What was said last to each transaction: a request that comes again gets it again. */
  readonly said: Map<string, Uint8Array>;
  readonly established: Awaited<string>;
  ended?: Awaited<void>;
}

const realm = 'carrier.example';

export class Carrier {
  readonly address: SocketAddress;
  readonly #socket: Socket;
  readonly #options: CarrierOptions;
  readonly #calls = new Map<string, CarrierCall>();

  private constructor(socket: Socket, options: CarrierOptions) {
    this.#socket = socket;
    this.#options = options;
    this.address = { host: options.host, port: socket.address().port };
    socket.on('message', (bytes, from) => this.#receive(bytes, from));
  }

  static async open(options: CarrierOptions): Promise<Carrier> {
    const socket = createSocket({ type: 'udp4', recvBufferSize: 2 ** 22 });
    socket.bind(0, options.host);
    await once(socket, 'listening');
    return new Carrier(socket, options);
  }

  /** Expects a call to `number`; resolves, with the gateway's offer, at its ACK. */
  established(number: string): Promise<string> {
    const established = waitFor<string>(() => `the ACK of the call to ${number}`);
    this.#calls.set(number, { offer: '', said: new Map(), established });
    return established.value;
  }

  /** Resolves at the BYE of an established call. */
  ended(number: string): Promise<void> {
    const call = this.#calls.get(number);
    if (!call) throw new Error(`there is no call to ${number}`);
    call.ended = waitFor(() => `the BYE of the call to ${number}`);
    return call.ended.value;
  }

  async close(): Promise<void> {
    this.#socket.close();
    await once(this.#socket, 'close');
  }

  #receive(bytes: Uint8Array, from: RemoteInfo): void {
    const request = parseMessage(bytes);
    if (request.kind === 'response') return;
    const said = this.#calls.get(numberOf(request))?.said.get(transactionOf(request));
    if (said) this.#socket.send(said, from.port, from.address);
    else this.#serve(request, from);
  }

  #serve(request: SipRequest, from: RemoteInfo): void {
    const { method } = request;
    if (method === 'INVITE') this.#invited(request, from);
    else if (method === 'ACK') this.#acknowledged(request);
    else this.#respond(request, from, 200);
    if (method === 'BYE') this.#end(numberOf(request));
  }

  #end(number: string): void {
    this.#calls.get(number)?.ended?.arrive();
    this.#calls.delete(number);
  }

  #invited(request: SipRequest, from: RemoteInfo): void {
    const call = this.#calls.get(numberOf(request));
    if (!call) this.#respond(request, from, 404);
    else if (this.#trusts(request)) this.#answer(call, request, from);
    else this.#respond(request, from, 407, [['Proxy-Authenticate', challenge()]]);
  }

  #answer(call: CarrierCall, request: SipRequest, from: RemoteInfo): void {
    const number = numberOf(request);
    const contact: Fields = [['Contact', `<sip:${number}@${formatAddress(this.address)}>`]];
    call.offer = Buffer.from(request.body).toString();
    this.#respond(request, from, 180, contact);
    this.#respond(request, from, 200, [...contact, ['Content-Type', 'application/sdp']], this.#options.answer(number));
  }

  #trusts({ method, headers }: SipRequest): boolean {
    const given = headers.get('Proxy-Authorization');
    const credentials = given === undefined ? undefined : parseCredentials(given);
    const { username, password } = this.#options.credentials;
    return credentials?.username === username && verifyCredentials(credentials, ha1('MD5', username, realm, password), method);
  }

  /** The ACK of the challenge comes here too, before there is an offer to report. */
  #acknowledged(request: SipRequest): void {
    const call = this.#calls.get(numberOf(request));
    if (call && call.offer !== '') call.established.arrive(call.offer);
  }

  #respond(request: SipRequest, { port, address }: RemoteInfo, status: number, extra: Fields = [], body = ''): void {
    const to = request.headers.get('To') ?? '';
    const tagged: Fields = request.headers.toTag === undefined ? [['To', `${to};tag=${systemRandom.token(8)}`], ...extra] : extra;
    const bytes = printMessage(createResponse(request, status, undefined, tagged, body));
    this.#calls.get(numberOf(request))?.said.set(transactionOf(request), bytes);
    this.#socket.send(bytes, port, address);
  }
}

function numberOf({ uri }: SipRequest): string {
  return typeof uri === 'string' ? '' : uriUser(uri);
}

function transactionOf({ method, headers }: SipRequest): string {
  return `${headers.topVia.params.get('branch')} ${method}`;
}

function challenge(): string {
  const nonce = systemRandom.token(32);
  return printChallenge({ realm, nonce, algorithm: 'MD5', opaque: null, qop: ['auth'], stale: false });
}
