/** Which of the four ways of the audio carry packets. */

import { formatAddress } from '../../base/address.ts';
import { type CallSide, callSides, type LegQuality } from '../../events/gateway-events.ts';
import { type CallView, patienceMs } from '../call-view.ts';
import { type Diagnosis, type MediaPath, pathFrom, pathTo, type Rule } from '../finding.ts';
import { clockTime, duration, listing } from '../wording.ts';

export const pathRules: readonly Rule[] = [
  { id: 'trunk-rtp-refused', find: trunkRefused },
  { id: 'trunk-sends-no-rtp', find: trunkSendsNothing },
  { id: 'browser-sends-no-rtp', find: browserSendsNothing },
  { id: 'rtp-stopped', find: (call) => stopped(call, 'trunk') },
  { id: 'rtp-stopped', find: (call) => stopped(call, 'browser') },
  { id: 'one-way-audio', find: oneWay },
  { id: 'no-audio', find: noWay },
];

/** A stop that is no pause: RTP comes every 20 ms, and the milestone itself waits 2 s. */
const stoppedForMs = 5000;

function trunkRefused(call: CallView): Diagnosis | null {
  const refused = call.milestones('trunk', 'rtp-refused').filter(({ detail }) => detail.includes('source'));
  const last = refused.at(-1);
  if (!last || call.first('trunk', 'rtp-began', 'source-learned')) return null;
  const sources = listing(refused.flatMap(({ remote }) => (remote ? formatAddress(remote) : [])));
  const theirs = call.description('trunk', 'received');
  const said = theirs?.host ? formatAddress({ host: theirs.host, port: theirs.port }) : 'another address';
  const dropped = call.quality('trunk')?.dropped.source ?? 0;
  return {
    severity: 'problem',
    path: 'trunk->gateway',
    since: refused[0]?.at ?? last.at,
    text: `Audio comes from ${sources}, but the trunk's SDP said ${said}. It is refused, and the browser hears nothing.`,
    evidence: [
      `First packet from ${sources} at ${clockTime(refused[0]?.at ?? last.at)}.`,
      ...(dropped > 0 ? [`${dropped} packets were dropped for their source.`] : []),
      'No packet came from the address in the SDP.',
    ],
    advice:
      `If ${sources} belongs to trunk "${call.trunk}", it sends from behind NAT: set media: { learn: true } in this trunk's entry under ` +
      'trunks, or ask the provider to send from the address in its SDP. If you do not know it, somebody tries to speak into the call.',
  };
}

function trunkSendsNothing(call: CallView): Diagnosis | null {
  const { answeredAt } = call;
  if (answeredAt === null || call.hasHeard('trunk') || !call.shouldSend('trunk') || !call.waited(sendingSince(call, 'trunk', answeredAt)))
    return null;
  // Many trunks wait for our first packet, and without a browser there is none.
  if (call.first('trunk', 'rtp-refused') || !(call.first('browser', 'dtls-connected') || call.hasHeard('browser'))) return null;
  const ours = call.ourAddresses('trunk');
  const port = call.description('trunk', 'sent')?.port;
  return {
    severity: 'problem',
    path: 'trunk->gateway',
    since: answeredAt,
    text: 'The trunk sends no audio, or it does not arrive: not one RTP packet came. The browser hears nothing.',
    evidence: [
      `The call was answered at ${clockTime(answeredAt)}; no packet in the ${duration(call.answeredForMs)} since.`,
      ...(ours.length > 0 ? [`The trunk was told to send to UDP ${listing(ours)}.`] : []),
    ],
    advice:
      `Let UDP from the trunk through your firewall to all of media.trunk.ports${port ? ` (this call: ${port})` : ''}. Behind NAT set ` +
      'media.trunk.advertise to your public address. If both are right, ask the provider whether its side sends.',
  };
}

function browserSendsNothing(call: CallView): Diagnosis | null {
  const connected = call.first('browser', 'dtls-connected');
  const { answeredAt } = call;
  if (!connected || answeredAt === null || call.hasHeard('browser') || !call.shouldSend('browser')) return null;
  const since = sendingSince(call, 'browser', Math.max(connected.at, answeredAt));
  if (!call.waited(since) || call.first('browser', 'srtp-authentication-failing', 'rtp-refused')) return null;
  return {
    severity: 'problem',
    path: 'browser->gateway',
    since,
    text: 'The browser is connected but sends no audio. The telephone hears nothing.',
    evidence: [`Encryption was up at ${clockTime(connected.at)}; no audio packet in the ${duration(call.until - since)} since.`],
    advice:
      'The page has no microphone track in this call: the user refused the microphone, no device was found, or the page removed or ' +
      'disabled its track. Look at the permission and the console of the browser.',
  };
}

