import { describe, expect, test } from 'vitest';
import type { SipMessage, SipRequest } from '../../../../src/sip/message/message.ts';
import { parseMessage } from '../../../../src/sip/message/parse.ts';
import { printMessage } from '../../../../src/sip/message/print.ts';
import { SipError } from '../../../../src/sip/message/sip-error.ts';
import { captured } from '../../../support/sip-fixtures.ts';

const mandatory = [
  'Via: SIP/2.0/WS a.invalid;branch=z9hG4bK1',
  'From: <sip:alice@example.com>;tag=a',
  'To: <sip:bob@example.com>',
  'Call-ID: 1@a',
  'CSeq: 1 OPTIONS',
];

function text(lines: readonly string[], startLine = 'OPTIONS sip:example.com SIP/2.0', body = ''): Buffer {
  return Buffer.from(`${[startLine, ...lines, '', body].join('\r\n')}`, 'latin1');
}

function parse(...more: string[]): SipMessage {
  return parseMessage(text([...mandatory, ...more]));
}

function refusal(bytes: Uint8Array): SipError {
  try {
    parseMessage(bytes);
  } catch (error) {
    if (error instanceof SipError) return error;
    throw error;
  }
  throw new Error('was not refused');
}

describe('start lines', () => {
  test('a request', () => {
    const message = parse();
    expect(message).toMatchObject({ kind: 'request', method: 'OPTIONS', uri: { scheme: 'sip', host: 'example.com' } });
  });

  test('a response, its reason phrase with or without text', () => {
    expect(parseMessage(text(mandatory, 'SIP/2.0 200 OK'))).toMatchObject({ kind: 'response', status: 200, reason: 'OK' });
    expect(parseMessage(text(mandatory, 'SIP/2.0 200 '))).toMatchObject({ status: 200, reason: '' });
    expect(parseMessage(text(mandatory, 'SIP/2.0 200'))).toMatchObject({ status: 200, reason: '' });
  });

  test.each(['SIP/2.0 99 x', 'SIP/2.0 700 x', 'SIP/2.0 2000 x', 'SIP/2.0  200 OK', 'SIP/3.0 200 OK'])('no response: %s', (line) => {
    expect(refusal(text(mandatory, line)).partial).toBeUndefined();
  });

  test.each([
    ['OPTIONS sip:example.com SIP/3.0', 505],
    ['OPTIONS sip:example.com HTTP/1.1', 400],
    ['OPTIONS sip:exa mple.com SIP/2.0', 400],
    ['OPTIONS  sip:example.com SIP/2.0', 400],
    ['OPTIONS example.com SIP/2.0', 400],
    ['OPTIONS sip: SIP/2.0', 400],
  ])('%s gets %i, and can be answered', (line, status) => {
    const error = refusal(text(mandatory, line));
    expect([error.status, error.partial?.method]).toEqual([status, 'OPTIONS']);
  });

  test('the version and the scheme are case-insensitive', () => {
    expect(parseMessage(text(mandatory, 'OPTIONS SIP:EXAMPLE.com sip/2.0'))).toMatchObject({ uri: { host: 'example.com' } });
  });

  test('URIs of other schemes stay text', () => {
    expect((parseMessage(text(mandatory, 'OPTIONS tel:+1555;ext=2 SIP/2.0')) as SipRequest).uri).toBe('tel:+1555;ext=2');
  });

  test('line ends before a message are skipped', () => {
    expect(parseMessage(Buffer.concat([Buffer.from('\r\n\r\n\r\n'), text(mandatory)]))).toMatchObject({ method: 'OPTIONS' });
  });
});

