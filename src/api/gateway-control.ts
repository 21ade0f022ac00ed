/** What the API asks of the gateway. Implemented by the composition root. */

import type { CallParties } from '../events/gateway-events.ts';

/** `draining`: running calls go on, new ones are refused. */
export type GatewayState = 'starting' | 'ready' | 'draining';

/** A running call. Times are milliseconds since the Unix epoch. */
export interface CallSummary extends CallParties {
  readonly state: 'preparing' | 'calling' | 'early' | 'answered';
  readonly invitedAt: number;
  /** null before the answer. */
  readonly answeredAt: number | null;
}

export interface GatewayControl {
  readonly state: GatewayState;
  calls(): readonly CallSummary[];
}
