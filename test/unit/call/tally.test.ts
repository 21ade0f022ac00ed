import { expect, test } from 'vitest';
import { Tally } from '../../../src/call/tally.ts';

test('counts each name by itself', () => {
  const tally = new Tally();
  for (const name of ['alice', 'bob', 'alice', '__proto__']) tally.add(name);
  tally.remove('bob');
  expect(['alice', 'bob', '__proto__', 'carol'].map((name) => tally.of(name))).toEqual([2, 0, 1, 0]);
});

test('notices that more is taken away than was added', () => {
  const tally = new Tally();
  tally.add('alice');
  tally.remove('alice');
  expect(() => tally.remove('alice')).toThrow('more was taken away');
});
