/** Addresses that the other side cannot use, and messages that came out other than they went in. */

import { formatAddress, isIpAddress, isPrivateAddress, isWildcard } from '../../base/address.ts';
import type { CallSide } from '../../events/gateway-events.ts';
import type { CallView } from '../call-view.ts';
import type { Diagnosis, Rule } from '../finding.ts';
import type { MessageView } from '../message-view.ts';
import { clockTime, listing } from '../wording.ts';

export const addressRules: readonly Rule[] = [
  { id: 'private-address-to-trunk', find: privateToTrunk },
  { id: 'private-address-to-browser', find: privateToBrowser },
  { id: 'private-address-of-trunk', find: privateOfTrunk },
  { id: 'sip-rewritten', find: rewritten },
];

function isPrivate(host: string | null | undefined): host is string {
  return typeof host === 'string' && isIpAddress(host) && isPrivateAddress(host);
}

function isPublic(host: string | null | undefined): host is string {
  return typeof host === 'string' && isIpAddress(host) && !isPrivateAddress(host) && !isWildcard(host);
}

function privateToTrunk(call: CallView): Diagnosis | null {
  const heard = call.hasHeard('trunk');
  const silent = !heard && call.answeredAt !== null && call.waited(call.answeredAt);
  // A trunk in the same network may call itself by a public name: what works needs no advice.
  if (!silent && !isPublic(call.signallingHost('trunk'))) return null;
  const ours = call.described('trunk', 'sent');
  if (!ours || !isPrivate(ours.sdp.host)) return null;
  const { host, how } = publicSideOf(call, 'trunk');
  if (host === null) return null;
  const contact = ours.contact?.host;
  return {
    severity: heard ? 'warning' : 'problem',
    path: 'trunk->gateway',
    since: ours.at,
    text:
      `We told the trunk to send audio to ${ours.sdp.host}, an address of a private network, but the trunk is on the public Internet. ` +
      (heard ? 'It found us all the same; other trunks will not.' : 'It cannot send there.'),
    evidence: [
      `c= of our description at ${clockTime(ours.at)}: ${ours.sdp.host}.`,
      how === 'source' ? `Its SIP messages come from ${host}.` : `It names itself ${host}.`,
      ...(isPrivate(contact) ? [`Our Contact names ${contact}, which it cannot reach either.`] : []),
    ],
    advice:
      'Set media.trunk.advertise to your public address' +
      (isPrivate(contact) ? ', and sip.advertise too' : '') +
      '. Have UDP media.trunk.ports passed on to this machine by the router or cloud.',
  };
}

function privateToBrowser(call: CallView): Diagnosis | null {
  if (call.answeredAt === null || !call.waited(call.answeredAt)) return null;
  // It may be in our network all the same.
  if (call.first('browser', 'ice-check', 'ice-validated') || call.hasHeard('browser')) return null;
  const ours = call.described('browser', 'sent');
  const candidates = ours?.sdp.candidates.map(({ host }) => host) ?? [];
  if (!ours || candidates.length === 0 || !candidates.every(isPrivate)) return null;
  const { host, how } = publicSideOf(call, 'browser');
  if (host === null) return null;
  return {
    severity: 'problem',
    since: ours.at,
    text: `We told the browser to send to ${listing(candidates)}, in a private network, but the browser is on the public Internet. It cannot reach us.`,
    evidence: [
      `All our ICE candidates are private: ${listing(ours.sdp.candidates.map(formatAddress))}.`,
      how === 'source' ? `The browser's WebSocket comes from ${host}.` : `The browser's own candidates name ${host}.`,
    ],
    advice:
      'Set media.browser.advertise to your public address, and pass UDP media.browser.port on to this machine in the router or cloud.',
  };
}

function privateOfTrunk(call: CallView): Diagnosis | null {
  if (call.answeredAt === null || !call.waited(call.answeredAt) || call.hasHeard('trunk')) return null;
  const theirs = call.described('trunk', 'received');
  if (!theirs || !isPrivate(theirs.sdp.host) || theirs.sdp.port === 0) return null;
  const outside = [theirs.remote.host, theirs.contact?.host].find(isPublic);
  if (outside === undefined) return null;
  return {
    severity: 'problem',
    path: 'gateway->trunk',
    since: theirs.at,
    text: `The trunk told us to send audio to ${theirs.sdp.host}, an address of a private network that cannot be reached from here.`,
    evidence: [
      `c= of its description at ${clockTime(theirs.at)}: ${theirs.sdp.host}.`,
      `Its SIP messages come from ${theirs.remote.host}.`,
    ],
    advice:
      'Ask the provider to put its public address into SDP. If it is a PBX of your own behind NAT, set its external address there ' +
      '(Asterisk: external_media_address, FreeSWITCH: ext-rtp-ip), or let it send first: then its address is learned.',
  };
}

