import { describe, expect, test } from 'vitest';
import { parseNameAddr, printNameAddr } from '../../../../src/sip/message/name-addr.ts';
import { quoted, unquote } from '../../../../src/sip/message/scanner.ts';
import { SipError } from '../../../../src/sip/message/sip-error.ts';
import { parseVia, printVia } from '../../../../src/sip/message/via.ts';

describe('name-addr', () => {
  test.each([
    ['<sip:a@b>', null],
    ['sip:a@b', null],
    ['Alice <sip:a@b>', 'Alice'],
    ['Alice B. O’Hara <sip:a@b>', 'Alice B. O’Hara'],
    ['"Alice, \\"A\\" <x>;y" <sip:a@b>', 'Alice, "A" <x>;y'],
    ['""<sip:a@b>', ''],
    ['Alice<sip:a@b>', 'Alice'],
    ['  "x"  < sip:a@b >  ', 'x'],
  ])('%s', (text, displayName) => {
    expect(parseNameAddr(text)).toMatchObject({ displayName, uri: { user: 'a', host: 'b' } });
  });

  test('parameters of the URI and of the address', () => {
    const bracketed = parseNameAddr('<sip:a@b;x=1>;y = "2;3" ; z');
    expect(bracketed.uri).toMatchObject({ params: new Map([['x', '1']]) });
    expect([...bracketed.params]).toEqual([
      ['y', '"2;3"'],
      ['z', null],
    ]);
    expect([...parseNameAddr('sip:a@b;tag=1').params]).toEqual([['tag', '1']]);
  });

  test('other schemes stay text', () => {
    expect(parseNameAddr('<tel:+1555;ext=1>;tag=2')).toMatchObject({ uri: 'tel:+1555;ext=1' });
  });

  test.each([
    '',
    '<>',
    '<sip:a@b',
    'sip:a@b>',
    '"x <sip:a@b>',
    '"x" sip:a@b',
    'a, b <sip:a@b>',
    '<sip:a@b> x',
    '<sip:a@b>;',
    '<sip:a@b>;;x',
    '<sip:a@b>;x=',
    '<sip:a@b>;=x',
    'sip:a@b?c=d',
    '<sip:a@b>,<sip:c@d>',
    '<<sip:a@b>>',
  ])('refuses %j', (text) => {
    expect(() => parseNameAddr(text)).toThrow(SipError);
  });

  test('prints with brackets and quotes, and no line end ever', () => {
    expect(printNameAddr(parseNameAddr('Alice <sip:a@b>;tag=1'))).toBe('"Alice" <sip:a@b>;tag=1');
    expect(printNameAddr({ ...parseNameAddr('<sip:a@b>'), displayName: 'x"\\\r\nVia: y' })).toBe('"x\\"\\\\  Via: y" <sip:a@b>');
  });

  test('quoting and unquoting', () => {
    for (const text of ['', 'a', 'a"b', 'a\\b', '\u0007', 'é "\\"']) expect(unquote(quoted(text))).toBe(text);
    expect(unquote('token')).toBe('token');
  });
});

describe('Via', () => {
  test.each([
    ['SIP/2.0/UDP a.example', { transport: 'UDP', host: 'a.example', port: null }],
    ['sip / 2.0 / ws   a.invalid : 80 ; branch = z', { transport: 'WS', host: 'a.invalid', port: 80 }],
    ['SIP/2.0/TCP [2001:db8::1]:5060;rport', { transport: 'TCP', host: '2001:db8::1', port: 5060 }],
    ['SIP/2.0/TCP [2001:db8::1] ;rport', { transport: 'TCP', host: '2001:db8::1', port: null }],
    ['SIP/2.0/UDP a: 5060', { transport: 'UDP', host: 'a', port: 5060 }],
  ])('%s', (text, expected) => {
    expect(parseVia(text)).toMatchObject(expected);
  });

  test.each(['', 'SIP/2.0/UDP', 'SIP/2.0 UDP a', 'SIP/2.0/UDP a b', 'SIP/2.0/UDP a:', 'SIP/2.0/UDP a;;b', 'SIP/2.0/UDP 2001::1'])(
    'refuses %j',
    (text) => {
      expect(() => parseVia(text)).toThrow(SipError);
    },
  );

  test('prints', () => {
    expect(printVia(parseVia('sip/3.0/udp a'))).toBe('SIP/3.0/UDP a');
    expect(printVia(parseVia('SIP / 2.0/ws  [::1] : 5;a = "b c" ;rport'))).toBe('SIP/2.0/WS [::1]:5;a="b c";rport');
  });
});
