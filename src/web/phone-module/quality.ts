/** How well a call is heard, from counters of two moments. */

export interface ReceptionSample {
  readonly packetsReceived: number;
  readonly packetsLost: number;
  readonly jitterSec: number;
  /** null until somebody measured it. */
  readonly roundTripSec: number | null;
  /** As `PCMU`; null before the first packet. */
  readonly codec: string | null;
}

export type Rating = 'good' | 'fair' | 'poor';

export interface Quality {
  readonly rating: Rating;
  readonly lossPercent: number;
  readonly jitterMs: number;
  readonly roundTripMs: number | null;
  readonly codec: string | null;
}

/** Loss between the two samples. A receiver counts late packets back, so the difference can be negative. */
export function qualityBetween(before: ReceptionSample, now: ReceptionSample): Quality {
  const lost = Math.max(0, now.packetsLost - before.packetsLost);
  const expected = now.packetsReceived - before.packetsReceived + lost;
  const lossPercent = expected > 0 ? (100 * lost) / expected : 0;
  const jitterMs = now.jitterSec * 1000;
  const roundTripMs = now.roundTripSec === null ? null : now.roundTripSec * 1000;
  return { rating: rate(lossPercent, jitterMs, roundTripMs ?? 0), lossPercent, jitterMs, roundTripMs, codec: now.codec };
}

/** Speech in G.711 suffers from about 1 % loss on, a conversation from a round trip of 300 ms on (ITU-T G.114). */
function rate(lossPercent: number, jitterMs: number, roundTripMs: number): Rating {
  if (lossPercent > 5 || jitterMs > 60 || roundTripMs > 600) return 'poor';
  if (lossPercent > 1 || jitterMs > 30 || roundTripMs > 300) return 'fair';
  return 'good';
}

/** Name and value of each figure. */
export function qualityFigures({ lossPercent, jitterMs, roundTripMs, codec }: Quality): readonly (readonly [string, string])[] {
  return [
    ['Loss', `${lossPercent.toFixed(lossPercent > 0 && lossPercent < 10 ? 1 : 0)} %`],
    ['Jitter', `${jitterMs.toFixed(0)} ms`],
    ['Round trip', roundTripMs === null ? '–' : `${roundTripMs.toFixed(0)} ms`],
    ['Codec', codec ?? '–'],
  ];
}