interface PublicSide {
  readonly host: string | null;
  /** `source`: its packets come from there. `said`: it says so itself. */
  readonly how: 'source' | 'said';
}

function publicSideOf(call: CallView, side: CallSide): PublicSide {
  const source = call.signallingHost(side);
  if (isPublic(source)) return { host: source, how: 'source' };
  const theirs = call.messages.filter((view) => view.side === side && view.direction === 'received');
  const said = theirs.flatMap((view) => [view.contact?.host, view.sdp?.host, ...(view.sdp?.candidates.map(({ host }) => host) ?? [])]);
  return { host: said.find(isPublic) ?? null, how: 'said' };
}

/**
 * What comes back must be what we sent: our Via in responses (RFC 3261 section 8.2.6.2), our Contact as the Request-URI of requests
 * within the dialog (section 12.2.1.1). And within one description of a trunk that stays silent, addresses that contradict each other.
 */
function rewritten(call: CallView): Diagnosis | null {
  const trunk = call.messages.filter(({ side }) => side === 'trunk');
  const sent = trunk.filter(({ direction }) => direction === 'sent');
  const received = trunk.filter(({ direction }) => direction === 'received');
  const ours = new Set(sent.filter(({ status }) => status === null).map(sentBy));
  const changed = (view: MessageView): string[] => {
    if (view.status === null) return changedContact(view, sent);
    // A response that says, to the letter, what we call ourselves need not be read.
    return ours.has(sentBy(view)) ? [] : changedVia(view, sent);
  };
  const echoes = [...new Set(received.flatMap(changed))];
  const contradictions = call.hasHeard('trunk') || call.answeredForMs < 5000 ? [] : contradictory(call);
  if (echoes.length + contradictions.length === 0) return null;
  return {
    severity: 'warning',
    path: null,
    since: null,
    text: 'Something between this gateway and the trunk changes SIP messages on their way.',
    evidence: [...echoes, ...contradictions].slice(0, 5),
    advice:
      'Mostly it is the "SIP ALG" (or "SIP helper") of a router or firewall: switch it off, on both ends. ' +
      'It then needs sip.advertise and media.trunk.advertise to name your public address. TCP often escapes it: ;transport=tcp in the target of the trunk.',
  };
}

/** Transport, host and port of the topmost Via, as they stand. */
function sentBy(view: MessageView): string {
  const [text = ''] = (view.field('Via') ?? '').split(';', 1);
  return text;
}

function changedVia({ topVia: via, at }: MessageView, sent: readonly MessageView[]): string[] {
  if (!via) return [];
  const branch = via.params.get('branch');
  const own = sent.find(({ status, topVia }) => status === null && topVia?.params.get('branch') === branch)?.topVia;
  if (!own || (own.host === via.host && (own.port ?? 5060) === (via.port ?? 5060))) return [];
  return [`We sent Via ${own.host}:${own.port ?? 5060}; the response at ${clockTime(at)} has ${via.host}:${via.port ?? 5060}.`];
}

function changedContact({ callId, message, at }: MessageView, sent: readonly MessageView[]): string[] {
  if (message?.kind !== 'request' || typeof message.uri === 'string') return [];
  const { uri, headers } = message;
  const own = sent.filter((view) => view.callId === callId).flatMap((view) => view.contact ?? []);
  const told = own.find(({ user }) => user === uri.user);
  const isEcho = headers.toTag !== undefined && told !== undefined;
  if (!isEcho || own.some(({ host, port }) => host === uri.host && (port ?? 5060) === (uri.port ?? 5060))) return [];
  return [
    `We sent Contact ${told.host}:${told.port ?? 5060}; the ${message.method} at ${clockTime(at)} goes to ${uri.host}:${uri.port ?? 5060}.`,
  ];
}

function contradictory(call: CallView): string[] {
  const theirs = call.described('trunk', 'received');
  if (!theirs || theirs.sdp.host === null) return [];
  const { host, originHost, rtcpHost } = theirs.sdp;
  const contact = theirs.contact?.host;
  const changed = isPrivate(originHost) && originHost === contact && host !== originHost && host === theirs.remote.host;
  return [
    ...(rtcpHost !== null && isIpAddress(rtcpHost) && rtcpHost !== host
      ? [`In its SDP c= says ${host}, but a=rtcp says ${rtcpHost}.`]
      : []),
    ...(changed ? [`Its SDP and Contact were written by ${originHost}, but c= names ${host}, where the packet came from.`] : []),
  ];
}
