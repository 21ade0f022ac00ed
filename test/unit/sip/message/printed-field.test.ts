import { describe, expect, test } from 'vitest';
import { parseMessage } from '../../../../src/sip/message/parse.ts';
import { printAsItStands, printedField, printMessage } from '../../../../src/sip/message/print.ts';

const lines = [
  'OPTIONS sip:a@b SIP/2.0',
  'v: SIP/2.0/WS a.invalid;branch=z9hG4bK1',
  'f: <sip:ä@b>;tag=1',
  't: <sip:a@b>',
  'i: 1@a',
  'CSeq: 7 OPTIONS',
];
const body = 'Call-ID: of the body\r\n';

function message(...more: string[]) {
  return parseMessage(Buffer.from([...lines, ...more, '', body].join('\r\n')));
}

describe('a field of a printed message', () => {
  const bytes = printMessage(message());

  test('is found by its full name, whatever name it came by', () => {
    expect([printedField(bytes, 'Call-ID'), printedField(bytes, 'CSeq'), printedField(bytes, 'From')]).toEqual([
      '1@a',
      '7 OPTIONS',
      '<sip:ä@b>;tag=1',
    ]);
  });

  test('that is not there, or whose line does not end, is none', () => {
    expect(printedField(bytes, 'Contact')).toBeUndefined();
    expect(printedField(bytes.subarray(0, Buffer.from(bytes).indexOf('7 OPTIONS') + 4), 'CSeq')).toBeUndefined();
    expect(printedField(new Uint8Array(0), 'CSeq')).toBeUndefined();
  });
});

test('a message is printed as it stands without being changed', () => {
  const received = message();
  expect(Buffer.from(printAsItStands(received)).toString()).not.toContain('Content-Length');
  expect(received.headers.has('Content-Length')).toBe(false);
});
