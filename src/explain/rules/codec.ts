/** Whether what is sent is what was agreed: codec, payload type, packet time. */

import { formatAddress } from '../../base/address.ts';
import { type CallSide, callSides } from '../../events/gateway-events.ts';
import { commonCodecs, isTelephoneEvent } from '../../sdp/codecs.ts';
import type { Codec } from '../../sdp/description.ts';
import { type CallView, patienceMs } from '../call-view.ts';
import { type Diagnosis, pathFrom, type Rule } from '../finding.ts';
import { clockTime, listing } from '../wording.ts';

export const codecRules: readonly Rule[] = [
  { id: 'no-common-codec', find: noCommonCodec },
  { id: 'codec-not-offered', find: codecNotOffered },
  { id: 'codecs-differ', find: codecsDiffer },
  { id: 'payload-type-mismatch', find: (call) => payloadTypeMismatch(call, 'trunk') },
  { id: 'payload-type-mismatch', find: (call) => payloadTypeMismatch(call, 'browser') },
  { id: 'packet-time-mismatch', find: (call) => packetTimeMismatch(call, 'trunk') },
  { id: 'packet-time-mismatch', find: (call) => packetTimeMismatch(call, 'browser') },
];

function noCommonCodec(call: CallView): Diagnosis | null {
  const { end } = call;
  if (end?.cause !== 'unsupported-media') return null;
  const lists = callSides.flatMap((side) => {
    const sent = call.description(side, 'sent');
    const received = call.description(side, 'received');
    return [
      ...(received ? [`The ${side} offers or accepts ${names(received.codecs)}.`] : []),
      ...(sent ? [`We told the ${side} ${names(sent.codecs)}.`] : []),
    ];
  });
  const who = end.side === 'gateway' ? 'This gateway' : `The ${end.side}`;
  return {
    severity: 'problem',
    since: call.until,
    text: 'The two sides have no codec in common, or one did not accept the description, so the call could not be made.',
    evidence: [`${who} refused${end.sipStatus ? ` with ${end.sipStatus}` : ''}${end.detail ? `: ${end.detail}` : ''}.`, ...lists],
    advice:
      `Look at codecs of trunk "${call.trunk}" under trunks: name there what the provider takes (PCMU, PCMA, G722, opus). ` +
      'Audio is passed on as it is and never transcoded, so browser and trunk must share one; every browser has PCMU and PCMA.',
  };
}

/** RFC 3264 section 6.1: an answer takes from what was offered. */
function codecNotOffered(call: CallView): Diagnosis | null {
  // What was agreed on had been offered, and need not be read for that.
  if (!call.hasUnsettled('trunk')) return null;
  const offered = call.described('trunk', 'sent');
  const answered = call.described('trunk', 'received');
  if (!offered || !answered || answered.status === null || answered.at < offered.at) return null;
  const audio = answered.sdp.codecs.filter((codec) => !isTelephoneEvent(codec) && codec.encoding !== 'CN');
  if (audio.length === 0 || commonCodecs(audio, offered.sdp.codecs).length > 0) return null;
  return {
    severity: 'problem',
    since: answered.at,
    text: 'The trunk answered with a codec that we had not offered.',
    evidence: [`We offered ${names(offered.sdp.codecs)}.`, `Its answer at ${clockTime(answered.at)} names ${names(answered.sdp.codecs)}.`],
    advice: `Ask the provider to answer with a codec from our offer, or add its codec to codecs of trunk "${call.trunk}" under trunks.`,
  };
}

function codecsDiffer(call: CallView): Diagnosis | null {
  const browser = call.agreed('browser');
  const trunk = call.agreed('trunk');
  if (!browser?.codec || !trunk?.codec || call.answeredAt === null) return null;
  const since = Math.max(browser.at, trunk.at, call.answeredAt);
  if (browser.codec.toLowerCase() === trunk.codec.toLowerCase() || !call.waited(since)) return null;
  return {
    severity: 'problem',
    since,
    text: 'The browser and the trunk use different codecs, so neither can hear the other.',
    evidence: [
      `Browser: ${browser.codec}. Trunk: ${trunk.codec}.`,
      `So since ${clockTime(since)}.`,
      ...callSides.flatMap((side) => notPassedOn(call, side)),
    ],
    advice:
      `Let codecs of trunk "${call.trunk}" under trunks name one codec that both have. The browser was asked to change and did not; ` +
      'its re-INVITE in the trace says why.',
  };
}

