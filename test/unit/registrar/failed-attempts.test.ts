import { expect, test } from 'vitest';
import { FailedAttempts } from '../../../src/registrar/failed-attempts.ts';

const attempts = () => new FailedAttempts({ maxFailures: 3, windowMs: 1000, maxPairs: 5 });

test('a pair is locked after so many failures, for the rest of the window', () => {
  const failed = attempts();
  const lockedAfter = [0, 100, 200].map((now) => {
    failed.record('192.0.2.1', 'alice', now);
    return failed.lockedMs('192.0.2.1', 'alice', now);
  });
  expect(lockedAfter).toEqual([0, 0, 800]);
  expect([failed.lockedMs('192.0.2.1', 'alice', 999), failed.lockedMs('192.0.2.1', 'alice', 1000)]).toEqual([1, 0]);
});

test('another address or another user is another pair', () => {
  const failed = attempts();
  for (let count = 0; count < 3; count++) failed.record('192.0.2.1', 'alice', 0);
  expect([failed.lockedMs('192.0.2.2', 'alice', 0), failed.lockedMs('192.0.2.1', 'bob', 0)]).toEqual([0, 0]);
});

test('memory is bounded, whatever the names', () => {
  const failed = attempts();
  for (let count = 0; count < 100; count++) failed.record('192.0.2.1', `user${count}`.repeat(1000), count);
  for (let count = 0; count < 3; count++) failed.record('192.0.2.1', 'x', 100);
  expect(failed.lockedMs('192.0.2.1', 'x', 100)).toBeGreaterThan(0);
});
