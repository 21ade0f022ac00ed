import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Compressor, expand } from '../../../src/base/compressor.ts';

/** What one text leaves behind must not show in the next: all tests share it. */
const compressor = new Compressor();

function there(bytes: Uint8Array): Uint8Array {
  return compressor.compress(bytes);
}

function andBack(bytes: Uint8Array): void {
  expect(Buffer.compare(expand(there(bytes)), bytes)).toBe(0);
}

describe('what is expanded is what was compressed', () => {
  test('whatever octets it has', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 2000 }), andBack));
  });

  test('and however it repeats itself', () => {
    const pieces = fc.array(fc.constantFrom('a', 'ab', 'abcd', 'Via: SIP/2.0/UDP ', '\r\n', 'x'.repeat(300), 'y'.repeat(20_000)), {
      maxLength: 60,
    });
    fc.assert(fc.property(pieces, (list) => andBack(Buffer.from(list.join('')))));
  });

  test.each([0, 1, 3, 4, 5, 127, 128, 16_383, 16_384, 300_000])('of %i equal octets', (length) => {
    andBack(new Uint8Array(length).fill(7));
  });

  test('a view into a larger buffer', () => {
    andBack(Buffer.from('....abcdabcdabcd....').subarray(4, 16));
  });
});

describe('size', () => {
  test('of what repeats itself it is small', () => {
    expect(there(Buffer.from('a=rtpmap:0 PCMU/8000\r\n'.repeat(100))).length).toBeLessThan(40);
  });

  test('and never more than a little larger', () => {
    const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });
    fc.assert(
      fc.property(bytes(5000), (noise) => there(noise).length <= 5000 + 5000 / 128 + 16),
      { numRuns: 20 },
    );
  });

  test('what was more than 16 kB ago is told anew', () => {
    const far = Buffer.concat([Buffer.from('once upon a time'), Buffer.alloc(16_384), Buffer.from('once upon a time')]);
    andBack(far);
    expect(there(far).length).toBeGreaterThan(32);
  });
});
