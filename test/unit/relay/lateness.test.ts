import { expect, test } from 'vitest';
import { Lateness } from '../../../src/relay/lateness.ts';

test('the worst lateness is told, rounded', () => {
  const lateness = new Lateness();
  for (const byMs of [3, 80.4, 61, Number.NEGATIVE_INFINITY]) lateness.note(byMs);
  expect(lateness.take(1000)).toBe(80);
  expect(lateness.take(12_000)).toBe(0);
});

test('what nobody hears is not told', () => {
  const lateness = new Lateness();
  lateness.note(50);
  expect(lateness.take(1000)).toBe(0);
});

test('it is told once in ten seconds', () => {
  const lateness = new Lateness();
  const told: number[] = [];
  for (let now = 0; now < 25_000; now += 1000) {
    lateness.note(100 + now / 1000);
    told.push(lateness.take(now));
  }
  expect(told.filter((ms) => ms > 0)).toEqual([100, 110, 120]);
});
