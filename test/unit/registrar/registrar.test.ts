import { describe, expect, test } from 'vitest';
import type { HeaderList } from '../../../src/sip/incoming-request.ts';
import { parseMessage } from '../../../src/sip/message/parse.ts';
import { unquote } from '../../../src/sip/message/scanner.ts';
import { captured, rfc4475 } from '../../support/sip-fixtures.ts';
import { browserRequest, connection, incoming, type RequestParts, type Response } from './browser.ts';

import { contact, instance, jssip, outbound, refusalOf, setUp, statusOf } from './registrar-stage.ts';

describe('the answer', () => {
  test('to JsSIP is what JsSIP expects', () => {
    const { register } = setUp();
    const { status, headers } = register(connection('1'), [jssip(';expires=300'), outbound]);
    const [own, ...others] = headers.contacts === '*' ? [] : headers.contacts;
    expect([status, others]).toEqual([200, []]);
    expect(own?.uri).toMatchObject({ user: '8jemvje9', host: 'jev4bo0jijht.invalid' });
    expect(own?.params.get('+sip.instance')).toBe(`"<${instance}>"`);
    expect([own?.params.get('reg-id'), own?.params.get('expires')]).toEqual(['1', '300']);
    expect(unquote(own?.params.get('pub-gruu') ?? '')).toBe(`sip:alice@example.com;gr=${instance}`);
    expect(own?.params.has('temp-gruu')).toBe(false);
    expect(headers.get('Require')).toBe('outbound');
  });

  test('has what the reference answered to the captured REGISTER, and nothing of ours that it lacks but Require; no temporary GRUU', () => {
    const [, , registered, ok] = captured('jssip').map(({ bytes }) => parseMessage(bytes));
    if (registered?.kind !== 'request' || ok?.kind !== 'response') throw new Error('the capture has changed');
    const { registrar } = setUp({ domain: 'gw.example' });
    const request = incoming(registered, connection('1'));
    registrar.receive(request, 0);
    const paramsOf = (headers: Response['headers']) =>
      (headers.contacts === '*' ? [] : [...(headers.contacts[0]?.params.keys() ?? [])]).sort();
    expect(request.responses.map(statusOf)).toEqual([200]);
    expect(paramsOf(request.responses[0]?.headers ?? ok.headers)).toEqual(
      paramsOf(ok.headers).filter((name) => name !== 'received' && name !== 'temp-gruu'),
    );
  });

  test('lists all contacts, one a field, with the seconds that are left', () => {
    const { register } = setUp();
    register(connection('1'), [contact(';expires=100')]);
    const { headers } = register(connection('2'), [contact(';expires=200', 'sip:b@b.invalid')], 40_500);
    expect(headers.getAll('Contact')).toEqual([
      '<sip:b@b.invalid>;expires=200',
      '<sip:8jemvje9@jev4bo0jijht.invalid;transport=ws>;expires=60',
    ]);
    expect(register(connection('3'), [], 50_000).headers.getAll('Contact')).toHaveLength(2);
  });

  test('has GRUUs and Path only for who supports them', () => {
    const { register } = setUp();
    const path = ['Path', '<sip:edge.example;lr;ob>'] as const;
    const plain = register(connection('1'), [jssip(), path]);
    expect([plain.headers.get('Contact'), plain.headers.has('Path'), plain.headers.has('Require')]).toEqual([
      expect.not.stringContaining('gruu'),
      false,
      false,
    ]);
    expect(register(connection('1'), [jssip(), path, outbound]).headers.get('Path')).toBe('<sip:edge.example;lr;ob>');
  });

  test('parameters of the contact stay out of its URI, and those of the URI in it', () => {
    const { register, bindings } = setUp();
    register(connection('1'), [contact(';unknownparam')]);
    register(connection('1'), [contact('', 'sip:b@b.invalid;unknownparam?Route=%3Csip:x%3E')]);
    expect(bindings().map(({ contactUri }) => contactUri)).toEqual([
      'sip:b@b.invalid;unknownparam?Route=%3Csip:x%3E',
      'sip:8jemvje9@jev4bo0jijht.invalid;transport=ws',
    ]);
  });

  test('escaped NULs are two different contacts', () => {
    const message = rfc4475().find(({ name }) => name === 'escnull');
    const request = parseMessage(message?.bytes ?? new Uint8Array());
    if (request.kind !== 'request') throw new Error('not a request');
    const { registrar, location } = setUp();
    const name = 'null-\0-null';
    const register = { ...incoming(request, connection('1'), name) };
    registrar.receive(register, 0);
    expect(location.bindingsOf(name).map(({ contactUri }) => contactUri)).toEqual([
      'sip:%00%00@host5.example.com',
      'sip:%00@host5.example.com',
    ]);
  });
});

