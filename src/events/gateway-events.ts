/** Everything the gateway tells the outside: one typed map of plain payloads. A listener never steers a call. */

import type { SocketAddress } from '../base/address.ts';
import type { CallEnd } from './call-end.ts';

export type CallDirection = 'outbound' | 'inbound';
export type CallSide = 'browser' | 'trunk';

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

/** Quality of what one leg receives and of what its peer reports about what we send. */
export interface LegQuality {
  readonly side: CallSide;
  readonly received: StreamQuality;
  readonly sent: StreamQuality;
  readonly roundTripMs: number | null;
  /** 1 .. 4.5, estimated by the E-model (G.107); null before media. */
  readonly mos: number | null;
}

export interface StreamQuality {
  readonly packets: number;
  readonly bytes: number;
  readonly lost: number;
  readonly jitterMs: number;
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
  'call.ringing': [CallParties];
  'call.answered': [CallParties];
  'call.media': [CallParties & { readonly profile: string; readonly remote: SocketAddress }];
  'call.held': [CallParties & { readonly by: CallSide }];
  'call.resumed': [CallParties & { readonly by: CallSide }];
  'call.quality': [CallParties & { readonly quality: readonly LegQuality[] }];
  'call.ended': [CallRecord];
  dtmf: [CallParties & { readonly from: CallSide; readonly digit: string; readonly durationMs: number }];
  'registration.added': [
    { readonly user: string; readonly contact: string; readonly instanceId: string | null; readonly remote: SocketAddress },
  ];
  'registration.removed': [
    { readonly user: string; readonly contact: string; readonly cause: 'unregistered' | 'expired' | 'replaced' | 'flow-closed' },
  ];
  'trunk.state': [{ readonly trunk: string; readonly state: 'up' | 'down' | 'registered' | 'unregistered'; readonly detail: string }];
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
  'node.draining': [];
}
