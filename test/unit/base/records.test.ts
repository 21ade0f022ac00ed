import { expect, test } from 'vitest';
import { Records } from '../../../src/base/records.ts';

test('records lie side by side, and begin on the border of a cache line', () => {
  const records = new Records(16);
  const [first, second] = [records.take(), records.take()];
  expect(records.at(second) - records.at(first)).toBe(16);
  // What the system's allocator puts in front makes up for the rest.
  expect((records.at(first) * 4 + 16) % 64).toBe(0);
});

test('a record that was given back is taken again, and is zeros', () => {
  const records = new Records(4);
  const [first, second] = [records.take(), records.take()];
  records.words.fill(7, records.at(first), records.at(second) + 4);
  records.giveBack(first);
  expect(records.take()).toBe(first);
  expect([...records.words.subarray(records.at(first), records.at(first) + 4)]).toEqual([0, 0, 0, 0]);
  expect([...records.words.subarray(records.at(second), records.at(second) + 4)]).toEqual([7, 7, 7, 7]);
});

test('as many as are wanted, and none is lost when there is more room to be made', () => {
  const records = new Records(3);
  const taken = Array.from({ length: 1000 }, () => records.take());
  expect(new Set(taken).size).toBe(1000);
  for (const record of taken) records.words[records.at(record) + 2] = record;
  for (let more = 0; more < 1000; more++) records.take();
  expect(taken.every((record) => records.words[records.at(record) + 2] === record)).toBe(true);
});
