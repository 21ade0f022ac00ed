/** The quality samples of a call as curves: counters become rates between two samples. */

import type { LegQuality } from '../../../api/resources/calls.ts';
import type { Trace } from '../../../api/resources/traces.ts';

type Sample = Trace['quality'][number];

export type PathName = 'from-browser' | 'to-browser' | 'from-trunk' | 'to-trunk';
export const pathNames: readonly PathName[] = ['from-browser', 'to-browser', 'from-trunk', 'to-trunk'];

export type Curve = readonly (number | null)[];

export interface QualityCurves {
  /** Seconds since the Unix epoch, one a sample. */
  readonly times: readonly number[];
  /** Percent of what was sent, since the sample before. */
  readonly loss: Readonly<Record<PathName, Curve>>;
  /** Milliseconds. */
  readonly jitter: Readonly<Record<PathName, Curve>>;
  /** Kilobits of RTP payload a second. */
  readonly bitrate: Readonly<Record<PathName, Curve>>;
  /** 1 to 4.5, of what each side sends us. */
  readonly mos: Readonly<Record<'from-browser' | 'from-trunk', Curve>>;
}

export function qualityCurves(samples: readonly Sample[]): QualityCurves {
  return {
    times: samples.map(({ at }) => at / 1000),
    loss: onPaths(samples, lossOf),
    jitter: onPaths(samples, (stream) => stream.jitterMs),
    bitrate: onPaths(samples, bitrateOf),
    mos: { 'from-browser': mosCurve(samples, 'browser'), 'from-trunk': mosCurve(samples, 'trunk') },
  };
}

type Stream = LegQuality['received'];
type Way = 'received' | 'sent';
type Measure = (now: Stream, before: Stream | null, seconds: number, way: Way) => number | null;

function onPaths(samples: readonly Sample[], measure: Measure): Record<PathName, Curve> {
  return {
    'from-browser': curve(samples, 'browser', 'received', measure),
    'to-browser': curve(samples, 'browser', 'sent', measure),
    'from-trunk': curve(samples, 'trunk', 'received', measure),
    'to-trunk': curve(samples, 'trunk', 'sent', measure),
  };
}

function curve(samples: readonly Sample[], side: LegQuality['side'], way: Way, measure: Measure): Curve {
  return samples.map((sample, index) => {
    const earlier = samples[index - 1];
    const now = legOf(sample, side)?.[way];
    const before = earlier ? legOf(earlier, side)?.[way] : undefined;
    return now ? measure(now, before ?? null, earlier ? (sample.at - earlier.at) / 1000 : 0, way) : null;
  });
}

function mosCurve(samples: readonly Sample[], side: LegQuality['side']): Curve {
  return samples.map((sample) => legOf(sample, side)?.mos ?? null);
}

function legOf(sample: Sample, side: LegQuality['side']): LegQuality | undefined {
  return sample.legs.find((leg) => leg.side === side);
}

/** A late packet makes the count of lost ones fall: never below none. Lost packets are among those sent, not among those received. */
function lossOf(now: Stream, before: Stream | null, _seconds: number, way: Way): number | null {
  const lost = Math.max(0, now.lost - (before?.lost ?? 0));
  const packets = Math.max(0, now.packets - (before?.packets ?? 0));
  const all = way === 'received' ? packets + lost : Math.max(packets, lost);
  return all === 0 ? null : (100 * lost) / all;
}

function bitrateOf(now: Stream, before: Stream | null, seconds: number): number | null {
  return before && seconds > 0 ? (Math.max(0, now.bytes - before.bytes) * 8) / 1000 / seconds : null;
}
