import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { dtmfRelayType, parseDtmfInfo, printDtmfInfo } from '../../../src/call/dtmf-info.ts';

const digits = [...'0123456789*#ABCD'];

describe('application/dtmf-relay', () => {
  test.each([
    ['JsSIP', 'Signal=1\r\nDuration=100', '1', 100],
    ['SIP.js', 'Signal=5\r\nDuration=2000', '5', 2000],
    ['Cisco, with spaces', 'Signal= 9\r\nDuration= 160\r\n', '9', 160],
    ['line ends of Unix', 'Signal=*\nDuration=80\n', '*', 80],
    ['lower case', 'signal=d\r\nduration=100\r\n', 'D', 100],
    ['the other order', 'Duration=100\r\nSignal=#\r\n', '#', 100],
    ['no duration', 'Signal=7\r\n', '7', 160],
    ['a duration of nothing', 'Signal=7\r\nDuration=\r\n', '7', 160],
    ['a negative duration', 'Signal=7\r\nDuration=-5\r\n', '7', 160],
    ['a duration in words', 'Signal=7\r\nDuration=long\r\n', '7', 160],
    ['a duration without end', 'Signal=7\r\nDuration=1e999\r\n', '7', 160],
    ['a very long one', 'Signal=7\r\nDuration=99999999\r\n', '7', 5000],
    ['a first signal and others', 'Signal=1\r\nSignal=2\r\n', '1', 160],
  ])('%s', (_what, body, digit, durationMs) => {
    expect(parseDtmfInfo(dtmfRelayType, body)).toEqual({ digit, durationMs });
  });

  test.each(['', '\r\n', 'Signal=', 'Signal=12', 'Signal=E', 'Signal=ß', 'Duration=100', 'Signal', '=1', 'XSignal=1', 'a\nSignal 1='])(
    'no digit: %j',
    (body) => {
      expect(parseDtmfInfo(dtmfRelayType, body)).toBeNull();
    },
  );
});

test.each(digits)('application/dtmf is the digit alone: %s', (digit) => {
  expect(parseDtmfInfo('application/dtmf', ` ${digit}\r\n`)).toEqual({ digit, durationMs: 160 });
});

test.each(['application/dtmf', 'text/plain', 'application/dtmf-relay-2', '', undefined])('%s is no dtmf-relay', (type) => {
  expect(parseDtmfInfo(type, 'Signal=1\r\nDuration=100\r\n')).toBeNull();
});

test('what is printed is read again', () => {
  const info = fc.record({ digit: fc.constantFrom(...digits), durationMs: fc.integer({ min: 1, max: 5000 }) });
  fc.assert(
    fc.property(info, (each) => {
      expect(parseDtmfInfo(dtmfRelayType, printDtmfInfo(each))).toEqual(each);
    }),
  );
});

test('any text is a digit or nothing', () => {
  const text = fc.oneof(fc.string(), fc.string({ unit: fc.constantFrom('S', 'i', 'g', 'n', 'a', 'l', '=', '\r', '\n', ' ', '1') }));
  fc.assert(
    fc.property(fc.constantFrom(dtmfRelayType, 'application/dtmf'), text, (type, body) => {
      const info = parseDtmfInfo(type, body);
      if (!info) return;
      expect(digits).toContain(info.digit);
      expect(info.durationMs).toBeGreaterThan(0);
      expect(info.durationMs).toBeLessThanOrEqual(5000);
    }),
  );
});

test.each(['Signal\n=', ' ', '\n', '=\n', 'Signal= '])('a megabyte of %j is no digit, and takes no time', (part) => {
  expect(parseDtmfInfo(dtmfRelayType, part.repeat(1_000_000 / part.length))).toBeNull();
});
