import { describe, expect, test } from 'vitest';
import { seededRandom } from '../../../src/base/random.ts';
import type { Binding } from '../../../src/location/location-store.ts';
import { MemoryLocationStore } from '../../../src/location/memory.ts';
import { Registrar, type RegistrarOptions } from '../../../src/registrar/registrar.ts';
import type { HeaderList } from '../../../src/sip/incoming-request.ts';
import type { Flow } from '../../../src/sip/message/flow.ts';
import { Headers } from '../../../src/sip/message/headers.ts';
import { parseMessage } from '../../../src/sip/message/parse.ts';
import { unquote } from '../../../src/sip/message/scanner.ts';
import { SipError } from '../../../src/sip/message/sip-error.ts';
import { credentialsOf } from '../../support/credentials.ts';
import { captured, rfc4475 } from '../../support/sip-fixtures.ts';
import { browserRequest, connection, incoming, type RequestParts, type Response } from './browser.ts';

const instance = 'urn:uuid:afc6ba8f-5e70-402a-a298-891b420a97f7';
const contact = (more = '', uri = 'sip:8jemvje9@jev4bo0jijht.invalid;transport=ws') => ['Contact', `<${uri}>${more}`] as const;
const outbound = ['Supported', 'path, gruu, outbound'] as const;
const jssip = (more = '', uri?: string) => contact(`;+sip.ice;reg-id=1;+sip.instance="<${instance}>"${more}`, uri);

function setUp(options: Partial<RegistrarOptions> = {}) {
  const location = new MemoryLocationStore();
  const events: string[] = [];
  const moves: Array<readonly [string | null, string | null]> = [];
  const registrar = new Registrar(
    {
      domain: 'example.com',
      credentials: credentialsOf('example.com', { alice: 'secret' }),
      algorithms: ['MD5'],
      nonceTtlMs: 300_000,
      attempts: { maxFailures: 10, windowMs: 60_000 },
      minExpiresSec: 30,
      maxExpiresSec: 600,
      maxContactsPerUser: 3,
      maxContactsPerAddress: 10,
      graceMs: 30_000,
      location,
      random: seededRandom(1),
      ...options,
    },
    {
      registered: (binding, previous) => {
        events.push(`registered ${binding.key}`);
        if (previous) moves.push([previous.flowId, binding.flowId]);
      },
      unregistered: (binding, cause) => events.push(`${cause} ${binding.key}`),
      authenticationFailed: () => {},
    },
  );
  const register = (flow: Flow, headers: HeaderList, now = 0, parts: RequestParts = {}): Response => {
    const request = incoming(browserRequest({ ...parts, headers }), flow);
    const error = refusalOf(() => registrar.receive(request, now));
    const [response = error, ...others] = request.responses;
    if (!response || others.length > 0) throw new Error('not one answer');
    return response;
  };
  const bindings = (): readonly Binding[] => location.bindingsOf('alice');
  return { registrar, location, events, moves, register, bindings };
}

/** The answer that the error stands for, if there is one. */
function refusalOf(work: () => void): Response | undefined {
  try {
    work();
    return undefined;
  } catch (error) {
    if (!(error instanceof SipError)) throw error;
    return { status: error.status, headers: new Headers(error.headers) };
  }
}

const statusOf = ({ status }: Response) => status;

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

describe('a binding', () => {
  test('keeps what calls need', () => {
    const { register, bindings, events } = setUp();
    register(connection('1'), [jssip(';expires=300'), outbound, ['Path', '<sip:a;lr;ob>, <sip:b;lr>'], ['User-Agent', 'JsSIP']], 5000, {
      callId: 'c',
      cseq: 7,
    });
    expect(bindings()).toMatchObject([
      {
        user: 'alice',
        key: `${instance};1`,
        contactUri: 'sip:8jemvje9@jev4bo0jijht.invalid;transport=ws',
        flowId: '1',
        remote: { host: '192.0.2.1', port: 4000 },
        instanceId: instance,
        regId: 1,
        path: ['<sip:a;lr;ob>', '<sip:b;lr>'],
        expiresAt: 305_000,
        userAgent: 'JsSIP',
        callId: 'c',
        cseq: 7,
      },
    ]);
    expect(events).toEqual([`registered ${instance};1`]);
  });

  test('of the same instance and reg-id replaces, whatever its contact and connection', () => {
    const { register, bindings, moves } = setUp();
    register(connection('1'), [jssip(), outbound]);
    register(connection('2'), [jssip('', 'sip:new@new.invalid'), outbound], 0, { callId: 'other' });
    expect(bindings()).toMatchObject([{ contactUri: 'sip:new@new.invalid', flowId: '2' }]);
    expect(moves).toEqual([['1', '2']]);
  });

  test('of another reg-id stands beside it', () => {
    const { register, bindings } = setUp();
    register(connection('1'), [jssip(), outbound]);
    register(connection('2'), [contact(`;reg-id=2;+sip.instance="<${instance}>"`), outbound]);
    expect(bindings().map(({ regId, flowId }) => [regId, flowId])).toEqual([
      [2, '2'],
      [1, '1'],
    ]);
  });

  test('without outbound goes by its contact, and moves with it', () => {
    const { register, bindings, moves } = setUp();
    register(connection('1'), [jssip()]);
    register(connection('2'), [contact('', 'sip:8jemvje9@JEV4bo0jijht.invalid;transport=WS')]);
    expect(bindings()).toMatchObject([{ flowId: '2', regId: null, key: 'sip:8jemvje9@jev4bo0jijht.invalid;transport=ws' }]);
    expect(moves).toEqual([['1', '2']]);
  });

  test('its GRUU stays the same', () => {
    const { register, bindings } = setUp();
    const gruus = [1, 2].map(() => {
      register(connection('1'), [jssip(), outbound]);
      return bindings()[0]?.gruu;
    });
    expect(gruus[0]).toBe(gruus[1]);
  });

  test('an instance id cannot break out of its GRUU', () => {
    const { register, bindings } = setUp();
    register(connection('1'), [contact(`;reg-id=1;+sip.instance="<x;y>z@\u00e4\udc80>"`), outbound]);
    expect(bindings()[0]?.gruu).toBe('sip:alice@example.com;gr=x%3By%3Ez%40%C3%A4%80');
  });
});

