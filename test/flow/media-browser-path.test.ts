import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { MediaRelay } from '../../src/relay/media-relay.ts';
import { LeapingClock } from '../support/leaping-clock.ts';
import { MediaBrowser } from '../support/media-browser.ts';
import { browserMedia, configureTrunk, connectCall, localRelay, type MediaCall, openCall } from '../support/media-call.ts';
import { RtpSource } from '../support/rtp-peer.ts';
import { pause, until } from '../support/until.ts';

describe('the path to a browser', () => {
  const clock = new LeapingClock();
  let relay: MediaRelay;
  let call: MediaCall;

  beforeEach(async () => {
    relay = await localRelay({ clock });
  });

  afterEach(async () => {
    await call.end();
    await relay.close();
  });

  test('follows the browser to another port, both ways, without a new handshake', async () => {
    call = await connectCall(relay);
    await call.browser.move();
    const voice = new RtpSource();
    call.browser.sendRtp(voice.next());
    await pause(30);
    expect(call.trunk.packets, 'before any check from there').toHaveLength(0);
    await call.browser.check();
    call.browser.sendRtp(voice.next());
    await until('the browser to be heard', () => call.trunk.packets.length === 1);
    call.trunk.send(new RtpSource().next(), call.trunkLeg.rtp);
    await until('the trunk to be heard', () => call.browser.packets.length === 1);
    expect(call.record.events).toEqual([expect.stringMatching(/^connected/)]);
  });

  test('survives an ICE restart, with media all the while', async () => {
    call = await connectCall(relay);
    const { session, browser, browserLeg, trunk, trunkLeg } = call;
    const voice = new RtpSource();
    const ice = await session.restartIce(browserLeg.leg);
    expect(ice.ufrag).not.toBe(browserLeg.ice.ufrag);
    await browser.check();
    trunk.send(voice.next(), trunkLeg.rtp);
    await until('media on the former path', () => browser.packets.length === 1);
    const [candidate] = browserLeg.candidates;
    if (candidate) browser.point(ice, candidate);
    session.configureBrowserLeg(browserLeg.leg, { ...browser.describe(browserMedia), iceUfrag: 'anew' });
    await browser.move();
    await browser.check({ ufrag: 'anew' });
    trunk.send(voice.next(), trunkLeg.rtp);
    await until('media on the new path', () => browser.packets.length === 2);
    const [before, after] = browser.packets;
    expect(after?.sequence).toBe(((before?.sequence ?? 0) + 1) & 0xffff);
    expect(after?.ssrc).toBe(before?.ssrc);
  });

  test('is lost after 30 s without a check, and found again with the next', async () => {
    call = await connectCall(relay);
    clock.leap(31_000);
    await until('the path to be lost', () => call.record.events.includes('path lost 1'), 3000);
    call.trunk.send(new RtpSource().next(), call.trunkLeg.rtp);
    await pause(30);
    expect(call.browser.packets, 'nothing is sent without consent').toHaveLength(0);
    await call.browser.check({ nominate: false });
    await until('the path to be found', () => call.record.events.includes('path restored 1'));
    call.trunk.send(new RtpSource(7).next(), call.trunkLeg.rtp);
    await until('media', () => call.browser.packets.length === 1);
  });

  test('is not given to another session while its own holds consent', async () => {
    call = await connectCall(relay);
    const other = await openCall(relay);
    const [candidate] = other.browserLeg.candidates;
    if (candidate) call.browser.point(other.browserLeg.ice, candidate);
    await expect(call.browser.check({ withinMs: 200 })).rejects.toThrow();
    call.browser.sendRtp(new RtpSource().next());
    await until('media of the first session', () => call.trunk.packets.length === 1);
    await other.end();
  });

  test('carries nothing before the answer names the certificate, also when the handshake is over long before', async () => {
    call = await openCall(relay);
    const { session, browser, browserLeg, trunk, trunkLeg } = call;
    configureTrunk(call);
    await browser.check();
    browser.startHandshake();
    await until('the handshake', () => browser.connection !== null);
    browser.sendRtp(new RtpSource().next());
    trunk.send(new RtpSource().next(), trunkLeg.rtp);
    await pause(50);
    expect(call.record.events).toEqual([]);
    expect(trunk.packets).toHaveLength(0);
    expect(browser.packets).toHaveLength(0);
    session.configureBrowserLeg(browserLeg.leg, browser.describe(browserMedia));
    await until('the leg to connect', () => call.record.events.length === 1);
    browser.sendRtp(new RtpSource(9).next());
    await until('media', () => trunk.packets.length === 1);
    await call.end();
    expect(call.session.quality[0]?.dropped['not-ready']).toBe(1);
  });

  test('takes no handshake from an address without a check', async () => {
    call = await openCall(relay);
    call.session.configureBrowserLeg(call.browserLeg.leg, call.browser.describe(browserMedia));
    const stranger = await MediaBrowser.open();
    const [candidate] = call.browserLeg.candidates;
    if (candidate) stranger.point(call.browserLeg.ice, candidate);
    stranger.startHandshake();
    await pause(100);
    expect(stranger.datagrams).toHaveLength(0);
    await call.browser.connect();
    await until('the browser to connect all the same', () => call.record.events.length === 1);
    stranger.close();
  });

  test('fails with the certificate of somebody else', async () => {
    call = await openCall(relay, { impostor: true });
    call.session.configureBrowserLeg(call.browserLeg.leg, call.browser.describe(browserMedia));
    configureTrunk(call);
    await call.browser.connect();
    await until('the leg to fail', () => call.record.events.length === 1);
    expect(call.record.events).toEqual(['failed 1 dtls-fingerprint-mismatch']);
    call.browser.sendRtp(new RtpSource().next());
    await pause(30);
    expect(call.trunk.packets).toHaveLength(0);
  });

  test.each(['SRTP_AES128_CM_HMAC_SHA1_80', 'SRTP_AEAD_AES_128_GCM', 'SRTP_AEAD_AES_256_GCM'] as const)('carries %s', async (profile) => {
    call = await connectCall(relay, { profiles: [profile] });
    expect(call.record.events).toEqual([`connected 1 ${profile}`]);
    call.browser.sendRtp(new RtpSource().next());
    await until('media to the trunk', () => call.trunk.packets.length === 1);
    call.trunk.send(new RtpSource().next(), call.trunkLeg.rtp);
    await until('media to the browser', () => call.browser.packets.length === 1);
  });

  test('is opened by us when the browser is passive', async () => {
    call = await connectCall(relay, { role: 'server' });
    call.browser.sendRtp(new RtpSource().next());
    await until('media', () => call.trunk.packets.length === 1);
  });
});
