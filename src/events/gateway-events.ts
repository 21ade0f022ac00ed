/** Everything the gateway tells the outside: one typed map of plain payloads. A listener never steers a call. */

import type { SocketAddress } from '../base/address.ts';
import type { CallEnd } from './call-end.ts';
import type { MediaMilestone } from './media-milestone.ts';

export type CallDirection = 'outbound' | 'inbound';
export const callSides = ['browser', 'trunk'] as const;
export type CallSide = (typeof callSides)[number];

/** What stays the same for the life of a call. */
export interface CallParties {
  readonly callId: string;
  /** Seen from the browser: `outbound` goes to the trunk. */
  readonly direction: CallDirection;
  /** The browser's user; of an inbound call the one who answered, null before. */
  readonly user: string | null;
  /** The number on the telephone side. */
  readonly number: string;
  readonly trunk: string;
}

/** Counters since the leg was made (bytes are those of RTP payloads), and the quality of what it receives and of what its peer reports. */
export interface LegQuality {
  readonly side: CallSide;
  readonly received: StreamQuality;
  readonly sent: StreamQuality;
  /** From RTCP; null before the first report. */
  readonly roundTripMs: number | null;
  /** 1 .. 4.5, estimated by the E-model (G.107); null before media. */
  readonly mos: number | null;
  /** Packets of this leg's peer that were not relayed, by reason. */
  readonly dropped: Readonly<Record<DropReason, number>>;
  /** Connectivity checks of the browser, and those among them that were refused. */
  readonly iceChecks: number;
  readonly iceChecksRefused: number;
}

/** docs/media-path.md says what each means. */
export const dropReasons = ['malformed', 'source', 'authentication', 'replay', 'payload-type', 'no-route', 'not-ready'] as const;
export type DropReason = (typeof dropReasons)[number];

export interface StreamQuality {
  readonly packets: number;
  readonly bytes: number;
  readonly lost: number;
  readonly jitterMs: number;
}

/** What a leg and its peer have agreed on. */
export interface LegAudio {
  readonly side: CallSide;
  /** The codec that they prefer, by its name in SDP: `PCMU`, `opus`. */
  readonly codec: string;
  /** Of the codec's RTP timestamps, in Hz. */
  readonly clockRate: number;
  /** Seen from the gateway: `sendonly` means that the peer only listens. */
  readonly direction: 'sendrecv' | 'sendonly' | 'recvonly' | 'inactive';
  /** Packet time that the peer asked for, in milliseconds; null when it did not say. */
  readonly ptimeMs: number | null;
}

/** One finished call. Times are milliseconds since the Unix epoch, null when the call never got there. */
export interface CallRecord extends CallParties {
  readonly invitedAt: number;
  readonly ringingAt: number | null;
  readonly earlyMediaAt: number | null;
  readonly answeredAt: number | null;
  readonly endedAt: number;
  readonly end: CallEnd;
  readonly codec: string | null;
  readonly quality: readonly LegQuality[];
}

export interface GatewayEvents {
  'call.started': [CallParties];
  /** An INVITE that became no call. */
  'call.refused': [{ readonly direction: CallDirection; readonly status: number; readonly detail: string }];
  'call.ringing': [CallParties];
  'call.answered': [CallParties];
  /** A leg has its own SIP dialog; this is its Call-ID. */
  'call.leg': [CallParties & { readonly side: CallSide; readonly sipCallId: string }];
  'call.media': [CallParties & { readonly profile: string; readonly remote: SocketAddress }];
  'call.milestone': [CallParties & { readonly milestone: MediaMilestone }];
  /** A leg's agreed audio, at first and whenever it changes. */
  'call.media-changed': [CallParties & { readonly audio: LegAudio }];
  'call.held': [CallParties & { readonly by: CallSide }];
  'call.resumed': [CallParties & { readonly by: CallSide }];
  'call.quality': [CallParties & { readonly quality: readonly LegQuality[] }];
  'call.ended': [CallRecord];
  /** `status`: the SIP status of the user's browsers, or 408 when none of them answered. */
  'call.order-failed': [
    { readonly callId: string; readonly user: string; readonly number: string; readonly status: number; readonly detail: string },
  ];
  dtmf: [CallParties & { readonly from: CallSide; readonly digit: string; readonly durationMs: number }];
  'registration.added': [
    { readonly user: string; readonly contact: string; readonly instanceId: string | null; readonly remote: SocketAddress },
  ];
  'registration.removed': [
    {
      readonly user: string;
      readonly contact: string;
      readonly cause: 'unregistered' | 'expired' | 'replaced' | 'flow-closed' | 'removed';
    },
  ];
  'trunk.state': [{ readonly trunk: string; readonly state: 'up' | 'down' | 'registered' | 'unregistered'; readonly detail: string }];
  'trunk.enabled': [{ readonly trunk: string }];
  'trunk.disabled': [{ readonly trunk: string }];
  'security.auth-failed': [{ readonly user: string; readonly remote: SocketAddress; readonly reason: string }];
  /** Strangers, foreign pages, floods. At most one of a kind in ten seconds for each transport; `count` is how many there were since. */
  'security.refused': [
    {
      readonly kind: 'source' | 'origin' | 'handshake' | 'rate' | 'limit';
      readonly host: string;
      readonly reason: string;
      readonly count: number;
    },
  ];
  'security.token-refused': [{ readonly host: string }];
  /** `deadLetters`: how many so far of this webhook. `url`: scheme, host and port alone. */
  'webhook.dead-letter': [
    { readonly webhook: string; readonly url: string; readonly event: string; readonly deadLetters: number; readonly detail: string },
  ];
  'node.ready': [{ readonly version: string }];
  'node.draining': [];
  'node.overloaded': [{ readonly thread: number; readonly lateMs: number }];
}
