import { expect, test } from 'vitest';
import type { Direction } from '../../../src/sdp/description.ts';
import { intersect, receives, reverse, sends, withoutReceiving } from '../../../src/sdp/direction.ts';

const all: readonly Direction[] = ['sendrecv', 'sendonly', 'recvonly', 'inactive'];

// RFC 3264 section 6.1: what an offer allows an answer that would like everything.
test.each([
  ['sendrecv', 'sendrecv'],
  ['sendonly', 'recvonly'],
  ['recvonly', 'sendonly'],
  ['inactive', 'inactive'],
] as const)('%s is answered %s at most', (offered, answered) => {
  expect(intersect('sendrecv', reverse(offered))).toBe(answered);
});

// RFC 3264 section 8.4: both sides hold.
test('a held side that holds leaves nothing', () => {
  expect(intersect('sendonly', reverse('sendonly'))).toBe('inactive');
});

test('reversing twice changes nothing, and intersecting never adds', () => {
  for (const a of all) {
    expect(reverse(reverse(a))).toBe(a);
    for (const b of all) {
      const both = intersect(a, b);
      expect(both).toBe(intersect(b, a));
      expect(sends(both)).toBe(sends(a) && sends(b));
      expect(receives(both)).toBe(receives(a) && receives(b));
    }
  }
});

test('c=0.0.0.0 takes receiving away', () => {
  expect(all.map(withoutReceiving)).toEqual(['sendonly', 'sendonly', 'inactive', 'inactive']);
});
