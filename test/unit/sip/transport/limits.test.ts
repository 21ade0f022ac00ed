import { expect, test } from 'vitest';
import { ConnectionCounter, RateLimit, type Refusal, Refusals } from '../../../../src/sip/transport/limits.ts';

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
  const rate = new RateLimit(10, 0);
  const taken = (now: number, tries: number) => Array.from({ length: tries }, () => rate.take(now)).filter(Boolean).length;
  expect(taken(0, 30)).toBe(20);
  expect(taken(100, 5)).toBe(1);
  expect(taken(1100, 50)).toBe(10);
  expect(taken(1e6, 50)).toBe(20);
});

test('what is charged beyond the burst takes its time to be paid back', () => {
  const rate = new RateLimit(10, 0);
  expect([rate.charge(20, 0), rate.charge(5, 0), rate.charge(0, 400), rate.charge(0, 500)]).toEqual([0, 500, 100, 0]);
  expect(rate.take(500)).toBe(false);
});

test('refusals are all counted, and those of a kind reported once in ten seconds', () => {
  let now = 0;
  const reports: Refusal[] = [];
  const refusals = new Refusals({ now: () => now }, (refusal) => reports.push(refusal));
  for (let at = 0; at < 1000; at++) refusals.count('source', 'stranger', '192.0.2.1');
  refusals.count('origin', 'page', '192.0.2.3');
  now = 10_000;
  refusals.count('source', 'stranger', '192.0.2.2');
  expect(refusals.total).toBe(1002);
  expect(reports).toEqual([
    { kind: 'source', reason: 'stranger', host: '192.0.2.1', count: 1 },
    { kind: 'origin', reason: 'page', host: '192.0.2.3', count: 1 },
    { kind: 'source', reason: 'stranger', host: '192.0.2.2', count: 1000 },
  ]);
});
