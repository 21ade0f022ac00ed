/** Why a call never came about. */

import type { CallEnd } from '../../events/call-end.ts';
import type { CallView } from '../call-view.ts';
import type { Diagnosis, Rule, Severity } from '../finding.ts';
import type { MessageView } from '../message-view.ts';
import { clockTime } from '../wording.ts';

export const refusalRules: readonly Rule[] = [
  { id: 'trunk-credentials-refused', find: credentialsRefused },
  { id: 'peer-unreachable', find: unreachable },
  { id: 'call-refused', find: refused },
];

const challenges = [401, 407];

function credentialsRefused(call: CallView): Diagnosis | null {
  const refusals = call.messages.filter((view) => view.side === 'trunk' && view.direction === 'received' && isChallenge(view));
  const last = refusals.at(-1);
  if (!last || call.end === null || call.answeredAt !== null) return null;
  const tried = call.messages.some((view) => view.side === 'trunk' && view.direction === 'sent' && hasCredentials(view));
  if (tried && refusals.length < 2) return null;
  return {
    severity: 'problem',
    since: last.at,
    text: tried
      ? `Trunk "${call.trunk}" did not accept our user name and password.`
      : `Trunk "${call.trunk}" asks for a user name and password, and none that fits is configured.`,
    evidence: [
      ...(tried ? ['It asked, we answered with our credentials, and it refused them.'] : ['It asked, and nothing was sent.']),
      `${refusals.length} × 401 or 407, the last at ${clockTime(last.at)}.`,
    ],
    advice: `Check auth: { username, password, realm } of trunk "${call.trunk}" under trunks; a realm that is set must be the one the trunk asks with.`,
  };
}

function isChallenge({ status, method }: MessageView): boolean {
  return status !== null && challenges.includes(status) && method === 'INVITE';
}

function hasCredentials({ headers }: MessageView): boolean {
  return headers !== null && (headers.has('Authorization') || headers.has('Proxy-Authorization'));
}

function unreachable(call: CallView): Diagnosis | null {
  const { end } = call;
  if (end?.cause !== 'transport') return null;
  const asked = call.messages.findLast((view) => view.side === end.side && view.direction === 'sent');
  const to = asked ? `${asked.remote.host}:${asked.remote.port}` : 'its address';
  return {
    severity: 'problem',
    since: call.until,
    text: `The ${end.side} cannot be reached: nothing came back on our SIP messages.`,
    evidence: [`We sent to ${to}${asked ? `, last at ${clockTime(asked.at)}` : ''}.`, `The call ended: ${end.detail ?? end.cause}.`],
    advice:
      end.side === 'trunk'
        ? `Check target of trunk "${call.trunk}" under trunks (address, port, transport), and let SIP through the firewall both ways. ` +
          'The provider may also ignore addresses that it does not know: tell it yours. "offhook check" tests each trunk.'
        : "The browser's connection was gone. If it stands behind a proxy, let the proxy keep idle WebSockets for at least a minute.",
  };
}

interface Meaning {
  readonly severity: Severity;
  readonly means: string;
  readonly advice: string;
}

const person = 'Nothing to do here: this is what the other side wants.';
const ask = 'Ask the provider of the trunk, with the Call-ID of this call.';

/** Final statuses in plain words. What a rule of its own explains is not here. */
const meanings: ReadonlyMap<number, Meaning> = new Map([
  [400, { severity: 'problem', means: 'it did not understand our request', advice: ask }],
  [
    403,
    {
      severity: 'problem',
      means: 'it does not allow this call',
      advice: `${ask} Mostly the caller id, the number or your address is not permitted there: check callerId of the user and sip.advertise.`,
    },
  ],
  [
    404,
    {
      severity: 'problem',
      means: 'it does not know the number',
      advice:
        'Check the number and its format: some trunks want +E.164, some a national prefix. routes.outbound says which trunk a number goes to.',
    },
  ],
  [408, { severity: 'warning', means: 'it got no answer in time', advice: ask }],
  [410, { severity: 'problem', means: 'the number is no longer in service', advice: 'Check the number.' }],
  [480, { severity: 'info', means: 'nobody is to be reached there now', advice: person }],
  [484, { severity: 'problem', means: 'the number is incomplete', advice: 'Check the number: digits are missing.' }],
  [486, { severity: 'info', means: 'it is busy', advice: person }],
  [500, { severity: 'problem', means: 'it has an internal fault', advice: ask }],
  [502, { severity: 'problem', means: 'the network behind it failed', advice: ask }],
  [503, { severity: 'problem', means: 'it takes no calls now', advice: `It is overloaded, or your account has reached its limit. ${ask}` }],
  [504, { severity: 'problem', means: 'the network behind it gave no answer', advice: ask }],
  [600, { severity: 'info', means: 'it is busy', advice: person }],
  [603, { severity: 'info', means: 'it declined the call', advice: person }],
  [604, { severity: 'problem', means: 'the number does not exist anywhere', advice: 'Check the number.' }],
  [607, { severity: 'warning', means: 'it does not want this call', advice: person }],
  [608, { severity: 'warning', means: 'an analysis of calls rejected it as unwanted', advice: ask }],
]);

/** Causes that other rules explain, or that a person brings about. */
const elsewhere: readonly CallEnd['cause'][] = [
  'transport',
  'unsupported-media',
  'cancelled',
  'no-answer',
  'hung-up',
  'limit',
  'shutdown',
  'error',
];

function refused(call: CallView): Diagnosis | null {
  const { end } = call;
  if (!end?.sipStatus || call.answeredAt !== null || end.side === 'gateway' || elsewhere.includes(end.cause)) return null;
  if (challenges.includes(end.sipStatus)) return null;
  const meaning = meanings.get(end.sipStatus) ?? { severity: 'problem' as const, means: 'it refused', advice: ask };
  return {
    severity: meaning.severity,
    since: call.until,
    text: `The ${end.side} did not take the call: ${meaning.means} (SIP ${end.sipStatus}).`,
    evidence: [
      `Its answer: ${end.sipStatus}${end.detail ? ` ${end.detail}` : ''}.`,
      ...(end.q850 ? [`Reason of the telephone network: Q.850 cause ${end.q850}.`] : []),
    ],
    advice: meaning.advice,
  };
}
