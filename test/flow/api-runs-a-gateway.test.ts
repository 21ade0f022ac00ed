/** The API of a gateway that has a phone, a trunk and calls between them. */

import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { callDetailSchema, callListSchema } from '../../src/api/resources/calls.ts';
import { findingListSchema } from '../../src/api/resources/findings.ts';
import { nodeSchema } from '../../src/api/resources/node.ts';
import { recordPageSchema } from '../../src/api/resources/records.ts';
import { traceSchema } from '../../src/api/resources/traces.ts';
import type { CallRecord } from '../../src/events/gateway-events.ts';
import { ApiStage } from '../support/api-stage.ts';
import type { PhoneCall } from '../support/phone-call.ts';
import { until } from '../support/until.ts';
import type { WebSocketPhone } from '../support/websocket-phone.ts';

let stage: ApiStage;
let phone: WebSocketPhone;
const ended: CallRecord[] = [];

beforeAll(async () => {
  stage = await ApiStage.open();
  stage.gateway.events.on('call.ended', (record) => ended.push(record));
  phone = await stage.phone();
});

afterEach(async () => {
  for (const { callId } of callsOf(await stage.ask('/calls'))) await stage.ask(`/calls/${callId}`, { method: 'DELETE' });
  await until('all calls to be over', async () => callsOf(await stage.ask('/calls')).length === 0);
  stage.trunk.reset();
});

afterAll(() => stage.close());

function callsOf({ json }: { json: unknown }) {
  return callListSchema.parse(json).calls;
}

async function talking(number = '5551'): Promise<PhoneCall> {
  stage.trunk.onCall = (call) => call.answer();
  const call = await phone.call(number);
  await call.established();
  return call;
}

describe('calls', () => {
  test('are listed, shown with their quality, and hung up', async () => {
    const call = await talking('5551');
    const [listed] = callsOf(await stage.ask('/calls'));
    expect(listed).toMatchObject({ direction: 'outbound', user: 'alice', number: '5551', trunk: 'carrier', state: 'answered' });
    const callId = listed?.callId ?? '';
    const detail = await until('the media', async () => {
      const seen = callDetailSchema.parse((await stage.ask(`/calls/${callId}`)).json);
      return seen.quality.length > 0 && seen.media ? seen : undefined;
    });
    expect(detail.media?.profile).toContain('SRTP');
    expect((await stage.ask(`/calls/${callId}`, { method: 'DELETE' })).status).toBe(204);
    await call.requested('BYE');
    await until('its end', () => ended.find((record) => record.callId === callId && record.end.cause === 'operator'));
    expect((await stage.ask(`/calls/${callId}`)).status).toBe(404);
    expect((await stage.ask(`/calls/${callId}`, { method: 'DELETE' })).status).toBe(404);
  });

  test('keep their trace, findings and record', async () => {
    const call = await talking('5552');
    const callId = callsOf(await stage.ask('/calls'))[0]?.callId ?? '';
    await call.bye();
    await until('its end', () => ended.some((record) => record.callId === callId));
    const trace = traceSchema.parse((await stage.ask(`/calls/${callId}/trace`)).json);
    expect(trace.entries.some((entry) => entry.kind === 'sip' && entry.firstLine.startsWith('INVITE'))).toBe(true);
    expect((await stage.ask(`/calls/${callId}/trace.txt`)).text).toContain('INVITE sip:');
    expect((await stage.ask(`/calls/${callId}/trace.pcapng`)).headers.get('content-disposition')).toContain(`${callId}.pcapng`);
    expect(findingListSchema.parse((await stage.ask(`/calls/${callId}/findings`)).json).findings.length).toBeGreaterThan(0);
    const page = await until('the record', async () => {
      const found = recordPageSchema.parse((await stage.ask('/records?number=5552')).json);
      return found.records.length > 0 ? found : undefined;
    });
    expect(page.records[0]).toMatchObject({ callId, end: { cause: 'hung-up' } });
    expect((await stage.ask('/records.csv?number=5552')).text.split('\r\n')[1]).toContain(callId);
    expect((await stage.ask(`/records/${callId}`)).status).toBe(200);
    expect((await stage.ask('/records/nobody')).status).toBe(404);
  });
});

