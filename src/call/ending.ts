/** Between SIP's ways to end a call and ours: final responses to causes, causes to statuses and Reason headers (RFC 3326). */

import { ownCopy } from '../base/own-copy.ts';
import type { CallEnd, CallEndCause } from '../events/call-end.ts';
import type { CallSide } from '../events/gateway-events.ts';
import { PortsExhausted } from '../relay/media-relay.ts';
import { SdpError } from '../sdp/sdp-error.ts';
import type { SessionEnd } from '../sip/dialog/invite-session.ts';
import type { SipResponse } from '../sip/message/message.ts';
import { parseReasons, printReason } from '../sip/message/reason.ts';
import type { RequestFailure } from '../sip/transaction/client.ts';
import { MediaUnavailable } from './call-media.ts';

interface CauseText {
  /** What an unanswered caller is told. */
  readonly status: number;
  /** Q.850 cause value for the Reason header of a BYE or CANCEL. */
  readonly q850: number;
  readonly text: string;
}

const causes: Readonly<Record<CallEndCause, CauseText>> = {
  'hung-up': { status: 487, q850: 16, text: 'Normal call clearing' },
  cancelled: { status: 487, q850: 16, text: 'Caller gave up' },
  busy: { status: 486, q850: 17, text: 'User busy' },
  declined: { status: 603, q850: 21, text: 'Call rejected' },
  'no-answer': { status: 480, q850: 19, text: 'No answer' },
  'not-found': { status: 404, q850: 1, text: 'Unknown number' },
  unavailable: { status: 480, q850: 20, text: 'Not reachable' },
  forbidden: { status: 403, q850: 57, text: 'Not permitted' },
  'unsupported-media': { status: 488, q850: 88, text: 'No common codec' },
  rejected: { status: 500, q850: 31, text: 'Refused by the far side' },
  'bad-request': { status: 400, q850: 95, text: 'Malformed request' },
  limit: { status: 503, q850: 42, text: 'Limit reached' },
  'media-lost': { status: 480, q850: 41, text: 'Media path lost' },
  'media-failed': { status: 500, q850: 47, text: 'Media could not be set up' },
  'session-expired': { status: 480, q850: 102, text: 'Session timer expired' },
  'ack-missing': { status: 480, q850: 102, text: 'Answer was never acknowledged' },
  transport: { status: 503, q850: 38, text: 'No answer from the network' },
  'max-duration': { status: 480, q850: 16, text: 'Longest call duration reached' },
  operator: { status: 480, q850: 16, text: 'Ended by an operator' },
  shutdown: { status: 503, q850: 41, text: 'Gateway is stopping' },
  killed: { status: 503, q850: 41, text: 'Gateway was killed' },
  error: { status: 500, q850: 41, text: 'Internal error' },
};

const causeOfStatus: ReadonlyMap<number, CallEndCause> = new Map([
  [400, 'bad-request'],
  [401, 'forbidden'],
  [403, 'forbidden'],
  [404, 'not-found'],
  [407, 'forbidden'],
  [408, 'no-answer'],
  [410, 'not-found'],
  [415, 'unsupported-media'],
  [480, 'unavailable'],
  [484, 'not-found'],
  [486, 'busy'],
  [487, 'cancelled'],
  [488, 'unsupported-media'],
  [503, 'unavailable'],
  [600, 'busy'],
  [603, 'declined'],
  [604, 'not-found'],
  [606, 'unsupported-media'],
]);

/** The cause behind a final response, a timeout or a transport failure of the far side. */
export function endOfFailure(failure: SipResponse | RequestFailure, side: CallSide): CallEnd {
  if (failure === 'timeout') return { cause: 'transport', side, sipStatus: 408, detail: 'no response' };
  if (failure === 'transport') return { cause: 'transport', side, sipStatus: 503, detail: 'not reachable' };
  const { status, reason, headers } = failure;
  const cause = causeOfStatus.get(status) ?? 'rejected';
  return { cause, side, sipStatus: status, ...detailOf(reason), ...q850Of(headers.getAll('Reason')) };
}

/** The cause behind the end of a session that stood. */
export function endOfSession(end: SessionEnd, side: CallSide): CallEnd {
  const { by, reason, status } = end;
  const told = status === undefined ? {} : { sipStatus: status };
  return { cause: causeOfEnding[by], side: by === 'local' ? 'gateway' : side, ...told, ...saidIn(reason) };
}

