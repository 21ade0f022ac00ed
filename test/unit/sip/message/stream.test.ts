import { describe, expect, test } from 'vitest';
import { printMessage } from '../../../../src/sip/message/print.ts';
import { SipError } from '../../../../src/sip/message/sip-error.ts';
import { type StreamItem, StreamParser } from '../../../../src/sip/message/stream.ts';
import { captured } from '../../../support/sip-fixtures.ts';

function options(callId: string, more = 'Content-Length: 0\r\n', body = ''): Buffer {
  const head = `OPTIONS sip:a SIP/2.0\r\nVia: SIP/2.0/TCP h;branch=z9hG4bK1\r\nFrom: <sip:a>;tag=1\r\nTo: <sip:b>\r\nCSeq: 1 OPTIONS\r\n`;
  return Buffer.from(`${head}Call-ID: ${callId}\r\n${more}\r\n${body}`);
}

function describeItem(item: StreamItem): string {
  if (item === 'ping') return 'ping';
  const { message } = item;
  if (message instanceof SipError) return `error ${message.status}`;
  return `${message.headers.callId} ${Buffer.from(message.body).toString()}`.trim();
}

const frames = captured('jssip').map(({ bytes }) => bytes);
const whole = Buffer.concat(frames);

describe('framing', () => {
  test.each([1, 2, 3, 7, 100, 1000, 5000, whole.length])('a call in pieces of %i octets is the same call', (size) => {
    const parser = new StreamParser();
    const items: StreamItem[] = [];
    for (let at = 0; at < whole.length; at += size) items.push(...parser.push(whole.subarray(at, at + size)));
    const printed = items.map((item) =>
      item === 'ping' || item.message instanceof SipError ? 'broken' : Buffer.from(printMessage(item.message)).toString(),
    );
    expect(printed).toEqual(frames.map((frame) => Buffer.from(frame).toString()));
    expect(items.map((item) => item !== 'ping' && Buffer.from(item.octets))).toEqual(frames.map((frame) => Buffer.from(frame)));
    expect([parser.failed, parser.pending]).toEqual([false, false]);
  });

  test('bodies do not change when more octets come', () => {
    const parser = new StreamParser();
    const items = parser.push(Buffer.concat([options('1', 'l: 4\r\n', 'body'), options('2')]));
    parser.push(options('3', 'l: 9000\r\n', 'x'.repeat(9000)));
    expect(items.map(describeItem)).toEqual(['1 body', '2']);
  });

  test('a message is pending until its last octet', () => {
    const parser = new StreamParser();
    expect([parser.push(options('1', 'l: 2\r\n', 'x')), parser.pending]).toEqual([[], true]);
    expect([parser.push(Buffer.from('y')).map(describeItem), parser.pending]).toEqual([['1 xy'], false]);
  });

  test('pings are reported, pongs and stray line ends skipped', () => {
    const parser = new StreamParser();
    const crlf = Buffer.from('\r\n');
    expect(parser.push(crlf)).toEqual([]);
    expect(parser.push(crlf)).toEqual(['ping']);
    expect(parser.push(Buffer.concat([crlf, options('1'), crlf, crlf, crlf, crlf])).map(describeItem)).toEqual(['1', 'ping', 'ping']);
    expect(parser.push(Buffer.concat([crlf, options('2')])).map(describeItem)).toEqual(['2']);
  });
});

describe('errors', () => {
  test('a malformed message with a known length is one item, and the next is read', () => {
    const parser = new StreamParser();
    const bad = options('1', 'l: 3\r\nTo: <sip:c>\r\n', 'abc');
    expect(parser.push(Buffer.concat([bad, options('2')])).map(describeItem)).toEqual(['error 400', '2']);
    expect(parser.failed).toBe(false);
  });

  test.each([
    ['no Content-Length', options('1', '')],
    ['two of them', options('1', 'l: 0\r\nContent-Length: 0\r\n')],
    ['a negative one', options('1', 'l: -1\r\n')],
    ['no head at all', Buffer.from('GET / HTTP/1.1\r\nHost: x\r\n\r\n')],
  ])('%s ends the stream', (_what, bytes) => {
    const parser = new StreamParser();
    expect(parser.push(Buffer.concat([bytes, options('2')])).map(describeItem)).toEqual(['error 400']);
    expect([parser.failed, parser.push(options('3'))]).toEqual([true, []]);
  });

  test('the request goes along, so that it can be answered before closing', () => {
    const [item] = new StreamParser().push(options('1', ''));
    expect(item).toMatchObject({ message: { status: 400, partial: { method: 'OPTIONS' } }, octets: new Uint8Array(options('1', '')) });
  });

  test.each([
    ['a head without end', Buffer.alloc(1001, 0x61), 513],
    ['a body that is too long', options('1', 'l: 1000\r\n'), 513],
  ])('%s ends the stream before it is stored', (_what, bytes, status) => {
    const parser = new StreamParser({ maxBytes: 1000, maxHeaders: 10 });
    expect(parser.push(bytes)).toMatchObject([{ message: { status } }]);
    expect(parser.failed).toBe(true);
  });
});

test('octets that trickle in and messages that pour in are linear', () => {
  const parser = new StreamParser({ maxBytes: 1_000_000, maxHeaders: 200 });
  for (let count = 0; count < 60_000; count++) parser.push(Buffer.from('a'));
  const many = Buffer.concat(Array.from({ length: 10_000 }, () => options('1')));
  expect(new StreamParser().push(many)).toHaveLength(10_000);
});
