/** Loss, jitter and delay on each of the four ways. */

import type { CallSide, StreamQuality } from '../../events/gateway-events.ts';
import type { CallView } from '../call-view.ts';
import type { Diagnosis, MediaPath, Rule } from '../finding.ts';
import { percent } from '../wording.ts';

interface Way {
  readonly path: MediaPath;
  readonly side: CallSide;
  readonly stream: 'received' | 'sent';
}

const ways: readonly Way[] = [
  { path: 'browser->gateway', side: 'browser', stream: 'received' },
  { path: 'gateway->trunk', side: 'trunk', stream: 'sent' },
  { path: 'trunk->gateway', side: 'trunk', stream: 'received' },
  { path: 'gateway->browser', side: 'browser', stream: 'sent' },
];

export const qualityRules: readonly Rule[] = [
  ...ways.map((way): Rule => ({ id: 'high-loss', find: (call) => loss(call, way) })),
  ...ways.map((way): Rule => ({ id: 'high-jitter', find: (call) => jitter(call, way) })),
  { id: 'long-delay', find: (call) => delay(call, 'browser') },
  { id: 'long-delay', find: (call) => delay(call, 'trunk') },
];

/** Two seconds of audio: less says nothing. */
const leastPackets = 100;
/** From here on gaps are heard, and from there on words are missed. */
const audibleLoss = 0.03;
const heavyLoss = 0.1;
/** More than jitter buffers take without adding delay. */
const highJitterMs = 50;
/** ITU-T G.114: above 400 ms of one-way delay people speak into each other's words; this leg alone takes half of it. */
const longRoundTripMs = 400;

function loss(call: CallView, { path, side, stream }: Way): Diagnosis | null {
  const measured = call.quality(side)?.[stream];
  if (!measured || measured.packets < leastPackets) return null;
  // What was received and what was lost make up what was sent; a peer's report speaks of what we sent.
  const all = stream === 'received' ? measured.packets + measured.lost : measured.packets;
  const share = Math.min(measured.lost / all, 1);
  if (share < audibleLoss) return null;
  return {
    severity: share < heavyLoss ? 'warning' : 'problem',
    path,
    text: `${percent(share)} of the packets from ${spoken(path)} are lost: the audio has gaps.`,
    evidence: [`${measured.lost} of ${all} packets were lost${reportedBy(side, stream)}.`],
    advice: network(side),
  };
}

function jitter(call: CallView, { path, side, stream }: Way): Diagnosis | null {
  const measured: StreamQuality | undefined = call.quality(side)?.[stream];
  if (!measured || measured.packets < leastPackets || measured.jitterMs < highJitterMs) return null;
  // Who comes late to the packets takes them for uneven.
  if (stream === 'received' && call.first('browser', 'relay-late')) return null;
  return {
    severity: 'warning',
    path,
    text: `The packets from ${spoken(path)} arrive unevenly: the audio may be choppy or late.`,
    evidence: [`The jitter is ${Math.round(measured.jitterMs)} ms${reportedBy(side, stream)}.`],
    advice: network(side),
  };
}

function delay(call: CallView, side: CallSide): Diagnosis | null {
  const roundTripMs = call.quality(side)?.roundTripMs ?? 0;
  if (roundTripMs < longRoundTripMs) return null;
  return {
    severity: 'warning',
    text: `It takes long to the ${side} and back: the two people will speak into each other's words.`,
    evidence: [`The round trip is ${Math.round(roundTripMs)} ms, by RTCP.`],
    advice: `Look at the network towards the ${side}: a VPN, a satellite or mobile link, a filled-up line, or a gateway far away from it.`,
  };
}

function spoken(path: MediaPath): string {
  return path.replace('->', ' to ').replaceAll('gateway', 'this gateway');
}

function reportedBy(side: CallSide, stream: Way['stream']): string {
  return stream === 'sent' ? `, as the ${side} reports` : '';
}

function network(side: CallSide): string {
  return side === 'browser'
    ? 'Look at the network of this user: a weak Wi-Fi, a filled-up line, a VPN. If many users have it at once, look at the line of this machine.'
    : 'Look at the line between this machine and the trunk: is it filled up, does its router give voice no priority? Then ask the provider.';
}