const causeOfEnding: Readonly<Record<SessionEnd['by'], CallEndCause>> = {
  remote: 'hung-up',
  timer: 'session-expired',
  'ack-timeout': 'ack-missing',
  transport: 'transport',
  local: 'shutdown',
};

/** What went wrong on our side; null for what nobody foresaw. */
export function endOfError(error: unknown): CallEnd | null {
  if (error instanceof PortsExhausted) return { cause: 'limit', side: 'gateway', detail: error.message };
  if (error instanceof MediaUnavailable) return { cause: 'media-failed', side: 'gateway', detail: error.message };
  if (error instanceof SdpError) return endOfDescription(error, 'gateway');
  return null;
}

/** A description that cannot be used. */
export function endOfDescription({ status, message }: SdpError, side: CallEnd['side']): CallEnd {
  return { cause: 'unsupported-media', side, sipStatus: status, detail: message };
}

/** The caller gave up; `SIP;cause=200` says that somebody else has answered, and nobody missed the call (RFC 3326 section 3.1). */
export function endOfCancel(reason: string | null, side: CallSide): CallEnd {
  const elsewhere = parseReasons(reason === null ? [] : [reason]).find(({ protocol, cause }) => protocol === 'SIP' && cause === 200);
  return { cause: 'cancelled', side, ...(elsewhere ? { sipStatus: elsewhere.cause } : {}), ...saidIn(reason) };
}

function saidIn(reason: string | null): Pick<CallEnd, 'detail' | 'q850'> {
  if (reason === null) return {};
  const text = parseReasons([reason]).find((each) => each.text !== null)?.text;
  return { ...detailOf(text ?? ''), ...q850Of([reason]) };
}

/** Peers may say as much as a message holds, and all of it would be recorded. */
const longestDetail = 200;

function detailOf(text: string): Pick<CallEnd, 'detail'> {
  return text === '' ? {} : { detail: ownCopy(text.slice(0, longestDetail)) };
}

function q850Of(values: readonly string[]): Pick<CallEnd, 'q850'> {
  const cause = parseReasons(values).find(({ protocol }) => protocol === 'Q.850')?.cause;
  return cause === undefined ? {} : { q850: cause };
}

/** Refusals in the order of how much they say about the one who was called: a person's word before a machine's. */
const telling: readonly CallEndCause[] = ['declined', 'busy', 'unsupported-media', 'forbidden', 'not-found', 'unavailable', 'no-answer'];

/** Which of two callees' refusals the caller hears: a 6xx, else the more telling one (RFC 3261 16.7 step 6 leaves the choice). */
export function betterRefusal(a: CallEnd, b: CallEnd): CallEnd {
  return rank(b) < rank(a) ? b : a;
}

function rank(end: CallEnd): number {
  if (isGlobal(end)) return -1;
  const at = telling.indexOf(end.cause);
  return at < 0 ? telling.length : at;
}

/** A 6xx speaks for the user, not for one contact (RFC 3261 21.6). */
export function isGlobal({ sipStatus }: CallEnd): boolean {
  return sipStatus !== undefined && sipStatus >= 600;
}

/** What a refusal says about our own request, and not about the callee: a challenge, a missing extension, an interval, a dialog. */
const aboutOurRequest: ReadonlySet<number> = new Set([401, 405, 406, 407, 413, 414, 415, 416, 420, 421, 422, 423, 481, 491, 493, 494]);

/**
 * The status that a waiting caller gets: the far side's own if it is about the callee. No redirection is passed on, and no 503
 * of a browser, which would tell a trunk that the gateway is overloaded (RFC 3261 16.7 step 6).
 */
export function statusFor({ cause, side, sipStatus }: CallEnd): number {
  if (side === 'browser' && (sipStatus === 503 || cause === 'transport')) return causes.unavailable.status;
  if (sipStatus === undefined || sipStatus < 400 || aboutOurRequest.has(sipStatus)) return causes[cause].status;
  return sipStatus;
}

/** The Reason header for whoever is told of this end: the SIP status where there was one, the Q.850 cause else or if the far side gave it. */
export function reasonFor({ cause, sipStatus, q850, detail }: CallEnd): string {
  const known = causes[cause];
  // What went wrong inside is for our log alone.
  const text = cause === 'error' ? known.text : (detail ?? known.text);
  if (sipStatus === undefined) return printReason({ protocol: 'Q.850', cause: q850 ?? known.q850, text });
  const sip = printReason({ protocol: 'SIP', cause: sipStatus, text });
  return q850 === undefined ? sip : `${sip}, ${printReason({ protocol: 'Q.850', cause: q850, text: null })}`;
}
