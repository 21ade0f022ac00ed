import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { callSides, type LegQuality } from '../../../src/events/gateway-events.ts';
import { QualityLog } from '../../../src/trace/quality-log.ts';
import { legQuality } from './messages.ts';

/** Times and scores of whole thousandths: they are kept to one. */
const thousandths = fc.oneof(fc.nat({ max: 10_000 }), fc.nat()).map((value) => value / 1000);
const count = fc.oneof(fc.nat({ max: 10_000 }), fc.maxSafeNat());
const orNull = (values: fc.Arbitrary<number>): fc.Arbitrary<number | null> => fc.option(values, { nil: null });
const stream = fc.record({
  packets: count,
  bytes: count,
  lost: fc.oneof(fc.integer({ min: -0x80_0000, max: 0x7f_ffff }), fc.integer({ min: -(2 ** 52), max: 2 ** 52 })),
  jitterMs: fc.oneof({ arbitrary: thousandths, weight: 9 }, fc.constant(Number.NaN)),
});
const leg: fc.Arbitrary<LegQuality> = fc.record({
  side: fc.constantFrom(...callSides),
  received: stream,
  sent: stream,
  roundTripMs: orNull(thousandths),
  mos: orNull(thousandths),
  dropped: fc.record({
    malformed: count,
    source: count,
    authentication: count,
    replay: count,
    'payload-type': count,
    'no-route': count,
    'not-ready': count,
  }),
  iceChecks: count,
  iceChecksRefused: count,
});

describe('the quality of a call over time', () => {
  test('comes out as it went in', () => {
    const log = new QualityLog();
    const legs = [
      legQuality(),
      legQuality({
        side: 'trunk',
        roundTripMs: 12.5,
        mos: 4.2,
        received: { packets: 3e9, bytes: 2 ** 50, lost: -1, jitterMs: 0.25 },
        dropped: { malformed: 1, source: 2, authentication: 3, replay: 4, 'payload-type': 5, 'no-route': 6, 'not-ready': 7 },
        iceChecks: 8,
        iceChecksRefused: 9,
      }),
    ];
    log.add(1_700_000_000_123, legs);
    expect(log.samples).toEqual([{ at: 1_700_000_000_123, legs }]);
  });

  test('comes out as it went in, whatever is counted and whichever legs there are', () => {
    const samples = fc.array(fc.record({ at: fc.nat({ max: 1000 }), legs: fc.array(leg, { minLength: 1, maxLength: 3 }) }), {
      maxLength: 40,
    });
    fc.assert(
      fc.property(samples, (drawn) => {
        const log = new QualityLog();
        const added = drawn.map(({ at, legs }, index) => ({ at: 1_700_000_000_000 + index * 7000 + at, legs }));
        for (const { at, legs } of added) log.add(at, legs);
        expect(log.samples).toEqual(added);
      }),
    );
  });

  test('is told to a thousandth of a millisecond, and as unknown where it is no number', () => {
    const log = new QualityLog();
    const stream = { packets: 1, bytes: 1, lost: 0, jitterMs: 0.123456 };
    log.add(0, [
      legQuality({ received: stream, roundTripMs: 1.99999, mos: 4.399045359935641 }),
      legQuality({ roundTripMs: Number.NaN, mos: Infinity }),
    ]);
    expect(log.samples[0]?.legs).toEqual([
      legQuality({ received: { ...stream, jitterMs: 0.123 }, roundTripMs: 2, mos: 4.399 }),
      legQuality({ roundTripMs: null, mos: null }),
    ]);
  });

  test('is looked at every five seconds', () => {
    const log = new QualityLog();
    for (let at = 0; at < 60_000; at += 1000) log.add(at, [legQuality(), legQuality({ side: 'trunk' })]);
    expect(log.samples.map(({ at }) => at)).toEqual(Array.from({ length: 12 }, (_, count) => count * 5000));
    expect(log.samples.every(({ legs }) => legs.length === 2)).toBe(true);
  });

  test('is kept for the last hour, whole samples at a time', () => {
    const log = new QualityLog();
    const end = 2 * 3_600_000;
    for (let at = 0; at <= end; at += 5000) log.add(at, at % 10_000 === 0 ? [legQuality(), legQuality({ side: 'trunk' })] : [legQuality()]);
    const { samples } = log;
    expect(samples.at(-1)?.at).toBe(end);
    expect(samples.length).toBeGreaterThanOrEqual(720);
    expect(samples.length).toBeLessThanOrEqual(720 + 12);
    for (const { at, legs } of samples) expect(legs).toHaveLength(at % 10_000 === 0 ? 2 : 1);
  });

  test('of no leg is nothing', () => {
    const log = new QualityLog();
    log.add(0, []);
    expect(log.samples).toEqual([]);
  });
});
