import { describe, expect, test } from 'vitest';
import { ntpMiddle, ntpTime, ntpUnits, roundTripMs } from '../../../src/rtp/ntp.ts';

describe('ntpTime', () => {
  test('counts seconds from 1900 and fractions of 2^-32', () => {
    expect(ntpTime(0)).toEqual({ ntpSeconds: 2_208_988_800, ntpFraction: 0 });
    expect(ntpTime(1_500)).toEqual({ ntpSeconds: 2_208_988_801, ntpFraction: 0x80000000 });
  });

  test('wraps in February 2036', () => {
    expect(ntpTime((2 ** 32 - 2_208_988_800) * 1000)).toEqual({ ntpSeconds: 0, ntpFraction: 0 });
  });

  test('has a middle', () => {
    expect(ntpMiddle({ ntpSeconds: 0x1234abcd, ntpFraction: 0x56789999 })).toBe(0xabcd5678);
  });
});

describe('roundTripMs', () => {
  test('is the example of RFC 3550 figure 2', () => {
    expect(roundTripMs(0xb7108000, 0xb7052000, 0x00054000)).toBeCloseTo(6125, 6);
  });

  test('survives the wrap of the middle 32 bits', () => {
    expect(roundTripMs(0x00001000, 0xfffff000, 0x00001000)).toBeCloseTo((0x1000 / 65536) * 1000, 6);
  });

  test('is unknown before the peer has had a sender report', () => {
    expect(roundTripMs(1, 0, 0)).toBeNull();
  });

  test('is 0 rather than negative', () => {
    expect(roundTripMs(100, 100, 5)).toBe(0);
  });
});

test('milliseconds become 1/65536 s, held to 32 bits', () => {
  expect(ntpUnits(1000)).toBe(65_536);
  expect(ntpUnits(1e12)).toBe(0xffffffff);
});
