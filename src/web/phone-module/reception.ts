/** Picks what the quality line shows out of WebRTC statistics. */

import type { ReceptionSample } from './quality.ts';

interface Stat {
  readonly id: string;
  readonly type: string;
  readonly kind?: string;
  readonly codecId?: string;
  readonly mimeType?: string;
  readonly packetsReceived?: number;
  readonly packetsLost?: number;
  readonly jitter?: number;
  readonly roundTripTime?: number;
  readonly currentRoundTripTime?: number;
  readonly nominated?: boolean;
}

/** What getStats() resolves to, as far as it is used here. */
interface StatsReport {
  forEach(visit: (stat: Stat) => void): void;
}

/** null before anything was received. */
export function receptionOf(report: StatsReport): ReceptionSample | null {
  const stats: Stat[] = [];
  report.forEach((stat) => {
    stats.push(stat);
  });
  const inbound = stats.find(({ type, kind }) => type === 'inbound-rtp' && kind === 'audio');
  if (!inbound) return null;
  const sent = stats.find(({ type }) => type === 'remote-inbound-rtp');
  const pair = stats.find(({ type, nominated }) => type === 'candidate-pair' && nominated);
  const codec = stats.find(({ id }) => id === inbound.codecId);
  return {
    packetsReceived: inbound.packetsReceived ?? 0,
    packetsLost: inbound.packetsLost ?? 0,
    jitterSec: inbound.jitter ?? 0,
    // From the gateway's RTCP reports, else from the last connectivity check.
    roundTripSec: sent?.roundTripTime ?? pair?.currentRoundTripTime ?? null,
    codec: codec?.mimeType?.replace('audio/', '') ?? null,
  };
}
