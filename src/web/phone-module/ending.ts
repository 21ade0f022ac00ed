/** Why a call ended, in words for the person who made it. */

export interface CallEnding {
  readonly by: 'us' | 'them' | 'system';
  readonly incoming: boolean;
  readonly answered: boolean;
  /** Final status of the INVITE; null when a BYE or something on our side ended it. */
  readonly status: number | null;
  /** From the Reason header (RFC 3326); null without one. */
  readonly reason: Reason | null;
  /** JsSIP's own word for it. */
  readonly cause: string;
}

export interface Reason {
  /** Lower case: `sip` or `q.850`. */
  readonly protocol: string;
  readonly cause: number;
}

export interface Notice {
  readonly tone: 'calm' | 'problem';
  readonly title: string;
  readonly detail: string;
}

type Words = readonly [title: string, detail: string];

const noAnswer: Words = ['No answer', 'Nobody picked up.'];
const unknownNumber: Words = ['Unknown number', 'There is nobody at this number. Is it complete?'];
const busy: Words = ['Busy', 'The other side is on another call.'];
const declined: Words = ['Declined', 'The other side does not take the call.'];
const noCodec: Words = ['No common codec', 'The other side understands none of our audio formats.'];
const network: Words = ['No way through', 'The telephone network does not answer. Try again in a moment.'];

const wordsOfStatus: ReadonlyMap<number, Words> = new Map([
  [400, ['Refused', 'The gateway could not read our request.']],
  [401, ['Not permitted', 'The gateway does not accept our password.']],
  [403, ['Not permitted', 'This account may not call this number.']],
  [404, unknownNumber],
  [407, ['Not permitted', 'The gateway does not accept our password.']],
  [408, noAnswer],
  [410, unknownNumber],
  [480, ['Not reachable', 'The other side cannot be reached now.']],
  [483, ['No way through', 'The call went in circles.']],
  [484, ['Number incomplete', 'Some digits are missing.']],
  [486, busy],
  [488, noCodec],
  [500, ['The call failed', 'Something went wrong on the way. Try again.']],
  [503, network],
  [504, network],
  [600, busy],
  [603, declined],
  [604, unknownNumber],
  [606, noCodec],
]);

const wordsOfQ850: ReadonlyMap<number, Words> = new Map([
  [19, noAnswer],
  [38, network],
  [41, ['Call ended', 'The audio connection was lost.']],
  [42, ['Too many calls', 'The gateway takes no more calls now.']],
  [47, ['No audio', 'The audio connection could not be set up.']],
  [102, ['Call ended', 'The other side no longer answers.']],
]);

const wordsOfCause: ReadonlyMap<string, Words> = new Map([
  ['Connection Error', ['No connection', 'The gateway cannot be reached. We keep trying.']],
  ['Request Timeout', network],
  ['No Answer', noAnswer],
  ['Expires', noAnswer],
  ['RTP Timeout', ['Call ended', 'The audio connection was lost.']],
  ['WebRTC Error', ['No audio', 'The browser could not set up the call.']],
  ['Bad Media Description', ['No audio', 'The browser does not understand the other side.']],
  ['Incompatible SDP', noCodec],
  ['User Denied Media Access', ['No microphone', 'The page may not use the microphone.']],
]);

/** `duration` is told of a call that went well, `party` of one that was missed. */
export function describeEnding(ending: CallEnding, party: string, duration: string): Notice {
  const words = failureOf(ending);
  if (words) return { tone: 'problem', title: words[0], detail: words[1] };
  if (ending.answered)
    return { tone: 'calm', title: ending.by === 'them' ? 'They hung up' : 'Call ended', detail: `It lasted ${duration}.` };
  return { tone: 'calm', title: unanswered(ending), detail: ending.incoming ? `From ${party}.` : '' };
}

/** undefined for an end that somebody wanted. */
function failureOf({ by, status, reason, cause }: CallEnding): Words | undefined {
  if (by === 'us') return wordsOfCause.get(cause);
  const told = reason?.protocol === 'q.850' ? wordsOfQ850.get(reason.cause) : undefined;
  if (told) return told;
  if (status !== null && status !== 487) return wordsOfStatus.get(status) ?? ['The call failed', `The other side answered ${status}.`];
  return wordsOfCause.get(cause);
}

function unanswered({ incoming, by, reason }: CallEnding): string {
  if (!incoming) return 'Call cancelled';
  if (by === 'us') return 'Call declined';
  // What the other branches of a fork are told when one of them was faster.
  return reason?.protocol === 'sip' && reason.cause === 200 ? 'Answered elsewhere' : 'Missed call';
}

/** Why there is no microphone, from the name of getUserMedia's error. */
export function describeMicrophoneError(name: string): Notice {
  const [title, detail] = microphoneErrors.get(name) ?? ['No microphone', 'The browser could not open it.'];
  return { tone: 'problem', title, detail };
}

const microphoneErrors: ReadonlyMap<string, Words> = new Map([
  ['NotAllowedError', ['Microphone refused', 'Allow the microphone for this page in the address bar, then call again.']],
  ['NotFoundError', ['No microphone', 'Plug one in, then call again.']],
  ['NotReadableError', ['Microphone in use', 'Another program holds it. Close that, then call again.']],
  ['OverconstrainedError', ['Microphone gone', 'Choose another one under Sound.']],
  ['InsecureContext', ['No microphone here', 'Browsers give it to https pages and to localhost only.']],
]);
