import { expect, test } from 'vitest';
import type { Log } from '../../../../src/base/log.ts';
import { silentLog } from '../../../../src/base/log.ts';
import { ConnectionCounter, RateLimit, Refusals } from '../../../../src/sip/transport/limits.ts';

test('places are counted in all and by address, and come back', () => {
  const counter = new ConnectionCounter({ connections: 3, connectionsPerAddress: 2 });
  expect([counter.enter('a'), counter.enter('a'), counter.enter('a')]).toEqual(['entered', 'entered', 'address-full']);
  expect([counter.enter('b'), counter.enter('c')]).toEqual(['entered', 'full']);
  counter.leave('a');
  expect(counter.enter('c')).toBe('entered');
  expect(counter.total).toBe(3);
});

test('leaving without a place changes nothing', () => {
  const counter = new ConnectionCounter({ connections: 1, connectionsPerAddress: 1 });
  counter.leave('a');
  expect(counter.total).toBe(0);
  expect(counter.enter('a')).toBe('entered');
});

test('a rate limit allows its burst and then its rate', () => {
  const rate = new RateLimit(10, 20, 0);
  const taken = (now: number, tries: number) => Array.from({ length: tries }, () => rate.take(now)).filter(Boolean).length;
  expect(taken(0, 30)).toBe(20);
  expect(taken(100, 5)).toBe(1);
  expect(taken(1100, 50)).toBe(10);
  expect(taken(1e6, 50)).toBe(20);
});

test('refusals are all counted, and logged once in ten seconds', () => {
  let now = 0;
  const lines: object[] = [];
  const log: Log = { ...silentLog, warn: (fields) => lines.push(fields) };
  const refusals = new Refusals({ now: () => now }, log);
  for (let at = 0; at < 1000; at++) refusals.count('stranger', '192.0.2.1');
  now = 10_000;
  refusals.count('stranger', '192.0.2.2');
  expect(refusals.total).toBe(1001);
  expect(lines).toEqual([
    { reason: 'stranger', host: '192.0.2.1', count: 1, total: 1 },
    { reason: 'stranger', host: '192.0.2.2', count: 1000, total: 1001 },
  ]);
});
