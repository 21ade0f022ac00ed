import { describe, expect, test } from 'vitest';
import { bestOf, ratios, type Series, SeriesTable, summarize } from '../../../bench/series.ts';

function series(subject: string, rounds: (number | null)[]): Series {
  return { subject, scenario: '500 calls', metric: 'CPU per packet', unit: 'us', rounds };
}

const cell = { scenario: '500 calls', metric: 'CPU per packet' };

describe('a summary', () => {
  test('has the middle of an odd number, the mean of the two middle ones of an even number', () => {
    expect(summarize([9, 1, 5])).toEqual({ median: 5, min: 1, max: 9, count: 3 });
    expect(summarize([4, 1, 2, 9])).toEqual({ median: 3, min: 1, max: 9, count: 4 });
  });

  test('leaves void rounds out, and is none without any round', () => {
    expect(summarize([null, 7, null])).toEqual({ median: 7, min: 7, max: 7, count: 1 });
    expect(summarize([null])).toBeNull();
    expect(summarize([])).toBeNull();
  });
});

test('ratios are taken round by round, and only where both rounds count', () => {
  expect(ratios(series('a', [2, 9, null, 4]), series('b', [4, 3, 5, 0]))).toEqual([0.5, 3, null, null]);
});

test('the best of several peers is the one with the better median', () => {
  const all = [series('one', [9, 9, 1]), series('two', [5, 5, 5]), series('void', [null, null, null])];
  expect(bestOf(all, ['one', 'two', 'void', 'absent'], cell, 'lowest')?.subject).toBe('two');
  expect(bestOf(all, ['one', 'two', 'void', 'absent'], cell, 'highest')?.subject).toBe('one');
  expect(bestOf(all, ['absent'], cell, 'lowest')).toBeUndefined();
});

test('a table keeps the order of subjects and marks rounds without a figure', () => {
  const table = new SeriesTable();
  table.set({ ...cell, subject: 'b' }, 'us', 1, 3);
  table.set({ ...cell, subject: 'a' }, 'us', 0, 1);
  table.set({ ...cell, subject: 'b' }, 'us', 2, null);
  expect(table.all()).toEqual([series('b', [null, 3, null]), series('a', [1])]);
});