function notPassedOn(call: CallView, side: CallSide): string[] {
  const refused = call.milestones(side, 'rtp-refused').filter(({ detail }) => detail.startsWith('codec '));
  return refused.map(
    ({ at, detail }) => `Packets of the ${side} were dropped at ${clockTime(at)}, because the other side does not take their ${detail}.`,
  );
}

/** Comfort noise is dropped on purpose: it never goes to browsers, and it is no audio. */
const comfortNoise = [13, 19];

function payloadTypeMismatch(call: CallView, side: CallSide): Diagnosis | null {
  const refused = call.milestones(side, 'rtp-refused').flatMap((milestone) => {
    const number = payloadTypeIn(milestone.detail);
    return number === null || comfortNoise.includes(number) ? [] : [{ milestone, number }];
  });
  const [first] = refused;
  if (!first) return null;
  const theirs = call.description(side, 'received')?.codecs ?? [];
  const ours = call.description(side, 'sent')?.codecs ?? [];
  const dropped = call.quality(side)?.dropped['payload-type'] ?? 0;
  const { remote } = first.milestone;
  return {
    severity: call.hasHeard(side) ? 'warning' : 'problem',
    path: pathFrom[side],
    since: first.milestone.at,
    text: `The ${side} sends packets of a kind that was not agreed (payload type ${listing(refused.map(({ number }) => meaning(number, theirs)))}). They are dropped.`,
    evidence: [
      `First at ${clockTime(first.milestone.at)}${remote ? ` from ${formatAddress(remote)}` : ''}.`,
      ...(ours.length > 0 ? [`We told it ${numbers(ours)}.`] : []),
      ...(theirs.length > 0 ? [`It told us ${numbers(theirs)}.`] : []),
      ...(dropped > 0 ? [`${dropped} packets were dropped for it.`] : []),
    ],
    advice:
      side === 'trunk'
        ? 'Ask the provider to send the payload types of our description, or, if it is a codec that you want, ' +
          `add it to codecs of trunk "${call.trunk}" under trunks.`
        : 'The page or its SIP library changed the codecs of the browser without telling us. Take out code that rewrites its SDP.',
  };
}

const payloadTypeWord = 'payload-type ';

/** As milestones put it: `payload-type 18`. */
function payloadTypeIn(detail: string): number | null {
  return detail.startsWith(payloadTypeWord) ? Number.parseInt(detail.slice(payloadTypeWord.length), 10) : null;
}

function meaning(number: number, codecs: readonly Codec[]): string {
  const codec = codecs.find(({ payloadType }) => payloadType === number);
  const name = codec?.encoding ?? usual.get(number);
  return name ? `${number}, ${name}` : `${number}`;
}

// RFC 3551 section 6.
const usual: ReadonlyMap<number, string> = new Map([
  [0, 'PCMU'],
  [3, 'GSM'],
  [4, 'G723'],
  [8, 'PCMA'],
  [9, 'G722'],
  [18, 'G729'],
]);

function packetTimeMismatch(call: CallView, side: CallSide): Diagnosis | null {
  const milestone = call.last(side, 'packet-time');
  // It may begin so and come to terms.
  if (!milestone || !call.waited(milestone.at, patienceMs / 5)) return null;
  const told = call.description(side, 'sent')?.ptimeMs;
  return {
    severity: 'warning',
    path: pathFrom[side],
    since: milestone.at,
    text: `The ${side} sends packets of another length than agreed (${milestone.detail}). Some equipment plays them with gaps, or not at all.`,
    evidence: [`Measured at ${clockTime(milestone.at)}: ${milestone.detail}.`, ...(told ? [`We told the ${side} a=ptime:${told}.`] : [])],
    advice:
      side === 'trunk'
        ? 'If the audio is broken, ask the provider to send packets of the length in our description (20 ms unless the browser asks otherwise).'
        : 'If the audio is broken, let the page not set ptime in its SDP; browsers send 20 ms by themselves.',
  };
}

function names(codecs: readonly Codec[]): string {
  return listing(codecs.map(({ encoding }) => encoding));
}

function numbers(codecs: readonly Codec[]): string {
  return listing(codecs.map(({ payloadType, encoding }) => `${payloadType} (${encoding})`));
}
