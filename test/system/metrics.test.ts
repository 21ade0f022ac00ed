/** /metrics of a running gateway, after a call with sound. */

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { GatewayProcess } from '../support/gateway-process.ts';
import { callEnds, phoneOrigin, registeredPhone } from '../support/phone-stage.ts';
import { status } from '../support/plain-sip.ts';
import { TrunkPeer } from '../support/trunk-peer.ts';
import { pause, until } from '../support/until.ts';
import type { WebSocketPhone } from '../support/websocket-phone.ts';

let trunk: TrunkPeer;
let gateway: GatewayProcess;
let phone: WebSocketPhone;

beforeAll(async () => {
  trunk = await TrunkPeer.open();
  gateway = await GatewayProcess.start({ trunk: trunk.address, origins: [phoneOrigin] });
  phone = await registeredPhone(gateway);
});

afterAll(async () => {
  await phone?.close();
  await gateway?.stop();
  trunk?.close();
});

async function metrics(): Promise<Map<string, number>> {
  const response = await fetch(`http://${gateway.listeners.http.host}:${gateway.listeners.http.port}/metrics`);
  expect(response.headers.get('content-type')).toContain('text/plain; version=0.0.4');
  const lines = (await response.text()).split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return new Map(lines.map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.slice(line.lastIndexOf(' ') + 1))]));
}

describe('/metrics', () => {
  test('tells of a call while it runs and when it is over', async () => {
    trunk.onCall = (incoming) => incoming.answer();
    const call = await phone.call('1001');
    const far = await trunk.nextCall();
    await call.established();
    call.media.sendTone({ frequencyHz: 620 });
    const outbound = '{direction="outbound",trunk="carrier"}';
    const running = await metrics();
    expect(running.get(`offhook_calls_active${outbound}`)).toBe(1);
    expect(running.get('offhook_registrations')).toBe(1);
    expect(running.get('offhook_connections')).toBe(1);
    expect(running.get('offhook_trunk_up{trunk="carrier"}')).toBe(1);
    expect(running.get('offhook_relay_port_pairs_in_use')).toBe(1);
    expect(running.get('offhook_relay_thread_up{thread="0"}')).toBe(1);
    await pause(2500);
    expect((await metrics()).get('offhook_media_received_packets_total{side="browser"}')).toBeGreaterThan(50);

    expect(status(await call.bye())).toBe(200);
    await far.requested('BYE');
    await until('the end of the call', () => callEnds(gateway).length === 1);
    const over = await metrics();
    expect(over.get(`offhook_calls_active${outbound}`)).toBe(0);
    expect(over.get('offhook_calls_ended_total{direction="outbound",trunk="carrier",cause="hung-up"}')).toBe(1);
    expect(over.get(`offhook_call_duration_seconds_count${outbound}`)).toBe(1);
    expect(over.get(`offhook_call_duration_seconds_sum${outbound}`)).toBeGreaterThan(2);
    expect(over.get('offhook_call_mos_count{side="browser"}')).toBe(1);
    expect(over.get('offhook_media_sent_packets_total{side="trunk"}')).toBeGreaterThan(50);
    expect(over.get('offhook_media_received_packets_total{side="browser"}')).toBeGreaterThan(100);
  });

  test('is for this machine only, as long as there are no tokens', async () => {
    const { host, port } = gateway.listeners.http;
    const response = await fetch(`http://${host}:${port}/metrics`, { headers: { 'X-Forwarded-For': '203.0.113.9' } });
    expect(response.status).toBe(403);
    expect(await response.text()).not.toContain('offhook_calls');
  });
});
