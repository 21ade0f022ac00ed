import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { MediaRelay } from '../../src/relay/media-relay.ts';
import { configureTrunk, connectCall, localRelay, type MediaCall } from '../support/media-call.ts';
import { RtpPeer, RtpSource } from '../support/rtp-peer.ts';
import { pause, until } from '../support/until.ts';

describe('a stranger who sends to the port of a trunk leg', () => {
  let relay: MediaRelay;
  let call: MediaCall;
  let attacker: RtpPeer;
  let talking: NodeJS.Timeout;
  const voice = new RtpSource(0x0b0b);

  beforeEach(async () => {
    relay = await localRelay();
    call = await connectCall(relay);
    attacker = await RtpPeer.open('127.0.0.2');
    talking = setInterval(() => call.browser.sendRtp(voice.next()), 20);
  });

  afterEach(async () => {
    clearInterval(talking);
    attacker.close();
    await call.end();
    await relay.close();
  });

  const heardBy = (peer: { packets: readonly { ssrc: number }[] }): number => peer.packets.length;
  /** What the browser hears of a source; the relay's SSRC hides it, so the payload tells. */
  const injected = (): number => call.browser.packets.filter(({ payload }) => payload[0] === 0x66).length;

  /** One packet every millisecond, in sequence: a flood that looks like RTP. */
  async function spray(peer: RtpPeer, milliseconds: number): Promise<void> {
    const source = new RtpSource(0xbad);
    for (const end = performance.now() + milliseconds; performance.now() < end; await pause(1)) {
      peer.send(source.next({ payload: new Uint8Array(160).fill(0x66) }), call.trunkLeg.rtp);
    }
  }

  test('hears nothing and is not heard where the address is as described', async () => {
    const peer = call.trunk.stream(new RtpSource(), call.trunkLeg.rtp, 20);
    await Promise.all([peer, spray(attacker, 400)]);
    expect(heardBy(attacker)).toBe(0);
    expect(injected()).toBe(0);
    expect(heardBy(call.trunk)).toBeGreaterThan(10);
  });

  test('hears nothing from another port of the very same host', async () => {
    const neighbour = await RtpPeer.open();
    await spray(neighbour, 300);
    expect(heardBy(neighbour)).toBe(0);
    expect(injected()).toBe(0);
    neighbour.close();
  });

  test('hears nothing before the trunk is described at all', async () => {
    const leg = await call.session.addTrunkLeg();
    call.session.bridge(call.browserLeg.leg, leg.leg);
    const source = new RtpSource();
    for (let sent = 0; sent < 20; sent++, await pause(10)) attacker.send(source.next(), leg.rtp);
    expect(heardBy(attacker)).toBe(0);
  });

  test('hears nothing while the real source is learned, before, during and after', async () => {
    configureTrunk(call, { rtp: { host: '127.0.0.9', port: 9 }, learn: true });
    const attack = spray(attacker, 1200);
    await pause(100);
    await call.trunk.stream(new RtpSource(), call.trunkLeg.rtp, 50);
    await attack;
    expect(heardBy(attacker)).toBe(0);
    expect(injected()).toBe(0);
    expect(heardBy(call.trunk)).toBeGreaterThan(20);
    await call.end();
    expect(call.session.quality.find(({ side }) => side === 'trunk')?.dropped.source).toBeGreaterThan(100);
  });

  test('is not learned by single packets, even when nobody else talks', async () => {
    configureTrunk(call, { rtp: { host: '127.0.0.9', port: 9 }, learn: true });
    for (let sent = 0; sent < 10; sent++, await pause(100)) attacker.send(new RtpSource(sent, sent).next(), call.trunkLeg.rtp);
    expect(heardBy(attacker)).toBe(0);
    await call.trunk.stream(new RtpSource(), call.trunkLeg.rtp, 80);
    await until('the real source to be learned', () => heardBy(call.trunk) > 2);
  });

  test('cannot take a learned source over, also not after a new description', async () => {
    configureTrunk(call, { rtp: { host: '127.0.0.9', port: 9 }, learn: true });
    const talk = call.trunk.stream(new RtpSource(), call.trunkLeg.rtp, 120);
    await until('the real source to be learned', () => heardBy(call.trunk) > 2);
    const patient = attacker.stream(new RtpSource(0xbad), call.trunkLeg.rtp, 70);
    await pause(700);
    configureTrunk(call, { rtp: { host: '127.0.0.9', port: 9 }, learn: true });
    await Promise.all([talk, patient]);
    expect(heardBy(attacker)).toBe(0);
  });

  test('loses to the described address, even if it talks first and talks well', async () => {
    configureTrunk(call, { learn: true });
    const patient = attacker.stream(new RtpSource(0xbad), call.trunkLeg.rtp, 60);
    await pause(300);
    await call.trunk.stream(new RtpSource(), call.trunkLeg.rtp, 40);
    await patient;
    expect(heardBy(attacker)).toBe(0);
  });
});
