/** What calls tell of their media. */

import type { CallSide, LegQuality } from '../../../src/events/gateway-events.ts';

const quiet = { packets: 0, bytes: 0, lost: 0, jitterMs: 0 };

export function legQuality(side: CallSide, more: Partial<LegQuality> = {}): LegQuality {
  return {
    side,
    received: quiet,
    sent: quiet,
    roundTripMs: null,
    mos: null,
    dropped: { malformed: 0, source: 0, authentication: 0, replay: 0, 'payload-type': 0, 'no-route': 0, 'not-ready': 0 },
    iceChecks: 0,
    iceChecksRefused: 0,
    ...more,
  };
}
