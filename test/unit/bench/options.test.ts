import { expect, test } from 'vitest';
import { parseOptions, UsageError } from '../../../bench/options.ts';

test('a name and its options', () => {
  const { name, options } = parseOptions([
    'relay',
    '--calls',
    '50,500',
    '--rounds',
    '7',
    '--only',
    'rtpengine, 1 thread',
    '--only',
    'C floor',
    '--loadgen',
    '/lg',
  ]);
  expect(name).toBe('relay');
  expect(options).toMatchObject({ calls: [50, 500], rounds: 7, only: ['rtpengine, 1 thread', 'C floor'], loadgen: '/lg', short: false });
});

test('a short run is one small round, and leaves the kept results alone', () => {
  const long = parseOptions(['sip']).options;
  const short = parseOptions(['sip', '--short']).options;
  expect([long.rounds, short.rounds]).toEqual([5, 1]);
  expect(short.results).not.toBe(long.results);
});

test('what does not exist, and numbers that are none, are refused in words', () => {
  for (const args of [
    ['relay', '--fast'],
    ['relay', '--rounds', '0'],
    ['relay', '--calls', '5,many'],
    ['relay', '--seconds', '1.5'],
  ]) {
    expect(() => parseOptions(args)).toThrow(UsageError);
  }
});
