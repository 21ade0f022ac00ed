import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, test } from 'vitest';
import { ownCopy } from '../../../src/base/own-copy.ts';
import { FailedAttempts } from '../../../src/registrar/failed-attempts.ts';

setFlagsFromString('--expose-gc');
const collectGarbage: () => void = runInNewContext('gc');

/** Bytes of memory that are in use after the action and were not before. */
function growth(action: () => void): number {
  collectGarbage();
  const before = process.memoryUsage().heapUsed;
  action();
  collectGarbage();
  return process.memoryUsage().heapUsed - before;
}

function longText(): string {
  return Buffer.alloc(1_000_000, 'x').toString('latin1');
}

test.each(['', 'alice', 'Bjørn', '\udc80 no character'])('%j stays what it is', (text) => {
  expect(ownCopy(text)).toBe(text);
});

test('a copy keeps nothing of what it was cut from', () => {
  const kept: string[] = [];
  const bytes = growth(() => {
    for (let count = 0; count < 50; count += 1) kept.push(ownCopy(longText().slice(1000, 1060)));
  });
  expect(kept).toHaveLength(50);
  expect(bytes).toBeLessThan(5_000_000);
});

test('names that strangers try take no memory of their messages', () => {
  const attempts = new FailedAttempts({ maxFailures: 3, windowMs: 60_000 });
  const bytes = growth(() => {
    for (let count = 0; count < 50; count += 1) attempts.record('192.0.2.1', `${count}${longText()}`.slice(0, 1000), 0);
  });
  expect(attempts.lockedMs('192.0.2.1', 'nobody', 1)).toBe(0);
  expect(bytes).toBeLessThan(5_000_000);
});
