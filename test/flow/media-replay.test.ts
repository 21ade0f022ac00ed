import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { MediaRelay } from '../../src/relay/media-relay.ts';
import { connectCall, localRelay, type MediaCall } from '../support/media-call.ts';
import { RtpSource } from '../support/rtp-peer.ts';
import { pause, until } from '../support/until.ts';

describe('packets that come twice', () => {
  let relay: MediaRelay;
  let call: MediaCall;

  beforeEach(async () => {
    relay = await localRelay();
    call = await connectCall(relay);
  });

  afterEach(async () => {
    await call.end();
    await relay.close();
  });

  test('are relayed once, from the browser', async () => {
    const source = new RtpSource();
    const sealed = Array.from({ length: 5 }, () => call.browser.sendRtp(source.next()));
    for (const packet of sealed) call.browser.sendBytes(packet);
    call.browser.sendRtp(source.next());
    await until('six packets', () => call.trunk.packets.length >= 6);
    await pause(20);
    expect(call.trunk.packets).toHaveLength(6);
    await call.end();
    expect(call.session.quality[0]?.dropped.replay).toBe(5);
  });

  test('are relayed once, from the trunk', async () => {
    const source = new RtpSource();
    const packets = Array.from({ length: 5 }, () => source.next());
    for (const packet of [...packets, ...packets, source.next()]) call.trunk.send(packet, call.trunkLeg.rtp);
    await until('six packets', () => call.browser.packets.length >= 6);
    await pause(20);
    expect(call.browser.packets).toHaveLength(6);
  });

  test('forged SRTP is counted and the call goes on', async () => {
    const forged = new Uint8Array(182).fill(7);
    forged[0] = 0x80;
    forged[1] = 0;
    for (let sent = 0; sent < 500; sent++) call.browser.sendBytes(forged);
    await pause(50);
    call.browser.sendRtp(new RtpSource().next());
    await until('the honest packet', () => call.trunk.packets.length === 1);
    await call.end();
    const { dropped } = call.session.quality[0] ?? {};
    expect((dropped?.authentication ?? 0) + (dropped?.replay ?? 0)).toBeGreaterThan(400);
  });

  test('a payload type that was not negotiated is dropped and counted', async () => {
    call.trunk.send(new RtpSource().next({ payloadType: 13 }), call.trunkLeg.rtp);
    call.browser.sendRtp(new RtpSource().next({ payloadType: 96 }));
    await pause(50);
    await call.end();
    expect(call.session.quality.map(({ dropped }) => dropped['payload-type'])).toEqual([1, 1]);
    expect(call.browser.packets).toHaveLength(0);
    expect(call.trunk.packets).toHaveLength(0);
  });
});
