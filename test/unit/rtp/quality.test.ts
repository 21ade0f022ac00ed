import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { estimateMos, mosOfRating } from '../../../src/rtp/quality.ts';

const good = { encoding: 'PCMU', lossRatio: 0, jitterMs: 0, roundTripMs: 0 };

describe('mosOfRating', () => {
  // G.107 annex B.
  test.each([
    [90, 4.34],
    [80, 4.02],
    [70, 3.6],
    [60, 3.1],
    [50, 2.58],
  ])('R %d is MOS %d', (rating, mos) => {
    expect(mosOfRating(rating)).toBeCloseTo(mos, 2);
  });

  test('ends at 1 and 4.5', () => {
    expect([-5, 0, 100, 120].map(mosOfRating)).toEqual([1, 1, 4.5, 4.5]);
  });
});

describe('estimateMos', () => {
  test('of G.711 on a good path is about 4.4', () => {
    expect(estimateMos(good)).toBeCloseTo(4.4, 1);
  });

  test('falls with loss as G.113 appendix I has it: 5 % with concealment costs about 16 of R', () => {
    expect(estimateMos({ ...good, lossRatio: 0.05 })).toBeCloseTo(mosOfRating(93.2 - 0.48 - (95 * 5) / 30.1), 5);
  });

  test('falls fast beyond 177 ms of delay', () => {
    const at = (roundTripMs: number) => estimateMos({ ...good, roundTripMs });
    expect(at(0) - at(300)).toBeLessThan(0.15);
    expect(at(300) - at(600)).toBeGreaterThan(0.4);
  });

  test('never rises when anything gets worse, and stays within 1 .. 4.5', () => {
    const path = fc.record({
      encoding: fc.constantFrom('PCMU', 'PCMA', 'G722', 'opus', 'Opus'),
      lossRatio: fc.double({ min: 0, max: 1, noNaN: true }),
      jitterMs: fc.double({ min: 0, max: 2000, noNaN: true }),
      roundTripMs: fc.double({ min: 0, max: 5000, noNaN: true }),
    });
    fc.assert(
      fc.property(path, (p) => {
        const mos = estimateMos(p);
        expect(mos).toBeGreaterThanOrEqual(1);
        expect(mos).toBeLessThanOrEqual(4.5);
        const slack = mos + 0.02;
        expect(estimateMos({ ...p, lossRatio: Math.min(1, p.lossRatio + 0.01) })).toBeLessThanOrEqual(slack);
        expect(estimateMos({ ...p, jitterMs: p.jitterMs + 5 })).toBeLessThanOrEqual(slack);
        expect(estimateMos({ ...p, roundTripMs: p.roundTripMs + 5 })).toBeLessThanOrEqual(slack);
      }),
    );
  });

  test('takes an unknown round trip for none, and a loss ratio out of range for the nearest in it', () => {
    expect(estimateMos({ ...good, roundTripMs: null })).toBe(estimateMos(good));
    expect(estimateMos({ ...good, lossRatio: -0.1 })).toBe(estimateMos(good));
  });
});
