/** Requests and responses made from values (RFC 3261 sections 8.1.1 and 8.2.6). */

import type { SocketAddress } from '../../base/address.ts';
import { Headers } from './headers.ts';
import { emptyBody, type SipRequest, type SipResponse } from './message.ts';
import type { SipUri } from './uri.ts';

type Entries = Iterable<readonly [string, string]>;

export function createRequest(method: string, uri: SipUri | string, headers: Entries, body: Uint8Array | string = emptyBody): SipRequest {
  return { kind: 'request', method, uri, headers: new Headers(headers), body: toBytes(body) };
}

/**
 * A CANCEL, or the ACK of a refusal: of the INVITE's Via the topmost alone, its Route, From, To, Call-ID and CSeq number (RFC 3261
 * sections 9.1 and 17.1.1.3). `extra` is as of `createResponse`.
 */
export function createInviteFollower(invite: SipRequest, method: 'ACK' | 'CANCEL', extra: Entries): SipRequest {
  const { headers } = invite;
  const follower = createRequest(method, invite.uri, [
    ['Via', headers.get('Via') ?? ''],
    ['Max-Forwards', '70'],
    ...headers.getAll('Route').map((route) => ['Route', route] as const),
    ...['From', 'To', 'Call-ID'].map((name) => [name, headers.get(name) ?? ''] as const),
    ['CSeq', `${headers.cseq.number} ${method}`],
  ]);
  addFields(follower.headers, extra);
  return follower;
}

/**
 * Via, From, To, Call-ID and CSeq come from the request, Record-Route too where the response makes a dialog (RFC 3261 section 12.1.1)
 * and Timestamp for 100 (8.2.6.1). `extra` is appended; a `To` in it replaces the copied one.
 */
export function createResponse(
  request: SipRequest,
  status: number,
  reason: string = reasonPhrase(status),
  extra: Entries = [],
  body: Uint8Array | string = emptyBody,
): SipResponse {
  const copied = ['Via', ...(makesDialog(request, status) ? ['Record-Route'] : []), 'From', 'To', 'Call-ID', 'CSeq'];
  if (status === 100) copied.push('Timestamp');
  const headers = new Headers();
  for (const name of copied) for (const value of request.headers.getAll(name)) headers.append(name, value);
  addFields(headers, extra);
  return { kind: 'response', status, reason, headers, body: toBytes(body) };
}

function addFields(headers: Headers, fields: Entries): void {
  for (const [name, value] of fields) {
    if (name === 'To') headers.set(name, value);
    else headers.append(name, value);
  }
}

function makesDialog(request: SipRequest, status: number): boolean {
  return status > 100 && status < 300 && dialogMethods.has(request.method);
}

const dialogMethods = new Set(['INVITE', 'SUBSCRIBE', 'REFER']);

const encoder = new TextEncoder();

/** Octets of their own: a Buffer of this size would hold on to a slab of 8 kB for as long as the message is kept. */
function toBytes(body: Uint8Array | string): Uint8Array {
  if (body === '') return emptyBody;
  return typeof body === 'string' ? encoder.encode(body) : body;
}

/**
 * Writes into the topmost Via where the request came from: `received` when its sent-by says otherwise (RFC 3261 section 18.2.1),
 * and both `received` and `rport` when the client asked for it (RFC 3581 section 4).
 */
export function markReceived(request: SipRequest, remote: SocketAddress): void {
  const [top, ...others] = request.headers.vias;
  if (!top) return;
  const params = new Map(top.params);
  const wantsPort = params.has('rport');
  if (wantsPort) params.set('rport', String(remote.port));
  if (wantsPort || top.host !== remote.host) params.set('received', remote.host);
  else params.delete('received');
  request.headers.vias = [{ ...top, params }, ...others];
}

/** The IANA registry's phrase for a status; that of its class for an unknown one. */
export function reasonPhrase(status: number): string {
  return phrases.get(status) ?? phrases.get(Math.trunc(status / 100) * 100) ?? 'Unknown';
}

const phrases: ReadonlyMap<number, string> = new Map([
  [100, 'Trying'],
  [180, 'Ringing'],
  [181, 'Call Is Being Forwarded'],
  [182, 'Queued'],
  [183, 'Session Progress'],
  [199, 'Early Dialog Terminated'],
  [200, 'OK'],
  [202, 'Accepted'],
  [204, 'No Notification'],
  [300, 'Multiple Choices'],
  [301, 'Moved Permanently'],
  [302, 'Moved Temporarily'],
  [305, 'Use Proxy'],
  [380, 'Alternative Service'],
  [400, 'Bad Request'],
  [401, 'Unauthorized'],
  [402, 'Payment Required'],
  [403, 'Forbidden'],
  [404, 'Not Found'],
  [405, 'Method Not Allowed'],
  [406, 'Not Acceptable'],
  [407, 'Proxy Authentication Required'],
  [408, 'Request Timeout'],
  [410, 'Gone'],
  [412, 'Conditional Request Failed'],
  [413, 'Request Entity Too Large'],
  [414, 'Request-URI Too Long'],
  [415, 'Unsupported Media Type'],
  [416, 'Unsupported URI Scheme'],
  [417, 'Unknown Resource-Priority'],
  [420, 'Bad Extension'],
  [421, 'Extension Required'],
  [422, 'Session Interval Too Small'],
  [423, 'Interval Too Brief'],
  [424, 'Bad Location Information'],
  [425, 'Bad Alert Message'],
  [428, 'Use Identity Header'],
  [429, 'Provide Referrer Identity'],
  [430, 'Flow Failed'],
  [433, 'Anonymity Disallowed'],
  [436, 'Bad Identity Info'],
  [437, 'Unsupported Credential'],
  [438, 'Invalid Identity Header'],
  [439, 'First Hop Lacks Outbound Support'],
  [440, 'Max-Breadth Exceeded'],
  [469, 'Bad Info Package'],
  [470, 'Consent Needed'],
  [480, 'Temporarily Unavailable'],
  [481, 'Call/Transaction Does Not Exist'],
  [482, 'Loop Detected'],
  [483, 'Too Many Hops'],
  [484, 'Address Incomplete'],
  [485, 'Ambiguous'],
  [486, 'Busy Here'],
  [487, 'Request Terminated'],
  [488, 'Not Acceptable Here'],
  [489, 'Bad Event'],
  [491, 'Request Pending'],
  [493, 'Undecipherable'],
  [494, 'Security Agreement Required'],
  [500, 'Server Internal Error'],
  [501, 'Not Implemented'],
  [502, 'Bad Gateway'],
  [503, 'Service Unavailable'],
  [504, 'Server Time-out'],
  [505, 'Version Not Supported'],
  [513, 'Message Too Large'],
  [580, 'Precondition Failure'],
  [600, 'Busy Everywhere'],
  [603, 'Decline'],
  [604, 'Does Not Exist Anywhere'],
  [606, 'Not Acceptable'],
  [607, 'Unwanted'],
  [608, 'Rejected'],
]);