describe('refused', () => {
  test.each<[number, string, HeaderList, RequestParts]>([
    [403, 'another user’s address', [contact()], { to: '<sip:bob@example.com>' }],
    [404, 'another domain', [contact()], { to: '<sip:alice@elsewhere.example>' }],
    [400, 'an address that is no SIP URI', [contact()], { to: '<tel:+1555>' }],
    [403, 'a contact that is no SIP URI', [['Contact', '<mailto:a@b>']], {}],
    [403, 'a contact that is the address itself', [['Contact', '<sip:alice@example.com>']], {}],
    [403, 'a contact that is a GRUU', [['Contact', '<sip:tgruu.x@example.com;gr>']], {}],
    [400, 'a contact outside of brackets', [['Contact', 'sip:a@b?Route=x']], {}],
    [400, 'reg-id 0', [contact(`;reg-id=0;+sip.instance="<x>"`), outbound], {}],
    [400, 'reg-id 2^31', [contact(`;reg-id=2147483648;+sip.instance="<x>"`), outbound], {}],
    [400, 'a malformed instance id', [contact(`;reg-id=1;+sip.instance="x"`), outbound], {}],
    [400, 'reg-id among several contacts', [jssip(), contact('', 'sip:b@b'), outbound], {}],
    [439, 'outbound over a hop that does not know it', [['Via', 'SIP/2.0/UDP a'], jssip(), outbound], {}],
    [403, 'more contacts than allowed', [1, 2, 3, 4].map((n) => contact('', `sip:${n}@b`)), {}],
  ])('%i: %s', (status, _what, headers, parts) => {
    const { register, bindings, events } = setUp();
    expect(statusOf(register(connection('1'), headers, 0, parts))).toBe(status);
    expect([bindings(), events]).toEqual([[], []]);
  });

  test('a trunk that registers', () => {
    const request = incoming(browserRequest({ headers: [contact()] }), connection('1'));
    const { registrar } = setUp();
    expect(refusalOf(() => registrar.receive({ ...request, identity: { kind: 'trunk', trunk: 't' } }, 0))?.status).toBe(403);
  });

  test('a REGISTER that was overtaken', () => {
    const { register, bindings } = setUp();
    register(connection('1'), [contact(';expires=100')], 0, { callId: 'c', cseq: 5 });
    expect(statusOf(register(connection('1'), [contact(';expires=0')], 0, { callId: 'c', cseq: 5 }))).toBe(500);
    expect(
      statusOf(
        register(
          connection('1'),
          [
            ['Contact', '*'],
            ['Expires', '0'],
          ],
          0,
          { callId: 'c', cseq: 4 },
        ),
      ),
    ).toBe(500);
    expect(bindings()).toHaveLength(1);
    expect(statusOf(register(connection('1'), [contact(';expires=0')], 0, { callId: 'other', cseq: 1 }))).toBe(200);
  });

  test('one contact too many: the others stay, and can be renewed', () => {
    const { register, bindings } = setUp();
    for (const n of [1, 2, 3]) register(connection('1'), [contact('', `sip:${n}@b`)]);
    expect(statusOf(register(connection('1'), [contact('', 'sip:4@b')]))).toBe(403);
    expect(statusOf(register(connection('1'), [contact('', 'sip:3@b')]))).toBe(200);
    expect(bindings()).toHaveLength(3);
  });

  test('one contact too many of one address', () => {
    const { register } = setUp({ maxContactsPerAddress: 1 });
    register(connection('1'), [contact('', 'sip:1@b')]);
    expect(statusOf(register(connection('1'), [contact('', 'sip:2@b')]))).toBe(403);
    expect(statusOf(register(connection('2', '192.0.2.2'), [contact('', 'sip:2@b')]))).toBe(200);
  });

  test('one bad contact of two: neither is bound', () => {
    const { register, bindings } = setUp();
    expect(statusOf(register(connection('1'), [contact(), ['Contact', '<mailto:a@b>']]))).toBe(403);
    expect(bindings()).toEqual([]);
  });
});

test('a domain is the same in capitals', () => {
  const { register } = setUp({ domain: 'Example.COM' });
  expect(statusOf(register(connection('1'), [contact()]))).toBe(200);
});

test('over a hop that supports outbound, reg-id counts', () => {
  const { register, bindings } = setUp();
  register(connection('1'), [['Via', 'SIP/2.0/UDP a'], ['Path', '<sip:token@edge;lr;ob>'], jssip(), outbound]);
  expect(bindings()).toMatchObject([{ regId: 1, path: ['<sip:token@edge;lr;ob>'] }]);
});
