/** Calls that are hung up by a clock: session timers (RFC 4028) and answers that nobody acknowledges (RFC 3261 section 13.3.1.4). */

import type { CallSide } from '../../events/gateway-events.ts';
import type { CallView } from '../call-view.ts';
import type { Diagnosis, Rule } from '../finding.ts';
import type { MessageView } from '../message-view.ts';
import { clockTime, counted, duration } from '../wording.ts';

export const sessionRules: readonly Rule[] = [
  { id: 'hung-up-by-session-timer', find: (call) => hungUpByTimer(call, 'trunk') },
  { id: 'hung-up-by-session-timer', find: (call) => hungUpByTimer(call, 'browser') },
  { id: 'session-expired', find: sessionExpired },
  { id: 'ack-does-not-arrive', find: (call) => ackLost(call, 'trunk') },
  { id: 'ack-does-not-arrive', find: (call) => ackLost(call, 'browser') },
  { id: 'ack-missing', find: ackMissing },
];

/** How far from the computed moment a BYE may be. */
const toleranceMs = 3000;

/** Whoever waits in vain for a refresh hangs up min(32 s, a third) before the interval ends (RFC 4028 section 10), or at its end. */
function hungUpByTimer(call: CallView, side: CallSide): Diagnosis | null {
  const bye = call.messages.find((view) => view.side === side && view.direction === 'received' && view.isRequest('BYE'));
  const refresh = bye && call.messages.findLast((view) => view.side === side && view.at < bye.at && intervalOf(view) !== null);
  const seconds = refresh ? intervalOf(refresh) : null;
  if (!bye || !refresh || seconds === null) return null;
  const interval = seconds * 1000;
  const moments = [interval - Math.min(32_000, interval / 3), interval];
  const passed = bye.at - refresh.at;
  if (!moments.some((moment) => Math.abs(passed - moment) <= toleranceMs)) return null;
  const reason = bye.headers?.get('Reason');
  return {
    severity: 'problem',
    since: bye.at,
    text: `The ${side} hung up ${duration(passed)} after the session timer was set: it had not seen the refresh that it waited for.`,
    evidence: [
      `Session-Expires: ${seconds} was agreed at ${clockTime(refresh.at)}, and nothing refreshed it.`,
      attempts(call, side, refresh.at),
      `The BYE came at ${clockTime(bye.at)}${reason === undefined ? '' : `: ${reason}`}.`,
    ],
    advice: refresher[side],
  };
}

/** Our UPDATEs and re-INVITEs since then: those that were answered with 2xx would have set the timer anew. */
function attempts(call: CallView, side: CallSide, since: number): string {
  const ours = call.messages.filter((view) => view.side === side && view.direction === 'sent' && view.at > since);
  const refreshes = ours.filter((view) => view.isRequest('UPDATE') || view.isRequest('INVITE')).length;
  return refreshes === 0
    ? 'We sent no refresh: it was to come from the other side.'
    : `We sent ${counted(refreshes, 'refresh request')}, and none was accepted.`;
}

const refresher: Readonly<Record<CallSide, string>> = {
  trunk:
    'Look in the trace whether our UPDATE or re-INVITE went out and was answered. If it went and got no answer, a firewall between ' +
    'has forgotten the way: use pingSec of the trunk to keep it open. If the trunk was to refresh, ask the provider.',
  browser: 'The SIP library of the page did not refresh its session, or its connection was gone. Look at its log, and update it.',
};

/** Seconds of a 2xx that agreed on an interval. */
function intervalOf(view: MessageView): number | null {
  if (view.status === null || view.status < 200 || view.status > 299) return null;
  const seconds = Number.parseInt(view.field('Session-Expires') ?? '', 10);
  return Number.isFinite(seconds) && seconds > 0 ? seconds : null;
}

function sessionExpired(call: CallView): Diagnosis | null {
  if (call.end?.cause !== 'session-expired') return null;
  const { side } = call.end;
  return {
    severity: 'problem',
    since: call.until,
    text: `The call was ended because the ${side} no longer confirmed that it is still there (session timer).`,
    evidence: [`The session ran out at ${clockTime(call.until)}, ${duration(call.answeredForMs)} after the answer.`],
    advice:
      `The ${side} was to refresh the call and did not, or did not answer our refresh; if it is gone, all is well. ` +
      'call.sessionExpiresSec is the interval that we ask for.',
  };
}

/** RFC 3261 section 13.3.1.4: an answer is sent again until its ACK comes, and after 64*T1 = 32 s the call is hung up. */
const repeatsOfLostAck = 4;

function ackLost(call: CallView, side: CallSide): Diagnosis | null {
  const answers = call.messages.filter((view) => view.side === side && view.direction === 'received' && isAnswer(view));
  if (answers.length < repeatsOfLostAck) return null;
  const first = answers.find((view) => answers.filter((other) => sameTransaction(view, other)).length >= repeatsOfLostAck);
  const ack = call.messages.find((view) => view.side === side && view.direction === 'sent' && view.isRequest('ACK'));
  if (!first || !ack) return null;
  const repeats = answers.filter((other) => sameTransaction(first, other));
  const hungUp = call.messages.find((view) => view.side === side && view.direction === 'received' && view.isRequest('BYE'));
  return {
    severity: 'problem',
    since: first.at,
    text: hungUp
      ? `The ${side} hung up ${duration(hungUp.at - first.at)} after its answer, because our ACK never reached it.`
      : `The ${side} repeats its answer, because our ACK does not reach it. It will hang up 32 s after the answer.`,
    evidence: [
      `Its 200 OK came ${repeats.length} times, first at ${clockTime(first.at)}.`,
      `Our ACK went to ${ack.remote.host}:${ack.remote.port} at ${clockTime(ack.at)}, as Contact and Record-Route of the answer ask.`,
    ],
    advice:
      'The Contact or Record-Route of the answer names an address at which nothing listens: ask the provider, or switch off a SIP ALG ' +
      'that changed it. Let SIP out of this machine to that address too.',
  };
}

function ackMissing(call: CallView): Diagnosis | null {
  if (call.end?.cause !== 'ack-missing') return null;
  const { side } = call.end;
  const ours = call.messages.findLast((view) => view.side === side && view.direction === 'sent' && isAnswer(view));
  const named = ours?.contact ? ` It was to go to ${ours.contact.host}:${ours.contact.port ?? 5060}, our Contact.` : '';
  return {
    severity: 'problem',
    since: call.until,
    text: `The ${side} never acknowledged our answer, so the call was ended after 32 s.`,
    evidence: [`No ACK came.${named}`],
    advice:
      'Our Contact cannot be reached from there: behind NAT set sip.advertise to your public address, and let SIP (sip.udp, sip.tcp) ' +
      'through the firewall.',
  };
}

function isAnswer({ status, method }: MessageView): boolean {
  return status === 200 && method === 'INVITE';
}

function sameTransaction(a: MessageView, b: MessageView): boolean {
  return a.isOfSameRequest(b) && a.headers?.toTag === b.headers?.toTag;
}
