/** Whether the browser's DTLS handshake begins and ends (RFC 5763, 5764). */

import { formatAddress } from '../../base/address.ts';
import type { MediaMilestone } from '../../events/media-milestone.ts';
import { type CallView, patienceMs } from '../call-view.ts';
import type { Diagnosis, Rule } from '../finding.ts';
import { clockTime, duration } from '../wording.ts';

/** Three retransmissions fit into it. */
const handshakeMs = 8000;

export const dtlsRules: readonly Rule[] = [
  { id: 'dtls-no-client-hello', find: noClientHello },
  { id: 'dtls-fingerprint-mismatch', find: (call) => failed(call, 'fingerprint') },
  { id: 'dtls-no-common-profile', find: (call) => failed(call, 'profile') },
  { id: 'dtls-timeout', find: (call) => failed(call, 'timeout') ?? unfinished(call) },
  { id: 'dtls-handshake-failed', find: (call) => failed(call, 'handshake') },
];

function noClientHello(call: CallView): Diagnosis | null {
  const { answeredAt } = call;
  const validated = call.first('browser', 'ice-nominated', 'ice-validated');
  const began = call.first('browser', 'dtls-hello', 'dtls-connected', 'dtls-failed');
  if (answeredAt === null || !validated || began || call.hasHeard('browser')) return null;
  const since = Math.max(answeredAt, validated.at);
  if (!call.waited(since)) return null;
  return {
    severity: 'problem',
    since,
    text: 'The browser reaches us, but it never began to set up encryption: no DTLS ClientHello came. Nobody can hear anything.',
    evidence: [
      `ICE was up at ${clockTime(validated.at)}${validated.remote ? `, with ${formatAddress(validated.remote)}` : ''}.`,
      `No DTLS datagram in the ${duration(call.until - since)} since.`,
    ],
    advice:
      'Small checks pass and larger datagrams do not, or the page never took our description. Look for an error of ' +
      'setRemoteDescription in the console of the browser, and let whole UDP datagrams of up to 1500 bytes through the firewall; ' +
      'one that inspects content may drop DTLS.',
  };
}

type Failure = 'fingerprint' | 'profile' | 'timeout' | 'handshake';

const failures: Readonly<Record<Failure, Pick<Diagnosis, 'text' | 'advice'>>> = {
  fingerprint: {
    text: 'The browser showed another certificate than its SDP announced, so the call was refused: somebody may be in between.',
    advice:
      'Something changed a=fingerprint between the browser and us, or the page sent the description of another connection. Look for ' +
      'a proxy that rewrites SDP on the way of the WebSocket. If there is none, take it for an attack.',
  },
  profile: {
    text: 'The browser offers no way to encrypt audio that this gateway accepts.',
    advice:
      'Browsers of today all can. Update the client; it must offer one of SRTP_AES128_CM_HMAC_SHA1_80, SRTP_AEAD_AES_128_GCM ' +
      'and SRTP_AEAD_AES_256_GCM. The weak SRTP_AES128_CM_HMAC_SHA1_32 is refused.',
  },
  timeout: {
    text: 'The encryption with the browser was begun and never finished: its datagrams stopped coming.',
    advice:
      'Datagrams get lost, mostly the large ones. Let fragments and UDP datagrams of up to 1500 bytes through firewall and VPN, ' +
      'and look at the loss of this network. If the page was closed meanwhile, there is nothing to do.',
  },
  handshake: {
    text: 'The encryption with the browser could not be set up.',
    advice:
      'The two sides disagree about DTLS: the client is too old (DTLS 1.2 is needed), or a device in between changes the datagrams. ' +
      'The log of this call says what exactly failed.',
  },
};

/** A reason that names none of the others is a handshake that failed. */
function kindOf(detail: string): Failure {
  return (['fingerprint', 'profile', 'timeout'] as const).find((kind) => detail.includes(kind)) ?? 'handshake';
}

function failed(call: CallView, kind: Failure): Diagnosis | null {
  const milestone = call.last('browser', 'dtls-failed');
  if (!milestone || kindOf(milestone.detail) !== kind) return null;
  return {
    ...failures[kind],
    severity: 'problem',
    since: milestone.at,
    evidence: [...beginning(call), `It failed at ${clockTime(milestone.at)}: ${milestone.detail}.`],
  };
}

function unfinished(call: CallView): Diagnosis | null {
  const hello = call.last('browser', 'dtls-hello');
  if (!hello || call.answeredForMs < patienceMs || call.last('browser', 'dtls-connected', 'dtls-failed')) return null;
  if (!call.waited(hello.at, handshakeMs) || call.hasHeard('browser')) return null;
  return {
    ...failures.timeout,
    severity: 'problem',
    since: hello.at,
    evidence: [...beginning(call), `It was not finished ${duration(call.until - hello.at)} later.`],
  };
}

function beginning(call: CallView): string[] {
  const hello: MediaMilestone | null = call.last('browser', 'dtls-hello');
  if (!hello) return [];
  return [`The handshake began at ${clockTime(hello.at)}${hello.remote ? ` with ${formatAddress(hello.remote)}` : ''}.`];
}
