/** Packets that carry nothing. */

import type { CallSide } from '../../events/gateway-events.ts';
import type { CallView } from '../call-view.ts';
import { type Diagnosis, pathFrom, type Rule } from '../finding.ts';
import { clockTime, duration } from '../wording.ts';

/** Longer than a pause of somebody who listens: his room is never digitally silent, but a network may make it so. */
const patience: Readonly<Record<CallSide, number>> = { browser: 2000, trunk: 20_000 };

export const silenceRules: readonly Rule[] = [
  { id: 'browser-sends-silence', find: (call) => silence(call, 'browser') },
  { id: 'trunk-sends-silence', find: (call) => silence(call, 'trunk') },
];

const advice: Readonly<Record<CallSide, string>> = {
  browser:
    'The microphone is muted: in the page, in the system, or by a switch on the headset; or the browser chose another one. ' +
    'Ask the user to look at the microphone sign in the address bar.',
  trunk: 'Ask the trunk, with the Call-ID of this call: it sends packets, and they are empty. A call on hold there sounds like that too.',
};

function silence(call: CallView, side: CallSide): Diagnosis | null {
  const began = call.lasting(side, 'silence-began', 'silence-ended');
  if (!began || call.answeredAt === null || !call.shouldSend(side) || !call.waited(Math.max(began.at, call.answeredAt), patience[side]))
    return null;
  const always = call.first(side, 'silence-ended') === null && call.milestones(side, 'silence-began').length === 1;
  const who = side === 'browser' ? 'The browser' : 'The trunk';
  return {
    severity: always ? 'warning' : 'info',
    path: pathFrom[side],
    since: began.at,
    text: `${who} sends packets, but nothing is in them: digital silence.`,
    evidence: [
      `Every packet looked at since ${clockTime(began.at)}, for ${duration(call.until - began.at)}, holds silence.`,
      `${call.receivedPackets(side)} packets came from the ${side} in this call.`,
    ],
    advice: advice[side],
  };
}
