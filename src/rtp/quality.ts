/** Listening quality by the E-model (ITU-T G.107), reduced to what a relay can know: codec, loss, delay. */

/** Equipment impairment and robustness against random loss of a codec (ITU-T G.113 appendix I). */
interface CodecImpairment {
  readonly ie: number;
  readonly bpl: number;
}

// G.711 with packet loss concealment, which every browser and gateway has: G.113 appendix I.
const g711: CodecImpairment = { ie: 0, bpl: 25.1 };

// The ITU gives Opus no narrow-band values. Ie 0 says that it does not sound worse than G.711 at the rates in use, Bpl 20 that
// its concealment is a little weaker than appendix I of G.711 without in-band FEC: estimates, to compare calls with each other.
const opus: CodecImpairment = { ie: 0, bpl: 20 };

// R of a connection without impairment, all else at G.107's defaults.
const bestRating = 93.2;

export interface PathQuality {
  /** The codec's name in SDP, any case. */
  readonly encoding: string;
  /** Lost packets of those expected: 0 .. 1. */
  readonly lossRatio: number;
  readonly jitterMs: number;
  /** Null when not known: then no network delay is assumed. */
  readonly roundTripMs: number | null;
}

/** Estimated mean opinion score, 1 .. 4.5. */
export function estimateMos(path: PathQuality): number {
  return mosOfRating(bestRating - delayImpairment(mouthToEarMs(path)) - lossImpairment(path));
}

/** G.107 annex B. */
export function mosOfRating(rating: number): number {
  if (rating <= 0) return 1;
  if (rating >= 100) return 4.5;
  return Math.max(1, 1 + 0.035 * rating + rating * (rating - 60) * (100 - rating) * 7e-6);
}

/** One way through the network, a jitter buffer of twice the jitter, and 20 ms to fill a packet. */
function mouthToEarMs({ roundTripMs, jitterMs }: PathQuality): number {
  return (roundTripMs ?? 0) / 2 + 2 * jitterMs + 20;
}

/** Id of G.107, in the linear approximation of Cole and Rosenbluth (2001); 177.3 ms is where talking begins to suffer. */
function delayImpairment(delayMs: number): number {
  return 0.024 * delayMs + 0.11 * Math.max(0, delayMs - 177.3);
}

/** Ie,eff of G.107 (7-29) for random loss (BurstR = 1). */
function lossImpairment({ encoding, lossRatio }: PathQuality): number {
  const { ie, bpl } = encoding.toLowerCase() === 'opus' ? opus : g711;
  const percent = 100 * Math.min(1, Math.max(0, lossRatio));
  return ie + (95 - ie) * (percent / (percent + bpl));
}
