import { afterEach, describe, expect, test } from 'vitest';
import type { MediaRelay } from '../../src/relay/media-relay.ts';
import type { RelayOptions } from '../../src/relay/relay-options.ts';
import { MediaBrowser } from '../support/media-browser.ts';
import { browserMedia, connectCall, localRelay, openCall, trunkMedia } from '../support/media-call.ts';
import { RtpPeer, RtpSource } from '../support/rtp-peer.ts';
import { pause, until } from '../support/until.ts';

describe('addresses and drivers of a relay', () => {
  let relay: MediaRelay;

  afterEach(() => relay.close());

  test('a wildcard gives one candidate for each address, and each of them works', async () => {
    relay = await localRelay({ browser: { bind: '0.0.0.0', advertise: null, port: 0 }, loopback: true });
    const call = await openCall(relay);
    expect(call.browserLeg.candidates.map(({ host }) => host)).toContain('127.0.0.1');
    for (const candidate of call.browserLeg.candidates) {
      const browser = await MediaBrowser.open({ host: candidate.host });
      browser.point(call.browserLeg.ice, candidate);
      await browser.check();
      browser.close();
    }
    await call.end();
  });

  test('a trunk on another address family gets nothing, and one that is no address neither', async () => {
    relay = await localRelay();
    const call = await connectCall(relay);
    const voice = new RtpSource();
    for (const host of ['::1', 'trunk.example.com', '0.0.0.0', '']) {
      call.session.configureTrunkLeg(call.trunkLeg.leg, { ...trunkMedia, rtp: { host, port: 4000 }, rtcp: null, learn: false });
      call.browser.sendRtp(voice.next());
      await pause(20);
    }
    call.session.configureTrunkLeg(call.trunkLeg.leg, { ...trunkMedia, rtp: call.trunk.address, rtcp: null, learn: false });
    call.browser.sendRtp(voice.next());
    await until('the packet after the right description', () => call.trunk.packets.length === 1);
    await call.end();
  });

  test('both sides may be IPv6', async () => {
    relay = await localRelay({
      browser: { bind: '::1', advertise: null, port: 0 },
      trunk: { bind: '::1', advertise: null, ports: [47000, 47099] },
    });
    const call = await openCall(relay, { host: '::1' });
    const trunk = await RtpPeer.open('::1');
    call.session.configureBrowserLeg(call.browserLeg.leg, call.browser.describe(browserMedia));
    call.session.configureTrunkLeg(call.trunkLeg.leg, { ...trunkMedia, rtp: trunk.address, rtcp: null, learn: false });
    await call.browser.connect();
    await until('the leg to connect', () => call.record.events.length === 1);
    call.browser.sendRtp(new RtpSource().next());
    await until('media', () => trunk.packets.length === 1);
    trunk.close();
    await call.end();
  });

  test.each<[string, Partial<RelayOptions>]>([
    ['the portable DTLS driver', { dtls: 'werift' }],
    ["OpenSSL's ciphers", { srtp: 'evp' }],
    ['whatever drivers it finds', { dtls: 'auto', srtp: 'auto', driver: 'auto' }],
  ])('a call connects with %s', async (_, drivers) => {
    relay = await localRelay(drivers);
    const call = await connectCall(relay);
    call.browser.sendRtp(new RtpSource().next());
    call.trunk.send(new RtpSource().next(), call.trunkLeg.rtp);
    await until('media both ways', () => call.trunk.packets.length === 1 && call.browser.packets.length === 1);
    await call.end();
  });
});
