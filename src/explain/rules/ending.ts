/** Ends that this gateway brought about by itself. */

import type { CallEndCause } from '../../events/call-end.ts';
import type { CallView } from '../call-view.ts';
import type { Diagnosis, Rule, Severity } from '../finding.ts';
import { clockTime } from '../wording.ts';

interface Ending {
  readonly id: string;
  readonly severity: Severity;
  readonly text: string;
  readonly advice: string;
}

const endings: Readonly<Partial<Record<CallEndCause, Ending>>> = {
  'media-lost': {
    id: 'browser-gone',
    severity: 'problem',
    text: 'The call was ended because the browser was gone for longer than calls wait.',
    advice: 'A page that was closed or a network that broke. call.graceSec is how long a call waits for its browser.',
  },
  limit: {
    id: 'limit-reached',
    severity: 'problem',
    text: 'The call could not be made because this gateway is full: no port for its audio was free.',
    advice:
      'Widen media.trunk.ports; each call takes two ports. Calls beyond limits.* are refused before they get that far, ' +
      'and show in the log.',
  },
  'media-failed': {
    id: 'relay-failed',
    severity: 'problem',
    text: 'The call was ended because the part of this gateway that carries the audio failed.',
    advice: 'Other calls of the same moment ended too. Please report it, with the lines of the log around that time.',
  },
  'max-duration': {
    id: 'max-duration',
    severity: 'info',
    text: 'The call was ended because it reached the longest duration that is allowed.',
    advice: 'call.maxSec is that duration.',
  },
  shutdown: {
    id: 'gateway-stopped',
    severity: 'info',
    text: 'The call was ended because this gateway was stopped.',
    advice: 'Drain it before a restart ("offhook drain"), so that calls can end by themselves.',
  },
  error: {
    id: 'gateway-error',
    severity: 'problem',
    text: 'The call was ended by a fault of this gateway.',
    advice: 'Please report it, with the lines of the log that carry this callId.',
  },
};

export const endingRules: readonly Rule[] = Object.values(endings).map((ending) => ({
  id: ending.id,
  find: (call) => ended(call, ending),
}));

function ended(call: CallView, ending: Ending): Diagnosis | null {
  const { end } = call;
  // A browser's media that failed is explained by its handshake.
  if (!end || endings[end.cause] !== ending || (end.cause === 'media-failed' && end.side !== 'gateway')) return null;
  const { severity, text, advice } = ending;
  return {
    severity,
    text,
    advice,
    since: call.until,
    evidence: [`It ended at ${clockTime(call.until)}: ${end.detail ?? end.cause}.`],
  };
}
