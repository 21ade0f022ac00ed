import fc from 'fast-check';
import { expect, test } from 'vitest';
import { dialledNumber } from '../../../src/call/dialled-number.ts';
import { escapeUser, parseAnyUri } from '../../../src/sip/message/uri.ts';

const dialled = (uri: string): string | null => dialledNumber(parseAnyUri(uri));

test.each([
  ['sip:+15550100@example.com', '+15550100'],
  ['sip:+1-555-0100@example.com', '+15550100'],
  ['sip:(555)%200100.2@example.com', '55501002'],
  ['sip:*21%23@example.com', '*21#'],
  ['sip:+15550100;npdi=yes;rn=+15550199@example.com;user=phone', '+15550100'],
  ['tel:+1-(555)-0100;phone-context=example.com', '+15550100'],
  ['TEL:911', '911'],
  ['sip:alice@example.com', 'alice'],
  ['sip:front-desk.2_~x@example.com', 'front-desk.2_~x'],
])('%s calls %s', (uri, number) => {
  expect(dialled(uri)).toBe(number);
});

test.each([
  'sip:9%C3%A911@example.com',
  'sip:9%0011@example.com',
  'sip:9%2211@example.com',
  'sip:9,11@example.com',
  'sip:%EF%BC%99%EF%BC%91%EF%BC%91@example.com',
  'sip:front%20desk@example.com',
  'sip:;911@example.com',
  'sip:example.com',
  'tel:',
  'urn:service:sos',
])('%s calls nobody: what remains without the foreign characters would be another number', (uri) => {
  expect(dialled(uri)).toBeNull();
});

test('nothing is cut off', () => {
  const long = `+${'1'.repeat(100)}`;
  expect(dialled(`sip:${long}@example.com`)).toBe(long);
});

test('whatever is dialled, a number has all its digits and nothing else', () => {
  fc.assert(
    fc.property(fc.string({ minLength: 1, unit: 'grapheme' }), (user) => {
      const number = dialled(`sip:${escapeUser(user)}@example.com`);
      if (number === null) return;
      expect(number).toMatch(/^[-+*#._~0-9a-zA-Z]+$/);
      expect(user.split(';')[0]?.replace(/[^0-9]/g, '')).toBe(number.replace(/[^0-9]/g, ''));
    }),
  );
});
