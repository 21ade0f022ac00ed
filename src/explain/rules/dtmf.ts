/** Whether digits go the way that the other side negotiated. */

import type { CallSide } from '../../events/gateway-events.ts';
import { isTelephoneEvent } from '../../sdp/codecs.ts';
import type { CallView } from '../call-view.ts';
import type { Diagnosis, Rule } from '../finding.ts';
import type { MessageView } from '../message-view.ts';
import { clockTime, counted } from '../wording.ts';

export const dtmfRules: readonly Rule[] = [
  { id: 'dtmf-not-negotiated', find: (call) => notNegotiated(call, 'trunk') },
  { id: 'dtmf-not-negotiated', find: (call) => notNegotiated(call, 'browser') },
];

function notNegotiated(call: CallView, to: CallSide): Diagnosis | null {
  const infos = call.messages.filter((view) => view.side === to && view.direction === 'sent' && isDigit(view));
  const [first] = infos;
  if (!first && call.events('dtmf').length === 0) return null;
  const theirs = call.description(to, 'received');
  if (!theirs || theirs.codecs.some(isTelephoneEvent)) return null;
  return first ? sentAnyway(call, to, first, infos.length) : lost(call, to);
}

/** As INFO, which nobody offered: it counts as taken when it was answered with 200, and even then may mean nothing there. */
function sentAnyway(call: CallView, to: CallSide, info: MessageView, count: number): Diagnosis | null {
  const answer = answerTo(call, info);
  const refused = answer !== null && answer >= 300;
  return {
    severity: refused ? 'problem' : 'info',
    path: null,
    since: info.at,
    text: refused
      ? `Digits do not reach the ${to}: its SDP takes no telephone-event, and it refused them as SIP INFO.`
      : `Digits went to the ${to} as SIP INFO, because its SDP takes no telephone-event. It may not listen to them.`,
    evidence: [
      `The SDP of the ${to} names no telephone-event (RFC 4733).`,
      `${counted(count, 'digit')} went as INFO, the first at ${clockTime(info.at)}${answer === null ? '' : `, answered with ${answer}`}.`,
    ],
    advice: advice[to],
  };
}

function lost(call: CallView, to: CallSide): Diagnosis | null {
  const digits = call.events('dtmf').filter(({ detail }) => !detail.includes(`from the ${to}`));
  const [first] = digits;
  if (!first || call.messages.length === 0) return null;
  return {
    severity: 'problem',
    path: null,
    since: first.at,
    text: `Digits do not reach the ${to}: it takes neither telephone-event (RFC 4733) nor SIP INFO.`,
    evidence: [
      `The SDP of the ${to} names no telephone-event, and it does not allow INFO.`,
      `Lost: ${counted(digits.length, 'digit')}, the first at ${clockTime(first.at)}.`,
    ],
    advice: advice[to],
  };
}

const advice: Readonly<Record<CallSide, string>> = {
  trunk: 'Ask the provider to switch on RFC 4733 (also called RFC 2833 or telephone-event) for your trunk.',
  browser: 'Let the page not remove telephone-event from its SDP, or set dtmf: info for this user under users if its library takes INFO.',
};

function isDigit(view: MessageView): boolean {
  return view.isRequest('INFO') && view.contentType.startsWith('application/dtmf');
}

/** The final status, or null while there is none. */
function answerTo(call: CallView, request: MessageView): number | null {
  return call.messages.find((view) => view.status !== null && view.status >= 200 && view.isOfSameRequest(request))?.status ?? null;
}
