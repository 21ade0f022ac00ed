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

/** null before anything was received. */
export async function sampleReception(connection: RTCPeerConnection): Promise<ReceptionSample | null> {
  const stats: Stat[] = [];
  (await connection.getStats()).forEach((stat: Stat) => {
    stats.push(stat);
  });
  return receptionOf(stats);
}

function receptionOf(stats: readonly Stat[]): ReceptionSample | null {
  const inbound = stats.find(({ type, kind }) => type === 'inbound-rtp' && kind === 'audio');
  if (!inbound) return null;
  const report = stats.find(({ type }) => type === 'remote-inbound-rtp');
  const pair = stats.find(({ type, nominated }) => type === 'candidate-pair' && nominated);
  const codec = stats.find(({ id }) => id === inbound.codecId);
  return {
    packetsReceived: inbound.packetsReceived ?? 0,
    packetsLost: inbound.packetsLost ?? 0,
    jitterSec: inbound.jitter ?? 0,
    // From the gateway's RTCP reports, else from the last connectivity check.
    roundTripSec: report?.roundTripTime ?? pair?.currentRoundTripTime ?? null,
    codec: codec?.mimeType?.replace('audio/', '') ?? null,
  };
}
