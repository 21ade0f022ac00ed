/** How the gateway and its threads end while calls are on: nobody is left waiting. */

import { afterEach, describe, expect, test } from 'vitest';
import { type GatewayOptions, GatewayProcess } from '../support/gateway-process.ts';
import type { PhoneCall } from '../support/phone-call.ts';
import { callEnds, phoneOrigin, registeredPhone } from '../support/phone-stage.ts';
import { header, status } from '../support/plain-sip.ts';
import { measureTone } from '../support/tone-meter.ts';
import type { TrunkCall } from '../support/trunk-call.ts';
import { TrunkPeer } from '../support/trunk-peer.ts';
import { pause, until } from '../support/until.ts';
import type { WebSocketPhone } from '../support/websocket-phone.ts';

/**
 * Loaded into the gateway before its own code: on SIGUSR2 every relay thread meets an error that nobody catches, as a defect would be.
 * The product knows nothing of it.
 */
const defect = `
  import { BroadcastChannel, isMainThread } from 'node:worker_threads';
  const channel = new BroadcastChannel('defect');
  channel.unref();
  if (isMainThread) process.on('SIGUSR2', () => channel.postMessage('now'));
  else channel.onmessage = () => { throw new Error('a defect'); };
`;

const stage: { trunk?: TrunkPeer; gateway?: GatewayProcess; phone?: WebSocketPhone } = {};

afterEach(async () => {
  await stage.phone?.close();
  await stage.gateway?.stop();
  stage.trunk?.close();
});

async function open(options: Partial<GatewayOptions> = {}): Promise<{ trunk: TrunkPeer; gateway: GatewayProcess; phone: WebSocketPhone }> {
  const trunk = await TrunkPeer.open();
  Object.assign(stage, { trunk });
  const gateway = await GatewayProcess.start({ trunk: trunk.address, origins: [phoneOrigin], ...options });
  Object.assign(stage, { gateway });
  const phone = await registeredPhone(gateway);
  Object.assign(stage, { phone });
  return { trunk, gateway, phone };
}

async function talk(trunk: TrunkPeer, phone: WebSocketPhone): Promise<{ call: PhoneCall; far: TrunkCall }> {
  trunk.onCall = (incoming) => incoming.answer();
  const call = await phone.call('1001');
  const far = await trunk.nextCall();
  await call.established();
  return { call, far };
}

describe('SIGTERM', () => {
  test('ends calls on both sides, whatever their state, and takes no more', async () => {
    const { trunk, gateway, phone } = await open();
    const pairs = [await talk(trunk, phone), await talk(trunk, phone)];
    trunk.onCall = (incoming) => incoming.ring();
    const ringing = await phone.call('1002');
    const rung = await trunk.nextCall();
    await ringing.responded(180);
    phone.onCall = (incoming) => incoming.ring();
    const inbound = await trunk.call(gateway.listeners.udp, '+15550100');
    await inbound.responded(180);
    const sinceMs = performance.now();
    const exit = await gateway.stop();
    expect(exit).toEqual({ code: 0, signal: null });
    expect(performance.now() - sinceMs).toBeLessThan(4000);
    for (const { call, far } of pairs) {
      for (const side of [call, far]) expect(header(await side.requested('BYE'), 'Reason')).toContain('Gateway is stopping');
    }
    await rung.requested('CANCEL');
    await ringing.responded(503);
    await inbound.responded(503);
    await phone.calls[0]?.requested('CANCEL');
    expect(callEnds(gateway).map(({ cause, side }) => `${cause} ${side}`)).toEqual(Array(4).fill('shutdown gateway'));
    await until('the end of the connection', () => !phone.connected);
  });

  test('does not wait for ever for a trunk that does not answer', async () => {
    const { trunk, gateway, phone } = await open();
    const { call, far } = await talk(trunk, phone);
    far.answers.set('BYE', () => {});
    const sinceMs = performance.now();
    expect(await gateway.stop()).toEqual({ code: 0, signal: null });
    expect(performance.now() - sinceMs).toBeLessThan(8000);
    await call.requested('BYE');
    // Sent again as RFC 3261 has it, as long as there was time.
    expect(far.received.filter(({ startLine }) => startLine.startsWith('BYE')).length).toBeGreaterThan(1);
  });
});

describe('a relay thread that dies', () => {
  test('takes its calls along, on both sides and with a reason, and the next call works', async () => {
    const { trunk, gateway, phone } = await open({ nodeArgs: ['--import', `data:text/javascript,${encodeURIComponent(defect)}`] });
    const { call, far } = await talk(trunk, phone);
    process.kill(gateway.pid ?? 0, 'SIGUSR2');
    for (const side of [call, far]) expect(header(await side.requested('BYE'), 'Reason')).toBe('Q.850;cause=47;text="a media thread died"');
    expect(await until('the end', () => callEnds(gateway)[0])).toMatchObject({ cause: 'media-failed', side: 'gateway' });
    await until('another thread', () => gateway.log.filter(({ msg }) => msg === 'relay thread started').length === 2);
    const next = await talk(trunk, phone);
    next.call.media.sendTone({ frequencyHz: 620 });
    const sinceMs = performance.now();
    await pause(1000);
    expect(measureTone(next.far.rtp.heard(sinceMs), 8000, 1004).frequencyHz).toBeCloseTo(620, 0);
    expect(status(await next.call.bye())).toBe(200);
    expect(await gateway.stop()).toEqual({ code: 0, signal: null });
  });
});
