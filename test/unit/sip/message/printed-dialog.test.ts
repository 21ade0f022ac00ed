import { describe, expect, test } from 'vitest';
import { parseMessage } from '../../../../src/sip/message/parse.ts';
import { printAsItStands, printedDialog, printMessage } from '../../../../src/sip/message/print.ts';

const body = 'Call-ID: of the body\r\nCSeq: 9 BODY\r\n';
const received = parseMessage(
  Buffer.from(
    [
      'OPTIONS sip:a@b SIP/2.0',
      'v: SIP/2.0/WS a.invalid;branch=z9hG4bK1',
      'f: <sip:ä@b>;tag=1',
      't: <sip:a@b>',
      'i: 1@a',
      'CSeq: 7  OPTIONS',
      '',
      body,
    ].join('\r\n'),
  ),
);

describe('the dialog of a printed message', () => {
  const bytes = printMessage(received);

  test('is found by the full names, whatever names they came by', () => {
    expect(printedDialog(bytes)).toEqual({ callId: received.headers.callId, method: 'OPTIONS' });
  });

  test('that is not there, or whose line does not end, is none', () => {
    const text = Buffer.from(bytes);
    expect(printedDialog(bytes.subarray(0, text.indexOf('OPTIONS\r\n') + 4))).toBeNull();
    expect(printedDialog(bytes.subarray(0, text.indexOf('Call-ID')))).toBeNull();
    expect(printedDialog(new Uint8Array(0))).toBeNull();
  });
});

test('a message is printed as it stands without being changed', () => {
  const text = Buffer.from(printAsItStands(parseMessage(printMessage(received)))).toString();
  expect(text).toContain(`Content-Length: ${body.length}\r\n`);
  const bare = parseMessage(Buffer.from(text.replace(`Content-Length: ${body.length}\r\n`, '')));
  expect(Buffer.from(printAsItStands(bare)).toString()).not.toContain('Content-Length');
  expect(bare.headers.has('Content-Length')).toBe(false);
});
