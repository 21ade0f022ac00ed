/** Counters of a call as curves. */

import { expect, test } from 'vitest';
import type { LegQuality } from '../../../../src/api/resources/calls.ts';
import { qualityCurves } from '../../../../src/web/dashboard/charts/series.ts';

const silent = { packets: 0, bytes: 0, lost: 0, jitterMs: 0 };

function sample(at: number, received: Partial<LegQuality['received']>, sent: Partial<LegQuality['sent']> = {}, mos: number | null = null) {
  const leg = { side: 'browser' as const, received: { ...silent, ...received }, sent: { ...silent, ...sent }, roundTripMs: null, mos };
  return { at, legs: [leg] };
}

test('loss is that since the sample before, in percent', () => {
  const { loss } = qualityCurves([
    sample(0, { packets: 100, lost: 0 }),
    sample(5000, { packets: 190, lost: 10 }),
    sample(10_000, { packets: 290, lost: 8 }),
    sample(15_000, { packets: 290, lost: 8 }),
  ]);
  expect(loss['from-browser']).toEqual([0, 10, 0, null]);
});

test('what the other side misses was among what we sent', () => {
  const { loss } = qualityCurves([sample(0, {}, { packets: 100 }), sample(5000, {}, { packets: 200, lost: 25 })]);
  expect(loss['to-browser']).toEqual([0, 25]);
});

test('bitrate takes two samples; jitter and listening quality stand as they are', () => {
  const curves = qualityCurves([sample(1000, { bytes: 0, jitterMs: 3 }), sample(6000, { bytes: 40_000, jitterMs: 4 }, {}, 4.1)]);
  expect(curves.times).toEqual([1, 6]);
  expect(curves.bitrate['from-browser']).toEqual([null, 64]);
  expect(curves.jitter['from-browser']).toEqual([3, 4]);
  expect(curves.mos['from-browser']).toEqual([null, 4.1]);
});

test('a leg that is not there has no curve', () => {
  const { loss, mos } = qualityCurves([sample(0, {}), sample(5000, {})]);
  expect(loss['from-trunk']).toEqual([null, null]);
  expect(mos['from-trunk']).toEqual([null, null]);
});
