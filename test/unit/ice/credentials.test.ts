import { expect, test } from 'vitest';
import { seededRandom } from '../../../src/base/random.ts';
import { createIceCredentials } from '../../../src/ice/credentials.ts';

test('credentials are long enough, of ICE characters, and differ', () => {
  const random = seededRandom(1);
  const [a, b] = [createIceCredentials(random), createIceCredentials(random)];
  expect(a.ufrag).toMatch(/^[a-z0-9]{8}$/);
  expect(a.pwd).toMatch(/^[a-z0-9]{26}$/);
  expect(b.ufrag).not.toBe(a.ufrag);
  expect(b.pwd).not.toBe(a.pwd);
});
