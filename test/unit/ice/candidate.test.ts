import { expect, test } from 'vitest';
import { seededRandom } from '../../../src/base/random.ts';
import { hostCandidates, printCandidate } from '../../../src/ice/candidate.ts';
import { createIceCredentials } from '../../../src/ice/credentials.ts';

test('host candidates are printed in order of preference', () => {
  const candidates = hostCandidates([
    { host: '192.0.2.1', port: 40000 },
    { host: '2001:db8::1', port: 40000 },
  ]);
  expect(candidates.map(printCandidate)).toEqual([
    '1 1 udp 2130706431 192.0.2.1 40000 typ host',
    '2 1 udp 2130706175 2001:db8::1 40000 typ host',
  ]);
});

test('credentials are long enough, and differ', () => {
  const random = seededRandom(1);
  const [a, b] = [createIceCredentials(random), createIceCredentials(random)];
  expect(a.ufrag).toMatch(/^[a-z0-9]{8}$/);
  expect(a.pwd).toMatch(/^[a-z0-9]{26}$/);
  expect(b).not.toEqual(a);
});
