import { describe, expect, test } from 'vitest';
import { defaultLimits, parseMessage, readMessage } from '../../../src/sip/message/parse.ts';
import { decodeText } from '../../../src/sip/message/text.ts';
import {
  bodyOf,
  type CapturedMessage,
  captureReceived,
  fieldOf,
  hasBody,
  showMessage,
  statusOf,
} from '../../../src/trace/captured-message.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { captured, rfc4475 } from '../../support/sip-fixtures.ts';
import { SipLink } from '../../support/sip-link.ts';
import { browser, gateway } from './messages.ts';

const flow = new SipLink(new FakeClock(), { transport: 'udp', a: gateway, b: browser }).a;

function receive(bytes: Uint8Array): CapturedMessage {
  const { message, octets } = readMessage(bytes, defaultLimits);
  const kept = captureReceived(message, octets, flow, 0);
  if (!kept) throw new Error('no call is found for it');
  return kept;
}

function readable(bytes: Uint8Array): boolean {
  try {
    return parseMessage(bytes) !== null;
  } catch {
    return false;
  }
}

const corpus = [...captured('jssip'), ...captured('sipjs'), ...rfc4475()].filter(({ bytes }) => readable(bytes));

describe('what is looked up in the octets is what a parser reads', () => {
  test.each(corpus.map(({ bytes }, at) => [at, bytes] as const))('message %i', (_at, bytes) => {
    const message = parseMessage(bytes);
    const kept = receive(bytes);
    for (const [name] of message.headers.entries()) {
      expect(fieldOf(kept, name)).toBe(message.headers.get(name));
      expect(fieldOf(kept, name.toUpperCase())).toBe(message.headers.get(name));
    }
    expect([kept.sipCallId, kept.method]).toEqual([message.headers.callId, message.headers.cseq.method]);
    expect(fieldOf(kept, 'X-Not-There')).toBeNull();
    expect(bodyOf(kept)).toBe(decodeText(message.body));
    expect(hasBody(kept)).toBe(message.body.length > 0);
    expect(statusOf(kept)).toBe(message.kind === 'response' ? message.status : null);
  });
});

const lines = [
  'sip/2.0 200 OK',
  'v : SIP/2.0/UDP a;branch=z9hG4bK1,',
  '\tSIP/2.0/UDP b;branch=z9hG4bK2',
  'VIA: SIP/2.0/UDP c;branch=z9hG4bK3',
  'from: <sip:a@a>;tag=1',
  't: <sip:b@b>;tag=2',
  'i: call',
  'cseq: 1 INVITE',
  'AUTHORIZATION: Digest username="a", realm="r", nonce="n", uri="sip:b", response="0123456789abcdef0123456789abcdef"',
  'l: 4',
];

test('another spelling is the same message, and its credentials are hidden as well', () => {
  const bytes = Buffer.from(`\r\n\r\n${lines.join('\r\n')}\r\n\r\nbodyand what is none`);
  const kept = receive(bytes);
  expect(fieldOf(kept, 'Via')).toBe('SIP/2.0/UDP a;branch=z9hG4bK1, SIP/2.0/UDP b;branch=z9hG4bK2');
  expect([statusOf(kept), bodyOf(kept), kept.sipCallId, kept.method]).toEqual([200, 'body', 'call', 'INVITE']);
  const { text } = showMessage(kept);
  expect(text).toContain('Authorization: Digest username="a"');
  expect(text).not.toContain('0123456789abcdef');
});

test('a datagram without the empty line has no body', () => {
  const bytes = Buffer.from(`${lines.slice(0, -1).join('\r\n')}\r\n`);
  expect([hasBody(receive(bytes)), fieldOf(receive(bytes), 'Call-ID')]).toEqual([false, 'call']);
});
