/** The header fields that speak of us. Nothing else of this side ever appears in a message. */

import { formatHost } from '../base/address.ts';
import { sdpType } from './body.ts';
import type { UserAgentCore } from './core.ts';
import type { ResponseOptions } from './incoming-request.ts';
import { createResponse } from './message/build.ts';
import type { Flow } from './message/flow.ts';
import type { SipRequest, SipResponse } from './message/message.ts';
import { parseNameAddr, printNameAddr } from './message/name-addr.ts';

export const sessionMethods: readonly string[] = ['INVITE', 'ACK', 'CANCEL', 'BYE', 'OPTIONS', 'INFO', 'UPDATE'];
/** RFC 4028 is the one extension that dialogs carry out. */
export const supportedOptions: readonly string[] = ['timer'];

type Entries = Array<readonly [string, string]>;

/** What every request and response that makes or refreshes a dialog says. */
export function capabilities(): Entries {
  return [
    ['Allow', sessionMethods.join(', ')],
    ['Supported', supportedOptions.join(', ')],
  ];
}

/** The Contact at which `user` is reached over the flow. */
export function contactOn(core: Pick<UserAgentCore, 'advertised'>, flow: Flow, user: string): string {
  const { host, port, transport } = core.advertised(flow);
  // RFC 7118 section 5.2.1: `ws` for both; UDP is what a URI without transport means.
  const transportParam = transport === 'udp' ? '' : `;transport=${transport === 'wss' ? 'ws' : transport}`;
  return `<sip:${user === '' ? '' : `${user}@`}${formatHost(host)}:${port}${transportParam}>`;
}

/** A response of ours; `toTag` goes into the To that has none yet (RFC 3261 8.2.6.2). */
export function respondTo(
  core: Pick<UserAgentCore, 'product'>,
  request: SipRequest,
  status: number,
  options: ResponseOptions & { toTag?: string } = {},
): SipResponse {
  const { reason, headers = [], body = null, contentType = sdpType, toTag } = options;
  const extra: Entries = [];
  if (toTag !== undefined && request.headers.toTag === undefined) extra.push(['To', `${request.headers.get('To')};tag=${toTag}`]);
  extra.push(...headers, ['Server', core.product]);
  if (body !== null) extra.push(['Content-Type', contentType]);
  return createResponse(request, status, reason, extra, body ?? '');
}

/** The same name-addr with a tag. A bare URI gets its angle brackets first, so that the tag is not the URI's. */
export function withTag(nameAddr: string, tag: string): string {
  const { displayName, uri, params } = parseNameAddr(nameAddr);
  return printNameAddr({ displayName, uri, params: new Map([...params, ['tag', tag]]) });
}
