import fc from 'fast-check';
import { expect, test } from 'vitest';
import { digitOfEvent, eventOfDigit, readTelephoneEvent, writeTelephoneEvent } from '../../../src/rtp/telephone-event.ts';

const event = fc.record({ event: fc.nat(255), end: fc.boolean(), volume: fc.nat(63), duration: fc.nat(0xffff) });

test('what was written is read again', () => {
  fc.assert(
    fc.property(event, fc.nat(5), (written, offset) => {
      const bytes = new Uint8Array(12);
      writeTelephoneEvent(bytes, offset, written);
      expect(readTelephoneEvent(bytes, offset, 4)).toEqual(written);
    }),
  );
});

test('the end of digit 5, as Chromium sends it', () => {
  expect(readTelephoneEvent(Uint8Array.of(5, 0x8a, 0x03, 0x20), 0, 4)).toEqual({ event: 5, end: true, volume: 10, duration: 800 });
});

test('the reserved bit is not part of the volume', () => {
  expect(readTelephoneEvent(Uint8Array.of(0, 0x7f, 0, 0), 0, 4)).toMatchObject({ end: false, volume: 63 });
});

test('a payload too short is none', () => {
  for (let length = 0; length < 4; length++) expect(readTelephoneEvent(new Uint8Array(10), 0, length)).toBeNull();
});

test('digits and event codes', () => {
  for (const [code, digit] of [...'0123456789*#ABCD'].entries()) {
    expect(digitOfEvent(code)).toBe(digit);
    expect(eventOfDigit(digit)).toBe(code);
  }
  expect(eventOfDigit('d')).toBe(15);
  for (const digit of ['', '12', 'E', '-', '\u0660']) expect(eventOfDigit(digit)).toBeUndefined();
  for (const code of [16, 32, 255]) expect(digitOfEvent(code)).toBeUndefined();
});