describe('header lines', () => {
  test('folds become one space', () => {
    expect(parse('Subject: one', '  two', '\t three').headers.get('subject')).toBe('one two three');
    expect(parse('Subject:', ' one').headers.get('subject')).toBe('one');
    expect(parse('Subject: one', '   ').headers.get('subject')).toBe('one');
  });

  test('names are case-insensitive, compact forms are the same header, unknown names survive', () => {
    const { headers } = parse('k: timer', 'SUPPORTED: gruu', 'X-Thing: 1');
    expect(headers.tokens('Supported')).toEqual(['timer', 'gruu']);
    expect([...headers.entries()].at(-1)).toEqual(['X-Thing', '1']);
    expect(headers.get('x-thing')).toBe('1');
  });

  test('an object property is a header like any other', () => {
    const { headers } = parse('__proto__: x', 'constructor: y');
    expect([headers.get('__proto__'), headers.get('constructor'), headers.get('hasOwnProperty')]).toEqual(['x', 'y', undefined]);
  });

  test.each([
    ['before the colon', 'X-Internal \t: v'],
    ['in other case', 'x-INTERNAL:v'],
    ['folded', 'X-Internal:\r\n v'],
  ])('a header cannot hide by space %s', (_how, line) => {
    expect(parse(line).headers.get('X-Internal')).toBe('v');
  });

  test.each([
    ['a line without colon', 'nonsense'],
    ['space in the name', 'X Y: v'],
    ['no name', ': v'],
    ['a fold before the colon', 'X-Internal\r\n : v'],
    ['a bare LF', 'Subject: a\nVia: b'],
    ['a bare CR', 'Subject: a\rVia: b'],
    ['NUL', 'Subject: a\0b'],
    ['another control character', 'Subject: a\u0007b'],
    ['CR behind a backslash', 'Subject: "a\\\rb"'],
  ])('refused: %s', (_what, line) => {
    expect(refusal(text([...mandatory, line])).status).toBe(400);
  });

  test('a quoted-pair may be a control character', () => {
    expect(parse('Subject: "a\\\0b"').headers.get('Subject')).toBe('"a\\\0b"');
  });

  test('the first line cannot be a fold', () => {
    expect(refusal(text([' folded', ...mandatory])).status).toBe(400);
  });

  test('bytes that are no UTF-8 come out as they went in', () => {
    const line = Buffer.from([...Buffer.from('Subject: '), 0xff, 0x80, 0xc3, 0xa9, 0xc3, 0xed, 0xa0, 0x80]);
    const bytes = Buffer.concat([text(mandatory).subarray(0, -2), line, Buffer.from('\r\n\r\n')]);
    const message = parseMessage(bytes);
    expect(message.headers.get('Subject')).toContain('é');
    expect(Buffer.from(printMessage(message)).includes(line)).toBe(true);
  });
});

describe('mandatory headers', () => {
  test.each(['Via', 'From', 'To', 'Call-ID', 'CSeq'])('%s is missed', (name) => {
    const error = refusal(text(mandatory.filter((line) => !line.startsWith(name))));
    expect(error.status).toBe(400);
    expect(error.partial !== undefined).toBe(name !== 'Via');
  });

  test.each(['f: <sip:mallory@example.com>;tag=m', 't: <sip:x@y>', 'i: 2', 'CSeq: 2 OPTIONS', 'Max-Forwards: 1\r\nMax-Forwards: 2'])(
    'a second one is refused, by whatever name: %s',
    (line) => {
      expect(refusal(text([...mandatory, line]))).toMatchObject({ status: 400, partial: { method: 'OPTIONS' } });
    },
  );

  test.each(['4294967296 OPTIONS', '-1 OPTIONS', '1', 'x OPTIONS', '1 INVITE', '1e3 OPTIONS', '1 OPT IONS', ''])('CSeq: %s', (cseq) => {
    expect(refusal(text([...mandatory.slice(0, 4), `CSeq: ${cseq}`])).status).toBe(400);
  });

  test('CSeq up to 2^32-1', () => {
    expect(parseMessage(text([...mandatory.slice(0, 4), 'CSeq: 4294967295 OPTIONS'])).headers.cseq.number).toBe(4_294_967_295);
  });

  test('a malformed ACK cannot be answered', () => {
    expect(refusal(text(mandatory, 'ACK sip:example.com SIP/2.0')).partial).toBeUndefined();
  });
});

