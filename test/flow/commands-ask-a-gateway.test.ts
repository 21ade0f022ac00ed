/** The commands that act on a running gateway, against one. */

import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { runCommandLine } from '../../src/cli/program.ts';
import { ApiStage } from '../support/api-stage.ts';
import { until } from '../support/until.ts';
import type { WebSocketPhone } from '../support/websocket-phone.ts';
import { FakeEnvironment } from '../unit/cli/fake-environment.ts';

let stage: ApiStage;
let phone: WebSocketPhone;
let environment: FakeEnvironment;

beforeAll(async () => {
  stage = await ApiStage.open();
  stage.trunk.onCall = (call) => call.answer();
  phone = await stage.phone();
});

beforeEach(() => {
  environment = new FakeEnvironment();
});

afterAll(() => stage.close());

function offhook(...args: string[]): Promise<number> {
  return runCommandLine([...args, '--url', stage.url], environment);
}

describe('offhook calls', () => {
  test('lists, shows and hangs up', async () => {
    expect(await offhook('calls')).toBe(0);
    expect(environment.printed).toBe('No calls.\n');
    const call = await phone.call('5590');
    await call.established();
    environment.printed = '';
    await offhook('calls');
    const [headings, row] = environment.printed.split('\n');
    expect(headings).toMatch(/^call +state +direction +user +number +trunk +duration +MOS$/);
    expect(row).toMatch(/^\w+ +answered +outbound +alice +5590 +carrier +0:0/);
    const callId = row?.split(' ')[0] ?? '';
    environment.printed = '';
    await offhook('calls', 'show', callId);
    expect(environment.printed).toContain('alice to 5590 through carrier: answered');
    expect(await offhook('calls', 'hang-up', callId)).toBe(0);
    await call.requested('BYE');
    environment.printed = '';
    expect(await offhook('explain', callId)).toBe(0);
    expect(environment.printed).toMatch(/^(info|warning|problem)/);
    await until('the record', async () => {
      environment.printed = '';
      await offhook('records', '--number', '5590');
      return environment.printed.includes('operator');
    });
    environment.printed = '';
    await offhook('records', '--csv', '--from', '2020-01-01');
    expect(environment.printed).toContain(callId);
  });

  test('places a call', async () => {
    phone.onCall = (call) => void call.answer();
    expect(await offhook('calls', 'place', 'alice', '5591', '--json')).toBe(0);
    const { callId } = JSON.parse(environment.printed);
    await until('the call', () => stage.gateway.calls().some((call) => call.callId === callId && call.state === 'answered'));
    await offhook('calls', 'hang-up', callId);
  });

  test('says what is wrong in one sentence', async () => {
    expect(await offhook('calls', 'hang-up', 'nosuchcall')).toBe(1);
    expect(environment.complaints).toBe('there is no such call running\n');
    environment.complaints = '';
    expect(await runCommandLine(['calls', '--url', 'http://127.0.0.1:9'], environment)).toBe(1);
    expect(environment.complaints).toMatch(/^no gateway answers at http:\/\/127.0.0.1:9: .*Is it running\?/);
    environment.complaints = '';
    expect(await runCommandLine(['calls', '--url', 'localhost'], environment)).toBe(1);
    expect(environment.complaints).toContain('http://localhost:8080');
  });
});

test('offhook users', async () => {
  environment.variables = { OFFHOOK_PASSWORD: 'long enough' };
  expect(await offhook('users', 'add', 'carol', '--caller-id', '+15550123')).toBe(0);
  expect(environment.printed).toBe('carol may register now.\n');
  await (await stage.phone('carol', 'long enough')).close();
  environment.variables = {};
  expect(await offhook('users', 'change', 'carol', '--dtmf', 'info')).toBe(0);
  environment.printed = '';
  await offhook('users');
  expect(environment.printed).toMatch(/carol +\+15550123 +info +api/);
  expect(await offhook('users', 'remove', 'carol')).toBe(0);
  expect(await offhook('users', 'change', 'carol')).toBe(1);
  expect(await offhook('users', 'add', 'dave')).toBe(1);
  expect(environment.complaints).toContain('a password is needed');
  expect(environment.complaints).toContain('nothing to change');
});

test('offhook trunks', async () => {
  expect(await offhook('trunks', 'test', 'carrier')).toBe(0);
  expect(environment.printed).toMatch(/^carrier: 200 OK after [0-9.]+ ms\n$/);
  await offhook('trunks', 'disable', 'carrier');
  environment.printed = '';
  await offhook('trunks');
  expect(environment.printed).toMatch(/carrier +sip:127\.0\.0\.1:\d+;transport=udp +no +not asked/);
  expect(await offhook('trunks', 'enable', 'carrier')).toBe(0);
});

test('offhook drain', async () => {
  expect(await offhook('drain', '--deadline', 'soon')).toBe(1);
  expect(await offhook('drain', '--deadline', '60')).toBe(0);
  expect(environment.printed).toContain('No more calls.');
  expect(stage.gateway.state).toBe('draining');
});
