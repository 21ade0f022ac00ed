import fc from 'fast-check';
import { expect, test } from 'vitest';
import { keepOctets, readOctets } from '../../../src/base/octets.ts';

test('what was kept reads as it was, also when it was a part of something larger', () => {
  fc.assert(
    fc.property(fc.uint8Array(), fc.nat(), (bytes, cut) => {
      const part = bytes.subarray(cut % (bytes.length + 1));
      const kept = keepOctets(part);
      expect(kept).toHaveLength(part.length);
      expect([...readOctets(kept)]).toEqual([...part]);
    }),
  );
});
