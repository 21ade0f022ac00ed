/** A real Chromium, whose ClientHello is post-quantum and comes in two datagrams, against both DTLS drivers in both roles. */

import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { silentLog } from '../../src/base/log.ts';
import { createLocalRelay } from '../../src/relay/local.ts';
import type { ConnectedInfo, MediaRelay, MediaSessionEvents } from '../../src/relay/media-relay.ts';
import { BrowserNegotiation } from '../../src/sdp/browser-negotiation.ts';
import { offerableCodecs } from '../../src/sdp/codecs.ts';
import { preferredSrtpProfiles } from '../../src/srtp/profile.ts';
import { launchChromium } from '../support/chromium.ts';
import { describeWith } from '../support/needs.ts';
import { until } from '../support/until.ts';

const script = `
  async function answer(sdp) {
    window.pc = new RTCPeerConnection();
    const media = await navigator.mediaDevices.getUserMedia({ audio: true });
    for (const track of media.getTracks()) pc.addTrack(track, media);
    await pc.setRemoteDescription({ type: 'offer', sdp });
    await pc.setLocalDescription(await pc.createAnswer());
    while (pc.iceGatheringState !== 'complete') await new Promise((resolve) => pc.addEventListener('icegatheringstatechange', resolve, { once: true }));
    return pc.localDescription.sdp;
  }
  async function connected() {
    while (pc.connectionState !== 'connected') await new Promise((resolve) => pc.addEventListener('connectionstatechange', resolve, { once: true }));
    const transport = [...(await pc.getStats()).values()].find(({ type }) => type === 'transport');
    const { dtlsState, dtlsRole, dtlsCipher } = transport;
    return { dtlsState, dtlsRole, dtlsCipher };
  }
`;

const sides = (['openssl', 'werift'] as const).flatMap((driver) => [
  { driver, role: 'server' as const, other: 'client' },
  { driver, role: 'client' as const, other: 'server' },
]);

describeWith(['chromium'], 'with Chromium', () => {
  let server: Server;
  let browser: Browser;
  let page: Page;

  // A page of the loopback address is a secure context, which the microphone needs.
  beforeAll(async () => {
    server = createServer((_, response) => response.setHeader('Content-Type', 'text/html').end(`<script>${script}</script>`));
    await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
    browser = await launchChromium();
    page = await browser.newPage();
  });

  afterAll(async () => {
    await browser?.close();
    server?.close();
  });

  test.each(sides)('the $driver driver as $role shakes hands', async ({ driver, role, other }) => {
    await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
    const relay = await openRelay(driver);
    const connections: ConnectedInfo[] = [];
    const session = await relay.openSession({ ...deaf, connected: (_leg, info) => void connections.push(info) });
    const local = await session.addBrowserLeg();
    const negotiation = new BrowserNegotiation({ ...local, sessionId: '1', telephoneEvents: true });
    const offer = negotiation.createOffer(offerableCodecs(['PCMU']), 'sendrecv');
    // Chromium takes the active role when it may choose.
    const setup = role === 'server' ? 'a=setup:actpass' : 'a=setup:active';
    const answer = await page.evaluate<string>(`answer(${JSON.stringify(offer.replace('a=setup:actpass', setup))})`);
    const { fingerprints, ice } = negotiation.receiveAnswer(answer);
    if (!negotiation.agreed || !negotiation.dtlsRole || !ice) throw new Error('no agreement');
    expect(negotiation.dtlsRole).toBe(role);
    const agreed = { ...negotiation.agreed, dtlsRole: role, fingerprints, iceUfrag: ice.ufrag };
    session.configureBrowserLeg(local.leg, agreed);
    expect(await page.evaluate('connected()')).toEqual({
      dtlsState: 'connected',
      dtlsRole: other,
      dtlsCipher: 'TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256',
    });
    await until('the relay to be connected', () => connections.length === 1);
    // Ours to choose as server, and Chromium's as client: it prefers the same.
    expect(connections[0]?.profile).toBe(preferredSrtpProfiles[0]);
    await relay.close();
  });
});

const deaf: MediaSessionEvents = {
  connected: () => {},
  pathLost: () => {},
  pathRestored: () => {},
  digit: () => {},
  failed: () => {},
  milestone: () => {},
  measured: () => {},
  closed: () => {},
};

function openRelay(dtls: 'openssl' | 'werift'): Promise<MediaRelay> {
  return createLocalRelay({
    browser: { bind: '127.0.0.1', advertise: null, port: 0 },
    trunk: { bind: '127.0.0.1', advertise: null, ports: [41_000, 41_009] },
    loopback: true,
    driver: 'dgram',
    dtls,
    log: silentLog,
  });
}
