/** How a call ends: a closed vocabulary that goes into the log line, the record, the event and the Reason header. */

export const callEndCauses = [
  'hung-up', // BYE after answer
  'cancelled', // the caller gave up before answer
  'busy', // 486, 600
  'declined', // 603
  'no-answer', // ring time over, 408, 480 after ringing
  'not-found', // 404, 410, 604, no route
  'unavailable', // 480, no registered contact, 503
  'forbidden', // 403, trunk refused our credentials
  'unsupported-media', // 488, 606, no common codec
  'rejected', // any other final response of the far side
  'bad-request', // malformed SDP or request
  'limit', // configured limit or no free port
  'media-lost', // browser gone: consent expired beyond the grace
  'media-failed', // DTLS or relay thread failed
  'session-expired', // session timer ran out (RFC 4028)
  'ack-missing', // 2xx never acknowledged
  'transport', // no answer on the signalling path, connection refused
  'max-duration', // call.maxSec
  'operator', // hung up through the API
  'shutdown', // the gateway stops
  'killed', // the gateway was killed; it says so when it starts again
  'error', // a broken invariant of ours
] as const;
export type CallEndCause = (typeof callEndCauses)[number];

export interface CallEnd {
  readonly cause: CallEndCause;
  /** Which side brought it about. */
  readonly side: 'browser' | 'trunk' | 'gateway';
  /** The SIP status that ended it, when one did. */
  readonly sipStatus?: number;
  /** The Q.850 cause that the far side gave (RFC 6432). */
  readonly q850?: number;
  /** In plain words, for people. */
  readonly detail?: string;
}
