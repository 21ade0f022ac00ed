/** Between SIP's ways to end a call and ours: final responses to causes, causes to statuses and Reason headers (RFC 3326). */

import type { CallEnd, CallEndCause } from '../events/call-end.ts';
import type { SessionEnd } from '../sip/dialog/invite-session.ts';
import type { SipResponse } from '../sip/message/message.ts';

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
  'media-failed': { status: 480, q850: 47, text: 'Media could not be set up' },
  'session-expired': { status: 480, q850: 102, text: 'Session timer expired' },
  'ack-missing': { status: 480, q850: 102, text: 'Answer was never acknowledged' },
  transport: { status: 503, q850: 38, text: 'No answer from the network' },
  'max-duration': { status: 480, q850: 16, text: 'Longest call duration reached' },
  shutdown: { status: 503, q850: 41, text: 'Gateway is stopping' },
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
export function endOfFailure(failure: SipResponse | 'timeout' | 'transport', side: 'browser' | 'trunk'): CallEnd {
  if (failure === 'timeout') return { cause: 'transport', side, sipStatus: 408, detail: 'no response' };
  if (failure === 'transport') return { cause: 'transport', side, sipStatus: 503, detail: 'not reachable' };
  const cause = causeOfStatus.get(failure.status) ?? 'rejected';
  return { cause, side, sipStatus: failure.status, detail: `${failure.status} ${failure.reason}` };
}

/** The status that a waiting caller gets. A far side's own status is kept, but challenges and redirections are never passed on. */
export function statusFor(end: CallEnd): number {
  const status = end.sipStatus;
  if (status === 401 || status === 407) return 403;
  if (status === undefined || status < 400) return causes[end.cause].status;
  return status;
}

/** The Reason header for whoever is told of this end: the SIP status where there was one, else Q.850. */
export function reasonFor(end: CallEnd): string {
  const { q850, text } = causes[end.cause];
  if (end.sipStatus !== undefined && end.sipStatus >= 300) return `SIP;cause=${end.sipStatus};text="${quotable(end.detail ?? text)}"`;
  return `Q.850;cause=${q850};text="${text}"`;
}

/** A reason phrase of the far side goes into a quoted string: printable ASCII only, bounded. */
function quotable(text: string): string {
  let clean = '';
  for (const char of text.slice(0, 100)) if (char >= ' ' && char <= '~' && char !== '"' && char !== '\\') clean += char;
  return clean;
}

/** The cause behind the end of an answered session. */
export function endOfSession(end: SessionEnd, side: 'browser' | 'trunk'): CallEnd {
  const detail = end.reason ?? undefined;
  const told = { ...(detail === undefined ? {} : { detail }), ...(end.status === undefined ? {} : { sipStatus: end.status }) };
  return { cause: causeOfEnding[end.by], side: end.by === 'local' ? 'gateway' : side, ...told };
}

const causeOfEnding: Readonly<Record<SessionEnd['by'], CallEndCause>> = {
  remote: 'hung-up',
  timer: 'session-expired',
  'ack-timeout': 'ack-missing',
  transport: 'transport',
  local: 'shutdown',
};
