import { describe, expect, test } from 'vitest';
import { Headers } from '../../../../src/sip/message/headers.ts';
import { SipError } from '../../../../src/sip/message/sip-error.ts';

const entriesOf = (headers: Headers) => [...headers.entries()];

describe('fields', () => {
  test('keep their order, and canonical names', () => {
    const headers = new Headers([
      ['call-id', '1'],
      ['CSEQ', '1 BYE'],
      ['v', 'x'],
      ['X-Own', 'y'],
    ]);
    expect(entriesOf(headers)).toEqual([
      ['Call-ID', '1'],
      ['CSeq', '1 BYE'],
      ['Via', 'x'],
      ['X-Own', 'y'],
    ]);
  });

  test('set replaces all where the first stood', () => {
    const headers = new Headers([
      ['Via', 'a'],
      ['To', 't'],
      ['Via', 'b'],
      ['From', 'f'],
    ]);
    headers.set('v', 'c', 'd');
    expect(entriesOf(headers)).toEqual([
      ['Via', 'c'],
      ['Via', 'd'],
      ['To', 't'],
      ['From', 'f'],
    ]);
    expect(entriesOf(headers.set('Subject', 's')).at(-1)).toEqual(['Subject', 's']);
  });

  test('prepend, append, delete, has, get, getAll', () => {
    const headers = new Headers([['Route', 'b']]).prepend('Route', 'a').append('Route', 'c').append('To', 't');
    expect([headers.get('route'), headers.getAll('Route'), headers.has('To'), headers.size]).toEqual(['a', ['a', 'b', 'c'], true, 4]);
    expect(headers.delete('Route').has('Route')).toBe(false);
    expect(headers.get('Route')).toBeUndefined();
    expect(headers.getAll('Route')).toEqual([]);
  });

  test('a clone is independent', () => {
    const headers = new Headers([['To', '<sip:a@b>']]);
    const copy = headers.clone().set('To', '<sip:c@d>');
    expect([headers.to.uri, copy.to.uri]).toMatchObject([{ user: 'a' }, { user: 'c' }]);
  });

  test('print', () => {
    expect(new Headers([['t', '<sip:a@b>']]).append('Subject', '').print()).toBe('To: <sip:a@b>\r\nSubject: \r\n');
  });
});

describe('typed accessors', () => {
  test('parse once, and again after a change', () => {
    const headers = new Headers([['From', '<sip:a@b>;tag=1']]);
    expect(headers.from).toBe(headers.from);
    expect(headers.set('From', '<sip:a@b>;tag=2').fromTag).toBe('2');
  });

  test.each(['callId', 'cseq', 'from', 'to', 'topVia', 'fromTag', 'toTag'] as const)('%s throws when it is missing', (accessor) => {
    expect(() => new Headers()[accessor]).toThrow(SipError);
  });

  test('are undefined or empty when optional ones are missing', () => {
    const { maxForwards, expires, contentType, contentLength, contacts, routes, recordRoutes, paths, vias } = new Headers();
    expect([maxForwards, expires, contentType, contentLength]).toEqual([undefined, undefined, undefined, undefined]);
    expect([contacts, routes, recordRoutes, paths, vias]).toEqual([[], [], [], [], []]);
  });

  test('lists run over lines and commas', () => {
    const headers = new Headers([
      ['Route', '<sip:a;lr>, "x, <y>" <sip:b;lr>'],
      ['Route', '<sip:c,d@e;lr>'],
    ]);
    expect(headers.routes.map(({ uri }) => typeof uri === 'object' && uri.host)).toEqual(['a', 'b', 'e']);
    expect(headers.routes[1]?.displayName).toBe('x, <y>');
  });

  test('tokens drops empty elements', () => {
    const headers = new Headers([
      ['Allow', 'INVITE, ,ACK,'],
      ['Allow', ''],
    ]);
    expect(headers.tokens('Allow')).toEqual(['INVITE', 'ACK']);
  });

  test('Contact: *', () => {
    expect(new Headers([['Contact', '*']]).contacts).toBe('*');
    expect(
      () =>
        new Headers([
          ['Contact', '*'],
          ['Contact', '<sip:a@b>'],
        ]).contacts,
    ).toThrow(SipError);
  });

  test('a list of more than 200 elements is refused', () => {
    const headers = (count: number) => new Headers([['Contact', Array(count).fill('<sip:a@b>').join(',')]]);
    expect(headers(200).contacts).toHaveLength(200);
    expect(() => headers(201).contacts).toThrow(SipError);
  });

  test('numbers', () => {
    expect(new Headers([['Expires', '99999999999999999999']]).expires).toBe(4_294_967_295);
    for (const expires of ['-1', '1.5', '', 'never']) expect(() => new Headers([['Expires', expires]]).expires).toThrow(SipError);
    expect(new Headers([['Max-Forwards', '0068']]).maxForwards).toBe(68);
    expect(() => new Headers([['Max-Forwards', '256']]).maxForwards).toThrow(SipError);
  });

  test('Content-Type without parameters, in lower case', () => {
    expect(new Headers([['c', 'Application/SDP ; charset=utf-8']]).contentType).toBe('application/sdp');
  });

  test.each(['', 'a b', 'a\tb'])('Call-ID cannot be "%s"', (callId) => {
    expect(() => new Headers([['Call-ID', callId]]).callId).toThrow(SipError);
  });
});
