/** A browser as the registrar meets it: a connection, and a client that answers challenges. */

import type { Authentication } from '../../../src/sip/authentication.ts';
import type { AuthenticatedRequest, HeaderList } from '../../../src/sip/incoming-request.ts';
import { createRequest } from '../../../src/sip/message/build.ts';
import { answerChallenge, type DigestChallenge, parseChallenge, printCredentials } from '../../../src/sip/message/digest.ts';
import type { Flow } from '../../../src/sip/message/flow.ts';
import { Headers } from '../../../src/sip/message/headers.ts';
import type { SipRequest } from '../../../src/sip/message/message.ts';
import { parseUri } from '../../../src/sip/message/uri.ts';

export function connection(id: string, host = '192.0.2.1'): Flow {
  const address = { host, port: 4000 };
  return { id, transport: 'ws', reliable: true, local: address, remote: address, closed: false, send: () => {}, close: () => {} };
}

let sequence = 0;

export interface RequestParts {
  readonly method?: string;
  readonly uri?: string;
  readonly user?: string;
  readonly to?: string;
  readonly from?: string;
  readonly headers?: HeaderList;
  readonly callId?: string;
  readonly cseq?: number;
}

export function browserRequest(parts: RequestParts = {}): SipRequest {
  const { method = 'REGISTER', user = 'alice', headers = [] } = parts;
  const aor = `<sip:${user}@example.com>`;
  sequence += 1;
  return createRequest(method, parseUri(parts.uri ?? 'sip:example.com'), [
    ['Via', 'SIP/2.0/WS x.invalid;branch=z9hG4bK1'],
    ['From', parts.from ?? `${aor};tag=a`],
    ['To', parts.to ?? aor],
    ['Call-ID', parts.callId ?? 'call-id'],
    ['CSeq', `${parts.cseq ?? sequence} ${method}`],
    ...headers,
  ]);
}

export function challengesOf(answer: Authentication): DigestChallenge[] {
  if (answer.outcome !== 'respond') throw new Error(`was not challenged: ${answer.outcome}`);
  return answer.headers.flatMap(([, value]) => parseChallenge(value) ?? []);
}

export interface Answering {
  readonly username?: string;
  readonly password?: string;
  readonly uri?: string;
  readonly nc?: number;
}

/** Adds the answer to a challenge to a request. */
export function answering(request: SipRequest, challenge: DigestChallenge, how: Answering = {}): SipRequest {
  const { username = 'alice', password = 'secret', uri = 'sip:example.com', nc = 1 } = how;
  const credentials = answerChallenge(challenge, { username, password }, request.method, uri, 'cnonce', nc);
  const name = request.method === 'REGISTER' ? 'Authorization' : 'Proxy-Authorization';
  request.headers.set(name, printCredentials(credentials));
  return request;
}

export interface Response {
  readonly status: number;
  readonly headers: Headers;
}

/** A request as the user agent hands it over, and what was answered. */
export function incoming(request: SipRequest, flow: Flow, user = 'alice'): AuthenticatedRequest & { readonly responses: Response[] } {
  const responses: Response[] = [];
  return {
    request,
    flow,
    identity: { kind: 'user', user },
    responses,
    respond: (status, options) => responses.push({ status, headers: new Headers(options?.headers ?? []) }),
  };
}