describe('the life of a binding', () => {
  test.each<[HeaderList, number]>([
    [[contact(';expires=100'), ['Expires', '200']], 100],
    [[contact(), ['Expires', '200']], 200],
    [[contact()], 600],
    [[contact(';expires=7200')], 600],
    [[contact(';expires=never')], 600],
    [[contact(';expires=99999999999999999999')], 600],
    [[contact(), ['Expires', '4294967296']], 600],
  ])('%j lasts %i s', (headers, seconds) => {
    const { register, bindings } = setUp();
    register(connection('1'), headers);
    expect(bindings()[0]?.expiresAt).toBe(seconds * 1000);
  });

  test('shorter than the minimum is refused, with the minimum', () => {
    const { register, bindings } = setUp();
    const { status, headers } = register(connection('1'), [contact(';expires=29')]);
    expect([status, headers.get('Min-Expires'), bindings()]).toEqual([423, '30', []]);
  });

  test('ends when its time is over', () => {
    const { register, registrar, bindings, events } = setUp();
    register(connection('1'), [contact(';expires=100')]);
    expect(registrar.deadline).toBe(100_000);
    registrar.expire(99_999);
    expect(bindings()).toHaveLength(1);
    registrar.expire(100_000);
    expect([bindings(), events.at(-1), registrar.deadline]).toEqual([[], expect.stringContaining('expired'), Infinity]);
  });

  test('ends with Expires: 0', () => {
    const { register, bindings, events } = setUp();
    register(connection('1'), [contact()]);
    expect(register(connection('1'), [contact(), ['Expires', '0']]).headers.has('Contact')).toBe(false);
    expect([bindings(), events.at(-1)]).toEqual([[], expect.stringContaining('unregistered')]);
    expect(statusOf(register(connection('1'), [contact(';expires=0')]))).toBe(200);
    expect(events).toHaveLength(2);
  });

  test('ends, with all others, by *', () => {
    const { register, bindings, events } = setUp();
    register(connection('1'), [contact()]);
    register(connection('2'), [jssip('', 'sip:b@b.invalid'), outbound]);
    expect(statusOf(register(connection('3'), [['Contact', '*']]))).toBe(400);
    expect(
      statusOf(
        register(connection('3'), [
          ['Contact', '*'],
          ['Expires', '10'],
        ]),
      ),
    ).toBe(400);
    expect(bindings()).toHaveLength(2);
    expect(
      statusOf(
        register(connection('3'), [
          ['Contact', '*'],
          ['Expires', '0'],
        ]),
      ),
    ).toBe(200);
    expect([bindings(), events.filter((event) => event.startsWith('unregistered')).length]).toEqual([[], 2]);
  });
});

describe('a lost connection', () => {
  test('leaves a binding that leads nowhere, until the grace is over', () => {
    const { register, registrar, bindings, events, location } = setUp();
    register(connection('1'), [jssip(), outbound]);
    registrar.flowClosed('1', 1000);
    expect(bindings()).toMatchObject([{ flowId: null, expiresAt: 31_000 }]);
    expect([location.byFlow('1'), events.at(-1)]).toEqual([[], `flow-closed ${instance};1`]);
    expect(register(connection('2'), []).headers.has('Contact')).toBe(false);
    registrar.expire(31_000);
    expect([bindings(), events.length]).toEqual([[], 2]);
  });

  test('is remembered when the browser comes back', () => {
    const { register, registrar, bindings, moves } = setUp();
    register(connection('1'), [jssip(), outbound]);
    registrar.flowClosed('1', 1000);
    register(connection('2'), [jssip(), outbound], 2000);
    expect([bindings().map(({ flowId }) => flowId), moves]).toEqual([['2'], [[null, '2']]]);
  });

  test('does not lengthen a binding that ends sooner', () => {
    const { register, registrar, bindings } = setUp();
    register(connection('1'), [contact(';expires=30')]);
    registrar.flowClosed('1', 20_000);
    expect(bindings()[0]?.expiresAt).toBe(30_000);
  });

  test('of a page reloaded over and over leaves room for the next, and no heap', () => {
    const { register, registrar, bindings } = setUp();
    for (let load = 0; load < 20; load++) {
      expect(statusOf(register(connection(`${load}`), [contact('', `sip:${load}@x.invalid`)]))).toBe(200);
      registrar.flowClosed(`${load}`, load);
    }
    expect(bindings().length).toBe(3);
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
