import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { formatDuration, isDialKey, normaliseNumber } from '../../../src/web/phone-module/number.ts';

describe('normaliseNumber', () => {
  test.each([
    ['600', '600'],
    [' +44 (20) 7946-0123 ', '+442079460123'],
    ['030/12.34', '0301234'],
    ['*21#', '*21#'],
    ['alice', 'alice'],
    ['sip:alice@example.com', 'sip:alice@example.com'],
    ['bob-2', 'bob-2'],
    ['   ', ''],
  ])('%j is %j', (text, number) => {
    expect(normaliseNumber(text)).toBe(number);
  });

  test('once is enough', () => {
    fc.assert(fc.property(fc.string(), (text) => normaliseNumber(normaliseNumber(text)) === normaliseNumber(text)));
  });
});

test('the twelve keys of a telephone', () => {
  expect([...'0123456789*#'].every(isDialKey)).toBe(true);
  expect(['', 'a', 'A', '+', 'Enter', '12', ' '].some(isDialKey)).toBe(false);
});

test('durations', () => {
  expect([0, 999, 1000, 65_000, 599_999, 3_600_000, 36_061_000].map(formatDuration)).toEqual([
    '0:00',
    '0:00',
    '0:01',
    '1:05',
    '9:59',
    '1:00:00',
    '10:01:01',
  ]);
});
