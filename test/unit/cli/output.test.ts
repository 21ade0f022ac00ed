import { describe, expect, test } from 'vitest';
import { durationText, printTable, timeText, visible } from '../../../src/cli/output.ts';

test('columns are as wide as their widest cell', () => {
  expect(
    printTable(
      ['name', 'in use', 'calls'],
      [
        ['carrier', true, 12],
        ['b', false, null],
      ],
    ),
  ).toBe('name     in use  calls\ncarrier  yes     12\nb        no      -\n');
});

describe('what comes from the network reaches no terminal as a command', () => {
  test.each([
    ['\u001b[2J', '\\u{1b}[2J'],
    ['a\nb', 'a\\u{a}b'],
    ['\u202egnp.exe', '\\u{202e}gnp.exe'],
    ['\u009b1m', '\\u{9b}1m'],
    ['Zoë', 'Zoë'],
  ])('%j', (text, shown) => {
    expect(visible(text)).toBe(shown);
  });
});

test('durations and times', () => {
  expect([0, 59_999, 60_000, 3_723_000, -5].map(durationText)).toEqual(['0:00', '0:59', '1:00', '1:02:03', '0:00']);
  expect(timeText(0)).toBe('1970-01-01T00:00:00Z');
  expect(timeText(null)).toBe('-');
});