describe('a call on order', () => {
  test('rings the browser, dials when it answers, and both talk', async () => {
    phone.onCall = (call) => void call.answer();
    stage.trunk.onCall = (call) => call.ring();
    const { status, json } = await stage.ask('/calls', { method: 'POST', body: { user: 'alice', number: '5560' } });
    expect(status).toBe(202);
    const ringing = await stage.trunk.nextCall();
    // The browser has its answer while the trunk still rings: it would give up after 32 s else.
    const browser = phone.calls.at(-1);
    await browser?.requested('ACK');
    ringing.answer();
    await browser?.media.connected();
    const call = await until('the answer', async () => callsOf(await stage.ask('/calls')).find(({ state }) => state === 'answered'));
    expect({ callId: call.callId }).toEqual(json);
    expect(call).toMatchObject({ direction: 'outbound', user: 'alice', number: '5560', trunk: 'carrier' });
    await browser?.bye();
    await until('its end', () => ended.find((record) => record.callId === call.callId && record.end.cause === 'hung-up'));
  });

  test('is listed while the browser rings, and can be called off', async () => {
    phone.onCall = (call) => call.ring();
    const before = phone.calls.length;
    await stage.ask('/calls', { method: 'POST', body: { user: 'alice', number: '5561' } });
    const [call] = callsOf(await stage.ask('/calls'));
    expect(call).toMatchObject({ number: '5561', state: 'preparing' });
    const browser = await until('the browser', () => phone.calls[before]);
    expect((await stage.ask(`/calls/${call?.callId}`, { method: 'DELETE' })).status).toBe(204);
    await browser.requested('CANCEL');
    expect(callsOf(await stage.ask('/calls'))).toEqual([]);
  });

  test('rings every browser of the user until one answers; a number that is busy ends it', async () => {
    const other = await stage.phone();
    const before = [phone.calls.length, other.calls.length];
    phone.onCall = (call) => call.ring();
    other.onCall = (call) => call.ring();
    stage.trunk.onCall = (call) => call.reject(486, 'Busy Here');
    const { json } = await stage.ask('/calls', { method: 'POST', body: { user: 'alice', number: '5564' } });
    expect((await stage.ask('/calls', { method: 'POST', body: { user: 'alice', number: '5565' } })).status).toBe(409);
    const first = await until('the first browser', () => phone.calls[before[0] ?? 0]);
    const second = await until('the second browser', () => other.calls[before[1] ?? 0]);
    await second.answer();
    await first.requested('CANCEL');
    expect((await second.requested('BYE')).headers.some(([, value]) => value.includes('cause=486'))).toBe(true);
    await until('its end', () =>
      ended.find(({ callId, end }) => end.cause === 'busy' && JSON.stringify({ callId }) === JSON.stringify(json)),
    );
    await other.close();
    await until('its registration to end', async () => (await stage.ask('/users/alice')).text.includes('"contacts":1'));
  });

  test('that the browser declines is told as an event', async () => {
    phone.onCall = (call) => call.reject(603, 'Decline');
    const failed = new Promise<unknown>((resolve) => stage.gateway.events.once('call.order-failed', resolve));
    await stage.ask('/calls', { method: 'POST', body: { user: 'alice', number: '5562' } });
    expect(await failed).toMatchObject({ user: 'alice', number: '5562', status: 603 });
  });

  test.each([
    [{ user: 'nobody', number: '5563' }, 404],
    [{ user: 'alice', number: '1' }, 409],
    [{ user: 'alice', number: 'not a number' }, 400],
    [{ user: 'alice' }, 400],
    [{ user: 'alice', number: '5563', more: 1 }, 400],
  ])('%j is refused with %i', async (body, status) => {
    expect((await stage.ask('/calls', { method: 'POST', body })).status).toBe(status);
  });
});

