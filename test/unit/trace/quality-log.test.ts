import { describe, expect, test } from 'vitest';
import { QualityLog } from '../../../src/trace/quality-log.ts';
import { legQuality } from './messages.ts';

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
    for (const { at, legs } of samples) expect(legs).toHaveLength(at % 10_000 === 0 ? 2 : 1);
  });

  test('of no leg is nothing', () => {
    const log = new QualityLog();
    log.add(0, []);
    expect(log.samples).toEqual([]);
  });
});
