/** Whether the browser's connectivity checks come in, and pass (RFC 8445, 7675). */

import { formatAddress } from '../../base/address.ts';
import { type CallView, patienceMs } from '../call-view.ts';
import type { Diagnosis, Rule } from '../finding.ts';
import { clockTime, duration, listing } from '../wording.ts';

/** A browser checks several times a second until it has an answer. */
const refusedForMs = 2000;

export const iceRules: readonly Rule[] = [
  { id: 'ice-no-check', find: noCheck },
  { id: 'ice-check-refused', find: checkRefused },
  { id: 'ice-not-nominated', find: notNominated },
  { id: 'ice-path-lost', find: pathLost },
];

function noCheck(call: CallView): Diagnosis | null {
  const { answeredAt, answeredForMs } = call;
  const came = call.first('browser', 'ice-check', 'ice-check-refused', 'ice-validated') !== null;
  const counted = (call.quality('browser')?.iceChecks ?? 0) > 0 || call.hasHeard('browser');
  if (answeredAt === null || answeredForMs < patienceMs || came || counted) return null;
  const addresses = call.ourAddresses('browser');
  const named = addresses.length > 0 ? listing(addresses) : 'the address of media.browser';
  return {
    severity: 'problem',
    since: answeredAt,
    text: 'The browser never reached the media port of this gateway: not one ICE check arrived. Nobody can hear anything.',
    evidence: [
      `The call was answered at ${clockTime(answeredAt)}; in the ${duration(answeredForMs)} since, no check came.`,
      `The browser was told to send to UDP ${named}.`,
    ],
    advice:
      `Let UDP from anywhere through your firewall or cloud security group to ${named} (media.browser.port, one port a relay thread). ` +
      'If this machine stands behind NAT, set media.browser.advertise to its public address. ' +
      'If only some networks fail, they block UDP: give the browsers there a TURN server.',
  };
}

const refusals: ReadonlyMap<string, string> = new Map([
  ['integrity', 'their password is wrong'],
  ['username', 'their user name belongs to another description'],
  ['fingerprint', 'their check sum is wrong, so something changed them on the way'],
  ['attribute', 'they ask for an extension of ICE that is not known here'],
  ['role', 'the browser takes itself for the controlled side, as which only this gateway may act'],
]);

function checkRefused(call: CallView): Diagnosis | null {
  const refused = call.milestones('browser', 'ice-check-refused');
  const [first] = refused;
  if (!first || call.first('browser', 'ice-validated') || !call.waited(first.at, refusedForMs)) return null;
  const reason = [...refusals].find(([word]) => first.detail.includes(word))?.[1] ?? first.detail;
  const from = first.remote ? ` from ${formatAddress(first.remote)}` : '';
  const { iceChecks = 0, iceChecksRefused = 0 } = call.quality('browser') ?? {};
  const counted = iceChecks > 0 ? [`${iceChecksRefused} of ${iceChecks} checks were refused.`] : [];
  return {
    severity: 'problem',
    since: first.at,
    text: `The browser's ICE checks arrive, but ${reason}. They are refused, and there is no audio.`,
    evidence: [
      `First refused check at ${clockTime(first.at)}${from}: ${first.detail}.`,
      'No check of this call was ever right.',
      ...counted,
    ],
    advice:
      'The browser works with another description than the one we sent: of an earlier call, or changed on its way. Compare ice-ufrag and ' +
      'ice-pwd of our SDP in this trace with what the page got (chrome://webrtc-internals), and look at what stands between: a proxy that ' +
      'rewrites SDP, or code in the page that keeps an old answer.',
  };
}

function notNominated(call: CallView): Diagnosis | null {
  const validated = call.first('browser', 'ice-validated');
  const nominated = call.first('browser', 'ice-nominated', 'dtls-connected');
  if (!validated || nominated || call.answeredForMs < patienceMs || !call.waited(validated.at)) return null;
  return {
    severity: 'problem',
    since: validated.at,
    text: 'The browser reached us but never decided on a path (it nominated no candidate pair), so nothing is sent to it.',
    evidence: [`First valid check at ${clockTime(validated.at)}${validated.remote ? ` from ${formatAddress(validated.remote)}` : ''}.`],
    advice:
      'Our answers to its checks probably do not get back: let UDP out of this machine to any address and port. ' +
      'If the client is not a browser, it must nominate (USE-CANDIDATE), since this gateway is an ICE-lite peer.',
  };
}

function pathLost(call: CallView): Diagnosis | null {
  const lost = call.last('browser', 'path-lost');
  if (!lost || !call.first('browser', 'ice-validated')) return null;
  const restored = call.milestones('browser', 'path-restored').find(({ at }) => at >= lost.at);
  const gap = `No valid check of the browser for 30 s at ${clockTime(lost.at)} (RFC 7675).`;
  return {
    severity: restored ? 'warning' : 'problem',
    since: lost.at,
    text: restored
      ? `The browser was out of reach for a while and came back after ${duration(restored.at - lost.at)}.`
      : 'The browser cannot be reached any more: its network or its page is gone.',
    evidence: restored ? [gap, `It was back at ${clockTime(restored.at)}.`] : [gap],
    advice:
      'Look at the network of this browser: sleep, a change from Wi-Fi to mobile, a firewall that forgets UDP. ' +
      'call.graceSec says how long a call waits for it.',
  };
}
