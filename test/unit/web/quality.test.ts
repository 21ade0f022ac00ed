import { describe, expect, test } from 'vitest';
import { qualityBetween, qualityFigures, type ReceptionSample } from '../../../src/web/phone-module/quality.ts';
import { receptionOf } from '../../../src/web/phone-module/reception.ts';

function sample(packetsReceived: number, packetsLost = 0, rest: Partial<ReceptionSample> = {}): ReceptionSample {
  return { packetsReceived, packetsLost, jitterSec: 0.002, roundTripSec: 0.012, codec: 'PCMU', ...rest };
}

describe('qualityBetween', () => {
  test('a clean second', () => {
    expect(qualityBetween(sample(100), sample(150))).toEqual({
      rating: 'good',
      lossPercent: 0,
      jitterMs: 2,
      roundTripMs: 12,
      codec: 'PCMU',
    });
  });

  test('loss is that of the time between, not of the whole call', () => {
    expect(qualityBetween(sample(1000, 500), sample(1090, 510)).lossPercent).toBe(10);
  });

  test('late packets that are counted back are no gain', () => {
    expect(qualityBetween(sample(100, 5), sample(155, 0)).lossPercent).toBe(0);
  });

  test('nothing expected, nothing lost', () => {
    expect(qualityBetween(sample(100), sample(100)).lossPercent).toBe(0);
  });

  test.each([
    ['2 % loss', sample(98, 2), 'fair'],
    ['10 % loss', sample(90, 10), 'poor'],
    ['jitter of 40 ms', sample(100, 0, { jitterSec: 0.04 }), 'fair'],
    ['jitter of 100 ms', sample(100, 0, { jitterSec: 0.1 }), 'poor'],
    ['a round trip of 400 ms', sample(100, 0, { roundTripSec: 0.4 }), 'fair'],
    ['a round trip of a second', sample(100, 0, { roundTripSec: 1 }), 'poor'],
    ['a round trip that nobody knows', sample(100, 0, { roundTripSec: null }), 'good'],
  ])('%s', (_, now, rating) => {
    expect(qualityBetween(sample(0), now).rating).toBe(rating);
  });
});

test('figures', () => {
  expect(qualityFigures({ rating: 'good', lossPercent: 0.42, jitterMs: 3.4, roundTripMs: null, codec: null })).toEqual([
    ['Loss', '0.4 %'],
    ['Jitter', '3 ms'],
    ['Round trip', '–'],
    ['Codec', '–'],
  ]);
});

describe('receptionOf', () => {
  const inbound = { id: 'in', type: 'inbound-rtp', kind: 'audio', codecId: 'c0', packetsReceived: 50, packetsLost: 1, jitter: 0.003 };
  const codec = { id: 'c0', type: 'codec', mimeType: 'audio/PCMU' };
  const pair = { id: 'p', type: 'candidate-pair', nominated: true, currentRoundTripTime: 0.02 };
  const other = { id: 'q', type: 'candidate-pair', nominated: false, currentRoundTripTime: 9 };

  test('nothing without media', () => {
    expect(receptionOf([codec, pair])).toBeNull();
  });

  test('the round trip of the reports counts more than that of the connectivity checks', () => {
    const expected = { packetsReceived: 50, packetsLost: 1, jitterSec: 0.003, codec: 'PCMU' };
    expect(receptionOf([other, pair, codec, inbound])).toEqual({ ...expected, roundTripSec: 0.02 });
    const report = { id: 'r', type: 'remote-inbound-rtp', kind: 'audio', roundTripTime: 0.03 };
    expect(receptionOf([pair, codec, inbound, report])).toEqual({ ...expected, roundTripSec: 0.03 });
  });

  test('counters that are not there yet', () => {
    expect(receptionOf([{ id: 'in', type: 'inbound-rtp', kind: 'audio' }])).toEqual({
      packetsReceived: 0,
      packetsLost: 0,
      jitterSec: 0,
      roundTripSec: null,
      codec: null,
    });
  });
});
