/** Whether the browser's packets prove themselves. */

import { formatAddress } from '../../base/address.ts';
import type { CallView } from '../call-view.ts';
import type { Diagnosis, Rule } from '../finding.ts';
import { clockTime, duration } from '../wording.ts';

export const srtpRules: readonly Rule[] = [{ id: 'srtp-authentication-failing', find: authenticationFailing }];

function authenticationFailing(call: CallView): Diagnosis | null {
  const began = call.last('browser', 'srtp-authentication-failing');
  if (!began) return null;
  const recovered = call.milestones('browser', 'srtp-authentication-recovered').find(({ at }) => at >= began.at);
  const dropped = call.quality('browser')?.dropped.authentication ?? 0;
  return {
    severity: recovered ? 'warning' : 'problem',
    path: 'browser->gateway',
    since: began.at,
    text: recovered
      ? `For ${duration(recovered.at - began.at)} the browser's audio could not be decrypted.`
      : `Since ${clockTime(began.at)} the browser's audio cannot be decrypted: its packets come with wrong keys or were changed.`,
    evidence: [
      `Most packets${began.remote ? ` of ${formatAddress(began.remote)}` : ''} fail SRTP authentication since ${clockTime(began.at)}.`,
      ...(dropped > 0 ? [`${dropped} packets were dropped for it in this call.`] : []),
      ...(recovered ? [`They pass again since ${clockTime(recovered.at)}.`] : []),
    ],
    advice:
      'Keys and packets do not belong together. Look for a client that begins a new DTLS connection without saying so in SDP, that mixes ' +
      'up two calls, or that begins again with its packet counter; and for somebody who sends packets in its name.',
  };
}