describe('users and registrations', () => {
  test('a user is created, registers, gets another password, and is removed', async () => {
    const created = await stage.ask('/users', { method: 'POST', body: { name: 'bob', password: 'long enough' } });
    expect(created).toMatchObject({ status: 201, json: { name: 'bob', source: 'api', contacts: 0 } });
    expect(created.text).not.toContain('long enough');
    expect((await stage.ask('/users', { method: 'POST', body: { name: 'bob', password: 'long enough' } })).status).toBe(409);
    await stage.phone('bob', 'long enough');
    expect((await stage.ask('/users/bob')).json).toMatchObject({ contacts: 1 });
    expect((await stage.ask('/users/bob', { method: 'PUT', body: { password: 'another one' } })).status).toBe(200);
    await expect(stage.phone('bob', 'long enough')).rejects.toThrow();
    await stage.phone('bob', 'another one');
    expect((await stage.ask('/users/bob', { method: 'DELETE' })).status).toBe(204);
    expect((await stage.ask('/users/bob')).status).toBe(404);
    await expect(stage.phone('bob', 'another one')).rejects.toThrow();
  });

  test('a user of the configuration is changed there', async () => {
    expect((await stage.ask('/users/alice', { method: 'DELETE' })).status).toBe(409);
    expect((await stage.ask('/users/alice')).json).toMatchObject({ source: 'configuration' });
  });

  test('a registration is removed, and the browser may come again', async () => {
    const removed = new Promise<unknown>((resolve) => stage.gateway.events.once('registration.removed', resolve));
    expect((await stage.ask('/registrations')).text).toContain('"user":"alice"');
    expect((await stage.ask('/registrations/alice', { method: 'DELETE' })).status).toBe(204);
    expect(await removed).toMatchObject({ user: 'alice', cause: 'removed' });
    expect((await stage.ask('/registrations/alice', { method: 'DELETE' })).status).toBe(404);
    await phone.register();
    expect((await stage.ask('/registrations')).json).toMatchObject({ registrations: [{ user: 'alice', connected: true }] });
  });
});

describe('trunks', () => {
  test('a trunk out of use takes no calls until it is put back', async () => {
    const events: string[] = [];
    const stop = stage.gateway.on('trunk.*', ({ event }) => events.push(event));
    expect((await stage.ask('/trunks/carrier/disable', { method: 'POST' })).json).toMatchObject({ enabled: false });
    await (await phone.call('5570')).responded(503);
    expect((await stage.ask('/trunks/carrier/enable', { method: 'POST' })).json).toMatchObject({ enabled: true });
    await talking('5571');
    stop();
    expect(events).toEqual(['trunk.disabled', 'trunk.enabled']);
    expect((await stage.ask('/trunks/nobody/disable', { method: 'POST' })).status).toBe(404);
  });

  test('a listener that throws costs no call', async () => {
    const heard: string[] = [];
    const stop = stage.gateway.on('call.*', ({ event }) => {
      heard.push(event);
      throw new Error('of the program around the gateway');
    });
    const call = await talking('5572');
    await call.bye();
    stop();
    expect(heard).toContain('call.answered');
  });

  test('a trunk is tested by OPTIONS', async () => {
    expect((await stage.ask('/trunks/carrier/test', { method: 'POST' })).json).toMatchObject({ answered: true, status: 200 });
  });
});

describe('the node', () => {
  test('shows itself, and its configuration without secrets', async () => {
    expect(nodeSchema.parse((await stage.ask('/node')).json)).toMatchObject({ state: 'ready', threads: [{ thread: 0, alive: true }] });
    const { text } = await stage.ask('/configuration');
    expect(text).toContain('carrier');
    expect(text).toContain('^[0-9]{3,15}$');
    expect(text).not.toContain('gw-secret');
    expect((await stage.ask('/session')).json).toEqual({ role: 'admin', name: null });
  });
});

test('a drain lets calls go on until the deadline and takes no more', async () => {
  const other = await ApiStage.open();
  try {
    const caller = await other.phone();
    other.trunk.onCall = (call) => call.answer();
    const call = await caller.call('5580');
    await call.established();
    expect(await other.ask('/drain', { method: 'POST', body: { deadlineSec: 600 } })).toMatchObject({ status: 202, json: { calls: 1 } });
    await (await caller.call('5581')).responded(503);
    expect((await other.ask('/calls', { method: 'POST', body: { user: 'alice', number: '5582' } })).status).toBe(503);
    expect(callsOf(await other.ask('/calls'))).toHaveLength(1);
    await other.ask('/drain', { method: 'POST', body: { deadlineSec: 0 } });
    await call.requested('BYE');
  } finally {
    await other.close();
  }
});
