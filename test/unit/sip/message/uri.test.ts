import { describe, expect, test } from 'vitest';
import { SipError } from '../../../../src/sip/message/sip-error.ts';
import {
  escapeUser,
  parseAnyUri,
  parseHostPort,
  parseUri,
  percentDecode,
  printUri,
  sameUri,
  uriUser,
} from '../../../../src/sip/message/uri.ts';

describe('parseUri', () => {
  test('all parts', () => {
    const uri = parseUri('sips:alice:secret@EXAMPLE.com:5061;Transport=tcp;lr?Subject=x&Priority=y');
    expect(uri).toMatchObject({ scheme: 'sips', user: 'alice', password: 'secret', host: 'example.com', port: 5061 });
    expect([...uri.params]).toEqual([
      ['transport', 'tcp'],
      ['lr', null],
    ]);
    expect(uri.headers).toBe('Subject=x&Priority=y');
  });

  test('a host alone', () => {
    expect(parseUri('sip:example.com')).toMatchObject({ user: null, password: null, host: 'example.com', port: null, headers: null });
  });

  test('the user part may hold what ends other parts', () => {
    expect(parseUri('sip:a;b=c?d,e/f@host')).toMatchObject({ user: 'a;b=c?d,e/f', host: 'host' });
  });

  test('of a repeated parameter the first counts; names of object properties are harmless', () => {
    const { params } = parseUri('sip:h;a=1;a=2;__proto__=x');
    expect([params.get('a'), params.get('__proto__')]).toEqual(['1', 'x']);
  });

  test.each([
    'sip:',
    'sip:@host',
    'sip:a@',
    'sip:a@b@c',
    'sip:a b@c',
    'sip:a@b:',
    'sip:a@b:0x1',
    'sip:a@b:65536',
    'sip:a@b;',
    'sip:a@b;=x',
    'sip:a@b;;c',
    'sip:<a@b>',
    'sip:a@"b"',
    'sip:[::1',
    'sip:[::1]x',
    'sip:[example]',
    'sip:2001:db8::1',
    'sip:a@ho/st',
    'sip:a@b\u0000',
    'tel:+1555',
    'alice@example.com',
    '',
  ])('refuses %j', (text) => {
    expect(() => parseUri(text)).toThrow(SipError);
  });

  test.each(['sip:a@b', 'sips:a:@b', 'sip:[2001:db8::1]:5060;x=y', 'sip:h?a=b', 'sip:%41@h;gr=urn:uuid:1'])(
    'prints %s as it stands',
    (text) => {
      expect(printUri(parseUri(text))).toBe(text);
    },
  );
});

describe('parseAnyUri', () => {
  test('other schemes stay text', () => {
    expect(parseAnyUri('tel:+1-555')).toBe('tel:+1-555');
    expect(parseAnyUri('urn:service:sos')).toBe('urn:service:sos');
  });

  test.each(['nonsense', ':x', '1a:b', 'a b:c', 'tel:+1 555', 'sip:'])('refuses %j', (text) => {
    expect(() => parseAnyUri(text)).toThrow(SipError);
  });
});

describe('parseHostPort', () => {
  test.each([
    ['a:5', { host: 'a', port: 5 }],
    ['A', { host: 'A', port: null }],
    ['[::1]:5', { host: '::1', port: 5 }],
    ['[::1]', { host: '::1', port: null }],
    ['::1', undefined],
    ['', undefined],
    ['[]', undefined],
    ['a:', undefined],
    [':5', undefined],
  ])('%s', (text, expected) => {
    expect(parseHostPort(text)).toEqual(expected);
  });
});

describe('users', () => {
  test('unescaped', () => {
    expect(uriUser(parseUri('sip:j%40s%C3%B6n@h'))).toBe('j@sön');
    expect(uriUser(parseUri('sip:h'))).toBe('');
  });

  test('what is no escape stays', () => {
    expect(percentDecode('100%')).toBe('100%');
    expect(percentDecode('%ff%41')).toBe('%ffA');
  });

  test('escaped', () => {
    expect(escapeUser('+1 (555) ä@b/c?d;e:#%')).toBe('+1%20(555)%20%C3%A4%40b%2Fc%3Fd%3Be%3A%23%25');
    expect(percentDecode(escapeUser('+1 (555) ä@b/c?d;e:#%'))).toBe('+1 (555) ä@b/c?d;e:#%');
  });
});

describe('sameUri (RFC 3261 section 19.1.4)', () => {
  test.each([
    ['sip:%61lice@atlanta.com;transport=TCP', 'sip:alice@AtlanTa.CoM;Transport=tcp'],
    ['sip:carol@chicago.com', 'sip:carol@chicago.com;newparam=5'],
    ['sip:carol@chicago.com', 'sip:carol@chicago.com;security=on'],
    [
      'sip:biloxi.com;transport=tcp;method=REGISTER?to=sip:bob%40biloxi.com',
      'sip:biloxi.com;method=REGISTER;transport=tcp?to=sip:bob%40biloxi.com',
    ],
    ['sip:alice@atlanta.com?subject=project%20x&priority=urgent', 'sip:alice@atlanta.com?priority=urgent&subject=project%20x'],
  ])('%s equals %s', (a, b) => {
    expect(sameUri(parseUri(a), parseUri(b))).toBe(true);
    expect(sameUri(parseUri(b), parseUri(a))).toBe(true);
  });

  test.each([
    ['SIP:ALICE@AtLanTa.CoM;Transport=udp', 'sip:alice@AtLanTa.CoM;Transport=UDP'],
    ['sip:bob@biloxi.com', 'sip:bob@biloxi.com:5060'],
    ['sip:bob@biloxi.com', 'sip:bob@biloxi.com;transport=udp'],
    ['sip:bob@biloxi.com', 'sip:bob@biloxi.com:6000;transport=tcp'],
    ['sip:carol@chicago.com', 'sip:carol@chicago.com?Subject=next%20meeting'],
    ['sip:bob@phone21.boxesbybob.com', 'sip:bob@192.0.2.4'],
    ['sip:carol@chicago.com;security=on', 'sip:carol@chicago.com;security=off'],
    ['sip:a@b', 'sips:a@b'],
    ['sip:a:x@b', 'sip:a:y@b'],
    ['sip:a@b', 'sip:b'],
    ['sip:%00@b', 'sip:%00%00@b'],
  ])('%s differs from %s', (a, b) => {
    expect(sameUri(parseUri(a), parseUri(b))).toBe(false);
    expect(sameUri(parseUri(b), parseUri(a))).toBe(false);
  });
});
