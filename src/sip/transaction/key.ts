/** Which transaction a message belongs to (RFC 3261 sections 17.1.3, 17.2.3 and 8.2.2.2). */

import type { Flow } from '../message/flow.ts';
import type { SipRequest, SipResponse } from '../message/message.ts';
import { printAnyUri } from '../message/uri.ts';
import { printVia, type Via } from '../message/via.ts';

/** A branch that begins so is unique by itself (8.1.1.7). */
export const magicCookie = 'z9hG4bK';

/** No character of it can stand in a token, a host or a URI. */
const separator = '\n';

/**
 * `method` may differ from the request's: ACK and CANCEL are looked up by that of their INVITE. The peer is part of the key, so that
 * nobody reaches the transaction of another by knowing its branch.
 */
export function serverKey(request: SipRequest, flow: Flow, method: string): string {
  const via = request.headers.topVia;
  const branch = via.params.get('branch');
  const peer = isWebSocket(flow) ? flow.id : flow.remote.host;
  if (!branch?.startsWith(magicCookie)) return [peer, legacyKey(request, via), method].join(separator);
  return [peer, branch, via.host, via.port ?? '', method].join(separator);
}

/** A WebSocket is one peer; over UDP and TCP a peer may use several ports. */
function isWebSocket(flow: Flow): boolean {
  return flow.transport === 'ws' || flow.transport === 'wss';
}

export function clientKey(branch: string, method: string): string {
  return branch + separator + method;
}

/** Undefined for a response whose topmost Via is not one of ours. */
export function responseKey(response: SipResponse): string | undefined {
  const branch = response.headers.topVia.params.get('branch');
  return branch ? clientKey(branch, response.headers.cseq.method) : undefined;
}

/**
 * RFC 2543 clients send no unique branch. The To tag, which an ACK has from our response, needs no comparison: Call-ID, From tag
 * and CSeq tell the INVITEs of a dialog apart.
 */
function legacyKey(request: SipRequest, via: Via): string {
  const { headers } = request;
  return [printAnyUri(request.uri), headers.fromTag ?? '', headers.callId, headers.cseq.number, printVia(via)].join(separator);
}

/** Equal for requests that reached us on several paths (8.2.2.2); undefined within a dialog. */
export function mergeKey(request: SipRequest): string | undefined {
  const { headers } = request;
  if (headers.toTag !== undefined) return undefined;
  return [headers.fromTag ?? '', headers.callId, headers.cseq.number, request.method].join(separator);
}
