import { expect, test } from 'vitest';
import { floorDb, formatLevel, levelDb, meterHeight, Peak } from '../../../src/web/phone/level.ts';

function sine(amplitude: number): Float32Array {
  return Float32Array.from({ length: 480 }, (_, index) => amplitude * Math.sin((2 * Math.PI * index) / 48));
}

test('a full sine is 3 dB below full scale', () => {
  expect(levelDb(sine(1))).toBeCloseTo(-3.01, 1);
  expect(levelDb(sine(0.1))).toBeCloseTo(-23.01, 1);
});

test('silence is the floor', () => {
  expect(levelDb(new Float32Array(10))).toBe(floorDb);
  expect(levelDb(new Float32Array(0))).toBe(floorDb);
});

test('meters reach from the floor to full scale', () => {
  expect([-100, floorDb, floorDb / 2, 0, 6].map(meterHeight)).toEqual([0, 0, 0.5, 1, 1]);
});

test('words', () => {
  expect([-18.4, -0.2, 0].map(formatLevel)).toEqual(['−18 dB', '0 dB', '0 dB']);
});

test('a peak is kept until somebody looks', () => {
  const peak = new Peak();
  for (const db of [-40, -12, -30]) peak.add(db);
  expect([peak.take(), peak.take()]).toEqual([-12, floorDb]);
});
