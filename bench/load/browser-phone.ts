/** The near end: a SIP-over-WebSocket client that calls as SIP.js does, without media of its own. */

import { once } from 'node:events';
import { WebSocket } from 'ws';
import { systemRandom } from '../../src/base/random.ts';
import { createRequest, createResponse } from '../../src/sip/message/build.ts';
import { answerChallenge, chooseChallenge, printCredentials } from '../../src/sip/message/digest.ts';
import type { SipRequest, SipResponse } from '../../src/sip/message/message.ts';
import { printNameAddr } from '../../src/sip/message/name-addr.ts';
import { parseMessage } from '../../src/sip/message/parse.ts';
import { printMessage } from '../../src/sip/message/print.ts';
import { printAnyUri } from '../../src/sip/message/uri.ts';
import { type Awaited, waitFor } from './waiting.ts';

type Fields = [string, string][];

export interface Account {
  readonly user: string;
  readonly password: string;
  readonly domain: string;
}

export interface PhoneCall {
  /** The gateway's answer. */
  readonly answer: string;
  /** Resolves when the BYE is answered. */
  hangUp(): Promise<void>;
}

/** What stays the same in all requests of one dialog. */
interface Dialog {
  readonly callId: string;
  readonly from: string;
  to: string;
  target: string;
  route: Fields;
  cseq: number;
}

export class BrowserPhone {
  readonly #socket: WebSocket;
  readonly #account: Account;
  readonly #host = `${systemRandom.token(12)}.invalid`;
  readonly #pending = new Map<string, Awaited<SipResponse>>();

  private constructor(socket: WebSocket, account: Account) {
    this.#socket = socket;
    this.#account = account;
    socket.on('message', (data) => this.#receive(data as Buffer));
  }

  /** Rejects when the gateway refuses the connection. */
  static async connect(url: string, account: Account): Promise<BrowserPhone> {
    const socket = new WebSocket(url, 'sip', { perMessageDeflate: false, origin: 'https://bench.example' });
    await once(socket, 'open');
    return new BrowserPhone(socket, account);
  }

  /** Calls `number`; credentials follow on the challenge. Resolves once the ACK is sent; rejects on any refusal. */
  async call(number: string, offer: string): Promise<PhoneCall> {
    const { user, domain } = this.#account;
    const dialog: Dialog = {
      callId: systemRandom.token(22),
      from: `<sip:${user}@${domain}>;tag=${systemRandom.token(10)}`,
      to: `<sip:${number}@${domain}>`,
      target: `sip:${number}@${domain}`,
      route: [],
      cseq: 0,
    };
    const response = await this.#inviteWithCredentials(dialog, offer);
    if (response.status !== 200) throw new Error(`call to ${number}: ${response.status} ${response.reason}`);
    establish(dialog, response);
    this.#send(this.#request(dialog, 'ACK', dialog.cseq));
    return { answer: Buffer.from(response.body).toString(), hangUp: () => this.#hangUp(dialog) };
  }

  close(): void {
    this.#socket.terminate();
  }

  async #inviteWithCredentials(dialog: Dialog, offer: string): Promise<SipResponse> {
    const refused = await this.#invite(dialog, offer);
    if (refused.status !== 401 && refused.status !== 407) return refused;
    const proxy = refused.status === 407;
    const challenge = chooseChallenge(refused.headers.getAll(proxy ? 'Proxy-Authenticate' : 'WWW-Authenticate'));
    if (!challenge) throw new Error(`${refused.status} without a challenge that can be answered`);
    const { user, password } = this.#account;
    const credentials = answerChallenge(challenge, { username: user, password }, 'INVITE', dialog.target, systemRandom.token(12), 1);
    return this.#invite(dialog, offer, [[proxy ? 'Proxy-Authorization' : 'Authorization', printCredentials(credentials)]]);
  }

  /** The final response; a refusal is acknowledged. */
  async #invite(dialog: Dialog, offer: string, extra: Fields = []): Promise<SipResponse> {
    dialog.cseq += 1;
    const invite = this.#request(dialog, 'INVITE', dialog.cseq, [...sessionFields, ...extra], offer);
    const response = await this.#transact(invite);
    if (response.status >= 300) this.#send(acknowledgement(invite, response));
    return response;
  }

  async #hangUp(dialog: Dialog): Promise<void> {
    dialog.cseq += 1;
    const { status } = await this.#transact(this.#request(dialog, 'BYE', dialog.cseq));
    if (status !== 200) throw new Error(`BYE: ${status}`);
  }

  #request(dialog: Dialog, method: string, cseq: number, extra: Fields = [], body = ''): SipRequest {
    const headers: Fields = [
      ['Via', `SIP/2.0/WS ${this.#host};branch=z9hG4bK${systemRandom.token(16)}`],
      ...dialog.route,
      ['Max-Forwards', '70'],
      ['To', dialog.to],
      ['From', dialog.from],
      ['Call-ID', dialog.callId],
      ['CSeq', `${cseq} ${method}`],
      ...(method === 'INVITE' ? ([['Contact', `<sip:${this.#account.user}@${this.#host};transport=ws;ob>`]] satisfies Fields) : []),
      ['User-Agent', 'bench'],
      ...extra,
    ];
    return createRequest(method, dialog.target, headers, body);
  }

  async #transact(request: SipRequest): Promise<SipResponse> {
    const branch = branchOf(request);
    const final = waitFor<SipResponse>(() => `the response to ${request.method} ${printAnyUri(request.uri)}`);
    this.#pending.set(branch, final);
    this.#send(request);
    try {
      return await final.value;
    } finally {
      this.#pending.delete(branch);
    }
  }

  #receive(data: Buffer): void {
    // CRLF alone is a keep-alive (RFC 5626 section 3.5.1).
    if (data.length <= 4) return;
    const message = parseMessage(data);
    if (message.kind === 'request') {
      if (message.method !== 'ACK') this.#socket.send(printMessage(createResponse(message, 200)));
    } else if (message.status >= 200) {
      this.#pending.get(branchOf(message))?.arrive(message);
    }
  }

  #send(request: SipRequest): void {
    this.#socket.send(printMessage(request));
  }
}

const sessionFields: Fields = [
  ['Content-Type', 'application/sdp'],
  ['Allow', 'ACK,CANCEL,INVITE,MESSAGE,BYE,OPTIONS,INFO,NOTIFY,REFER'],
  ['Supported', 'outbound'],
];

function branchOf({ headers }: SipRequest | SipResponse): string {
  return headers.topVia.params.get('branch') ?? '';
}

/** RFC 3261 section 12.1.2 */
function establish(dialog: Dialog, { headers }: SipResponse): void {
  const [contact] = headers.contacts === '*' ? [] : headers.contacts;
  if (!contact) throw new Error('200 without Contact');
  dialog.to = headers.get('To') ?? dialog.to;
  dialog.target = printAnyUri(contact.uri);
  dialog.route = headers.recordRoutes.toReversed().map((route) => ['Route', printNameAddr(route)]);
}

/** RFC 3261 section 17.1.1.3 */
function acknowledgement(invite: SipRequest, { headers }: SipResponse): SipRequest {
  const copied = ['Via', 'Max-Forwards', 'From', 'Call-ID'].map((name): [string, string] => [name, invite.headers.get(name) ?? '']);
  const own: Fields = [
    ['To', headers.get('To') ?? ''],
    ['CSeq', `${invite.headers.cseq.number} ACK`],
  ];
  return createRequest('ACK', invite.uri, [...copied, ...own]);
}
