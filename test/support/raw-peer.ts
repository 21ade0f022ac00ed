/** A SIP peer with a will of its own at one end of a link: it sends what the test says, right or wrong. */

import { createResponse } from '../../src/sip/message/build.ts';
import type { SipMessage, SipRequest } from '../../src/sip/message/message.ts';
import { printMessage } from '../../src/sip/message/print.ts';
import { type LinkFlow, label } from './sip-link.ts';

export class RawPeer {
  readonly received: SipMessage[] = [];
  readonly #flow: LinkFlow;

  constructor(flow: LinkFlow) {
    this.#flow = flow;
    flow.receive = (message) => this.received.push(message);
  }

  get labels(): string[] {
    return this.received.map(label);
  }

  /** The last request with that method. */
  request(method: string): SipRequest {
    const request = this.received.findLast((message) => message.kind === 'request' && message.method === method);
    if (request?.kind !== 'request') throw new Error(`no ${method} came`);
    return request;
  }

  respond(
    request: SipRequest,
    status: number,
    options: { tag?: string; headers?: ReadonlyArray<readonly [string, string]>; body?: string } = {},
  ): void {
    const { tag, headers = [], body = '' } = options;
    const to: Array<readonly [string, string]> = tag === undefined ? [] : [['To', `${request.headers.get('To')};tag=${tag}`]];
    this.#flow.send(printMessage(createResponse(request, status, undefined, [...to, ...headers], body)));
  }

  /** A 2xx or provisional that makes a dialog at this end's address. */
  answer(request: SipRequest, tag: string, options: { status?: number; headers?: ReadonlyArray<readonly [string, string]> } = {}): void {
    const { host, port } = this.#flow.local;
    const headers: Array<readonly [string, string]> = [['Contact', `<sip:${tag}@${host}:${port}>`], ...(options.headers ?? [])];
    this.respond(request, options.status ?? 200, { tag, headers, body: `answer of ${tag}` });
  }

  /** Sends lines as they are, each ended by CRLF, then an empty line and the body. */
  send(lines: readonly string[], body = ''): void {
    this.#flow.send(Buffer.from(`${[...lines, `Content-Length: ${Buffer.byteLength(body)}`, '', ''].join('\r\n')}${body}`));
  }

  /** A request of a made-up client; `headers` replace and add. */
  sendRequest(method: string, uri: string, headers: Readonly<Record<string, string>>, body = ''): void {
    const fields: Record<string, string> = {
      Via: `SIP/2.0/${this.#flow.transport.toUpperCase()} ${this.#flow.local.host}:${this.#flow.local.port};branch=z9hG4bK${this.received.length}${method};rport`,
      'Max-Forwards': '70',
      From: '<sip:mallory@example.com>;tag=m',
      To: '<sip:bob@example.com>',
      'Call-ID': 'made-up',
      CSeq: `1 ${method}`,
      ...headers,
    };
    this.send([`${method} ${uri} SIP/2.0`, ...Object.entries(fields).map(([name, value]) => `${name}: ${value}`)], body);
  }
}