/** When that side was last asked to send, or at least `from`. */
function sendingSince(call: CallView, side: CallSide, from: number): number {
  return Math.max(from, call.agreed(side)?.at ?? from);
}

function stopped(call: CallView, side: CallSide): Diagnosis | null {
  const since = call.lasting(side, 'rtp-stopped', 'rtp-resumed');
  if (!since || call.answeredAt === null || !call.shouldSend(side) || !call.waited(since.at, stoppedForMs)) return null;
  if (side === 'browser' && isAway(call)) return null;
  return {
    severity: 'problem',
    path: pathFrom[side],
    since: since.at,
    text: `The audio of the ${side} stopped in the middle of the call and did not come back.`,
    evidence: [`Nothing came since ${clockTime(since.at)}, for ${duration(call.until - since.at)}.`, counts(call)],
    advice:
      side === 'trunk'
        ? 'Ask the provider about this moment. If the far end is just silent, its gateway leaves out silence: have it turn off silence ' +
          'suppression (VAD). A firewall that forgets UDP after some seconds looks like that too: keep media.trunk.ports open for good.'
        : 'The page or its network stopped: a lost Wi-Fi, a tab that the system put to sleep, a microphone that was unplugged.',
  };
}

/** A browser whose network is gone sends nothing; that is said elsewhere. */
function isAway(call: CallView): boolean {
  return call.lasting('browser', 'path-lost', 'path-restored') !== null;
}

function oneWay(call: CallView): Diagnosis | null {
  if (!ripe(call)) return null;
  const toTrunk = broken(call, 'browser', 'trunk');
  const toBrowser = broken(call, 'trunk', 'browser');
  if ((toTrunk === null) === (toBrowser === null)) return null;
  const deaf = toTrunk ? 'The telephone hears nothing' : 'The browser hears nothing';
  const path = toTrunk ?? toBrowser;
  return {
    severity: 'problem',
    path,
    text: `One-way audio. ${deaf}; the other direction works.`,
    evidence: [`The packets end on the way ${path}.`, counts(call)],
    advice: advice[path ?? 'trunk->gateway'],
  };
}

function noWay(call: CallView): Diagnosis | null {
  if (!ripe(call) || !broken(call, 'browser', 'trunk') || !broken(call, 'trunk', 'browser')) return null;
  return {
    severity: 'problem',
    text: 'Neither side hears the other.',
    evidence: [counts(call)],
    advice: 'The other findings of this call say what is missing; begin with the first.',
  };
}

const advice: Readonly<Record<MediaPath, string>> = {
  'browser->gateway': 'Nothing usable comes from the browser: look at its microphone, its network and UDP to media.browser.port.',
  'gateway->trunk':
    'We send nothing that arrives at the trunk: let UDP from media.trunk.ports out to any address, and look whether the address in ' +
    "the trunk's SDP can be reached from here.",
  'trunk->gateway': 'Nothing usable comes from the trunk: let UDP in to media.trunk.ports, and behind NAT set media.trunk.advertise.',
  'gateway->browser': 'We send nothing that arrives at the browser: let UDP from media.browser.port out to any address and port.',
};

/** Both are to talk and to hear, and had the time for it. */
function ripe(call: CallView): boolean {
  const connected = call.first('browser', 'dtls-connected');
  const both = callSides.every((side) => call.shouldSend(side) && call.shouldHear(side));
  if (call.answeredAt === null || !connected || !both || isAway(call)) return false;
  const since = Math.max(connected.at, sendingSince(call, 'browser', call.answeredAt), sendingSince(call, 'trunk', call.answeredAt));
  return call.measuredAt - since >= patienceMs;
}

/** Where the audio from `speaker` to `listener` ends; null if it gets there. */
function broken(call: CallView, speaker: CallSide, listener: CallSide): MediaPath | null {
  const pause = call.lasting(speaker, 'rtp-stopped', 'rtp-resumed');
  if (!call.hasHeard(speaker) || (pause && call.waited(pause.at, stoppedForMs))) return pathFrom[speaker];
  const began = call.first(speaker, 'rtp-began')?.at ?? 0;
  const onward = call.quality(listener)?.sent;
  if (!onward || call.measuredAt - began < patienceMs) return null;
  return onward.packets === 0 || allLost(onward) ? pathTo[listener] : null;
}

/** By the peer's own reports (RFC 3550 section 6.4). */
function allLost({ packets, lost }: LegQuality['sent']): boolean {
  return packets >= 250 && lost / packets > 0.9;
}

function counts(call: CallView): string {
  const parts = callSides.map((side) => `${call.receivedPackets(side)} packets from the ${side}, ${call.sentPackets(side)} to it`);
  return `${parts.join('; ')}.`;
}
