import { expect, test } from 'vitest';
import { seededRandom } from '../../../src/base/random.ts';
import { Nonces } from '../../../src/registrar/nonces.ts';

const nonces = (maxUsed?: number) => new Nonces({ random: seededRandom(1), ttlMs: 300_000, ...(maxUsed === undefined ? {} : { maxUsed }) });

test('a nonce is good once for each rising count', () => {
  const store = nonces();
  const nonce = store.issue('flow', 1000);
  expect([1, 2, 2, 1, 7, 3, 8].map((count) => store.use(nonce, count, 'flow', 2000))).toEqual([
    true,
    true,
    false,
    false,
    true,
    false,
    true,
  ]);
  expect(store.use(nonce, 0, 'flow', 2000)).toBe(false);
});

test('it is good on its connection alone', () => {
  const store = nonces();
  expect(store.use(store.issue('flow', 0), 1, 'other', 0)).toBe(false);
});

test('it lives 300 s', () => {
  const store = nonces();
  const nonce = store.issue('flow', 1000);
  expect(store.use(nonce, 1, 'flow', 300_999)).toBe(true);
  expect(store.use(nonce, 2, 'flow', 301_000)).toBe(false);
});

test.each(['', '.', '..', 'x', 'zz.salt.mac', '0.salt.mac', `1.${'a'.repeat(40_000)}.b`])(
  'what we did not issue is no nonce: %s',
  (forged) => {
    expect(nonces().use(forged, 1, 'flow', 0)).toBe(false);
  },
);

test('one changed character is another nonce', () => {
  const store = nonces();
  const nonce = store.issue('flow', 50_000);
  for (let at = 0; at < nonce.length; at++) {
    const changed = `${nonce.slice(0, at)}${nonce[at] === 'x' ? 'y' : 'x'}${nonce.slice(at + 1)}`;
    expect(store.use(changed, 1, 'flow', 50_000)).toBe(false);
  }
});

test('issuing costs no memory, and used ones are forgotten when they are too old', () => {
  const store = nonces();
  for (let at = 0; at < 1000; at++) store.issue('flow', at);
  expect(store.usedCount).toBe(0);
  for (let at = 0; at < 100; at++) store.use(store.issue('flow', at), 1, 'flow', at);
  expect(store.usedCount).toBe(100);
  store.use(store.issue('flow', 400_000), 1, 'flow', 400_000);
  expect(store.usedCount).toBe(1);
});

test('beyond the limit the oldest die early: nothing forgotten can be replayed', () => {
  const store = nonces(10);
  const issued = Array.from({ length: 30 }, (_, at) => store.issue('flow', at));
  for (const nonce of issued) expect(store.use(nonce, 1, 'flow', 50)).toBe(true);
  expect(store.usedCount).toBe(10);
  for (const nonce of issued) expect(store.use(nonce, 1, 'flow', 60)).toBe(false);
});