describe('bodies', () => {
  test('Content-Length cuts off what follows', () => {
    expect(Buffer.from(parseMessage(text([...mandatory, 'l: 3'], undefined, 'bodyX')).body).toString()).toBe('bod');
  });

  test('without Content-Length the body is the rest', () => {
    expect(Buffer.from(parseMessage(text(mandatory, undefined, 'body')).body).toString()).toBe('body');
  });

  test.each(['4', '-1', '99999999999', '0x1', '', '3\r\nContent-Length: 3'])(
    'Content-Length: %s is refused, and can be answered',
    (length) => {
      expect(refusal(text([...mandatory, `Content-Length: ${length}`], undefined, 'abc'))).toMatchObject({
        status: 400,
        partial: { method: 'OPTIONS' },
      });
    },
  );

  test('a datagram may lack the empty line, but not the end of its last line', () => {
    const whole = text([...mandatory, 'Content-Length: 0']);
    expect(parseMessage(whole.subarray(0, -2))).toMatchObject({ method: 'OPTIONS' });
    expect(refusal(whole.subarray(0, -4)).status).toBe(400);
    expect(refusal(whole.subarray(0, -3)).status).toBe(400);
  });
});

describe('limits', () => {
  test('of octets', () => {
    expect(() => parseMessage(text(mandatory), { maxBytes: 100, maxHeaders: 10 })).toThrow(expect.objectContaining({ status: 513 }));
  });

  test('of header lines', () => {
    expect(() => parseMessage(text([...mandatory, 'a: b']), { maxBytes: 1000, maxHeaders: 5 })).toThrow(SipError);
  });
});

/** What is not linear does not come to its end here within the time of a test. */
describe('hostile messages of a megabyte are read to their end', () => {
  const many = (part: string) => part.repeat(Math.floor(1_000_000 / part.length));
  test.each([
    ['folds', `Subject: a${many('\r\n a')}`],
    ['folded parameters', `Contact: <sip:a@b>${many('\r\n ;a=b')}`],
    ['quotes', `Contact: ${many('"')}`],
    ['quotes and backslashes', `Contact: ${many('"\\"')}`],
    ['brackets', `Contact: ${many('<')}`],
    ['names before brackets', `Contact: ${many('a<,')}`],
    ['contacts', `Contact: ${many('<sip:a@b>,')}`],
    ['vias', `Via: ${many('SIP/2.0/UDP h,')}`],
    ['commas', `Contact: ${many(',')}`],
    ['parameters', `Contact: <sip:a@b>${many(';a=b')}`],
    ['URI parameters', `Contact: <sip:a@b${many(';a=b')}>`],
    ['escapes in a URI', `Contact: <sip:${many('%')}@b>`],
    ['spaces', `Contact: <sip:a@b>${many(' ')}x`],
    ['colons', `Contact: <sip:[${many(':')}x]>`],
    ['digits', `Contact: <sip:a@b:${many('9')}>`],
    ['lines without colon', many('a\r\n')],
    ['short header lines', many('a:\r\n')],
    ['bytes that are no UTF-8', `Subject: ${many('\u00ff')}`],
  ])('%s', (_what, line) => {
    const bytes = text([...mandatory, line]);
    try {
      const { contacts, vias } = parseMessage(bytes, { maxBytes: 2_000_000, maxHeaders: 1_000_000 }).headers;
      expect([contacts, vias]).toBeDefined();
    } catch (error) {
      expect(error).toBeInstanceOf(SipError);
    }
  });
});

describe('what browsers send', () => {
  test.each(['jssip', 'sipjs'] as const)('every frame of a %s call comes out as it went in', (client) => {
    const frames = captured(client);
    expect(frames.length).toBeGreaterThan(30);
    for (const { bytes } of frames) expect(Buffer.from(printMessage(parseMessage(bytes))).toString()).toBe(Buffer.from(bytes).toString());
  });

  test('typed accessors read a JsSIP registration', () => {
    const { headers } = parseMessage(captured('jssip')[0]?.bytes ?? new Uint8Array());
    expect(headers.topVia).toMatchObject({ transport: 'WS', host: 'jev4bo0jijht.invalid', port: null });
    const [contact] = headers.contacts;
    expect(contact).toMatchObject({ uri: { user: '8jemvje9', host: 'jev4bo0jijht.invalid' } });
    expect([headers.expires, headers.maxForwards, headers.fromTag, headers.toTag]).toEqual([300, 69, 'l9be84eu9q', undefined]);
    expect(headers.tokens('Supported')).toEqual(['path', 'gruu', 'outbound']);
  });
});
