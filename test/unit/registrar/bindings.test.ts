import { describe, expect, test } from 'vitest';
import type { HeaderList } from '../../../src/sip/incoming-request.ts';
import { connection } from './browser.ts';

import { contact, instance, jssip, outbound, setUp, statusOf } from './registrar-stage.ts';

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
