/** A real Chromium on the other side of src/sdp: it must take every description made for it, through a whole call. */

import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { BrowserNegotiation } from '../../src/sdp/browser-negotiation.ts';
import { offerableCodecs } from '../../src/sdp/codecs.ts';
import type { Direction } from '../../src/sdp/description.ts';
import { exampleGateway, rewriteAnswer, rewriteOffer } from '../../src/sdp/rewrite.ts';
import { describeWith, program } from '../support/needs.ts';
import { sdpFixtures } from '../support/sdp-fixtures.ts';
import { browserViolations } from '../support/sdp-rules.ts';

/** What the page does before it offers, by the last word of a fixture's name. */
interface PageCall {
  readonly microphone: boolean;
  readonly also: 'video' | 'data' | null;
  readonly direction: Direction;
  readonly g711: boolean;
  readonly maxBundle: boolean;
}

const plainCall: PageCall = { microphone: true, also: null, direction: 'sendrecv', g711: false, maxBundle: false };
const variants = new Map<string, PageCall>([
  ['video', { ...plainCall, also: 'video' }],
  ['data', { ...plainCall, also: 'data' }],
  ['hold', { ...plainCall, direction: 'sendonly' }],
  ['g711', { ...plainCall, g711: true }],
  ['bundle', { ...plainCall, maxBundle: true }],
  ['microphone', { ...plainCall, microphone: false, direction: 'recvonly' }],
]);

/** The page's side, as text: it is run by Chromium. `window.pc` is the connection of the call under way. */
const script = `
  async function begin(call) {
    window.pc?.close();
    window.pc = new RTCPeerConnection(call.maxBundle ? { bundlePolicy: 'max-bundle' } : {});
    if (call.microphone) {
      const media = await navigator.mediaDevices.getUserMedia({ audio: true });
      for (const track of media.getTracks()) pc.addTrack(track, media);
    }
  }
  async function offer(call) {
    await begin(call);
    const audio = pc.getTransceivers()[0] ?? pc.addTransceiver('audio');
    audio.direction = call.direction;
    if (call.also === 'video') pc.addTransceiver('video', { direction: 'recvonly' });
    if (call.also === 'data') pc.createDataChannel('x');
    const g711 = RTCRtpReceiver.getCapabilities('audio').codecs.filter(({ mimeType }) => /pcm[ua]|telephone/i.test(mimeType));
    if (call.g711) audio.setCodecPreferences(g711);
    return again();
  }
  async function again(options) {
    await pc.setLocalDescription(await pc.createOffer(options));
    return gathered();
  }
  async function answer(sdp) {
    await pc.setRemoteDescription({ type: 'offer', sdp });
    await pc.setLocalDescription(await pc.createAnswer());
    return gathered();
  }
  async function take(sdp) {
    await pc.setRemoteDescription({ type: 'answer', sdp });
    return state();
  }
  function state() {
    const [audio] = pc.getTransceivers();
    return {
      signaling: pc.signalingState,
      direction: audio.currentDirection,
      codecs: audio.sender.getParameters().codecs.map(({ mimeType }) => mimeType),
    };
  }
  async function gathered() {
    while (pc.iceGatheringState !== 'complete') await new Promise((resolve) => pc.addEventListener('icegatheringstatechange', resolve, { once: true }));
    return pc.localDescription.sdp;
  }
`;

interface PageState {
  readonly signaling: string;
  readonly direction: string;
  readonly codecs: readonly string[];
}

describeWith(['chromium'], 'Chromium', () => {
  let server: Server;
  let browser: Browser;
  let page: Page;

  // A page of the loopback address is a secure context, which the microphone needs.
  beforeAll(async () => {
    server = createServer((_, response) => response.setHeader('Content-Type', 'text/html').end(`<script>${script}</script>`));
    await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
    browser = await chromium.launch({
      executablePath: program('chromium'),
      args: [
        ...['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking'],
        ...['--disable-component-update', '--disable-sync', '--use-fake-device-for-media-stream', '--use-fake-ui-for-media-stream'],
      ],
    });
    page = await browser.newPage();
  });

  beforeEach(async () => {
    await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
  });

  afterAll(async () => {
    await browser?.close();
    server?.close();
  });

  /** Calls a function of the page's script. */
  function call<Result>(name: string, ...args: readonly unknown[]): Promise<Result> {
    return page.evaluate(`${name}(${args.map((arg) => JSON.stringify(arg)).join(', ')})`);
  }

  const inbound = sdpFixtures.flatMap(({ name, gateway, inbound: exchange }) => (exchange ? [{ name, gateway, exchange }] : []));

  test.each(inbound)('takes the offer of $name, and we its answer', async ({ gateway, exchange }) => {
    await call('begin', plainCall);
    const answer = await call<string>('answer', exchange.expectedOffer);
    expect(await call<PageState>('state')).toMatchObject({ signaling: 'stable' });
    expect(rewriteAnswer(answer, { ...gateway, to: 'trunk', offer: exchange.offer }).sdp).toBe(exchange.expectedAnswer);
  });

  const outbound = sdpFixtures.flatMap(({ name, gateway, outbound: exchange }) => {
    const ofChromium = /^(chromium|jssip|sipjs)-/.test(name);
    return exchange && ofChromium ? [{ name, gateway, exchange, variant: variants.get(name.split('-').at(-1) ?? '') ?? plainCall }] : [];
  });

  test.each(outbound)('takes the answer of $name', async ({ gateway, exchange, variant }) => {
    const offer = await call<string>('offer', variant);
    expect(rewriteOffer(offer, { ...gateway, to: 'trunk' }).sdp).toBe(exchange.expectedOffer);
    const { sdp } = rewriteAnswer(exchange.answer, { ...gateway, to: 'browser', offer });
    // Its numbers differ from run to run only where other media was offered, so the same answer is expected.
    expect(sdp.replace(/^(m=video 0 \S+) \d+/m, '$1')).toBe(exchange.expectedAnswer.replace(/^(m=video 0 \S+) \d+/m, '$1'));
    const state = await call<PageState>('take', sdp);
    expect(state.signaling).toBe('stable');
    expect(state.codecs).not.toContain('audio/CN');
    // The list is that of the sender, who has none where it only receives.
    if (variant.microphone) expect(state.codecs.includes('audio/telephone-event')).toBe(sdp.includes('telephone-event'));
  });

  test('goes through a call: held by both, resumed, ICE restarted, asked to change codec', async () => {
    const codecs = offerableCodecs(['PCMU', 'PCMA', 'opus']);
    const leg = new BrowserNegotiation(exampleGateway.browser);
    let pwd = 0;

    /** The page offers, we answer. */
    const answered = async (offer: string, direction: 'sendrecv' | 'sendonly' = 'sendrecv'): Promise<PageState> => {
      const { iceRestart } = leg.receiveOffer(offer);
      pwd += 1;
      if (iceRestart) leg.replaceIce({ ufrag: `offhook${pwd}`, pwd: `offhookExamplePassword${pwd}${pwd}` });
      const answer = leg.createAnswer(codecs, direction);
      expect(browserViolations(answer, { kind: 'answer', offer })).toEqual([]);
      return call<PageState>('take', answer);
    };
    /** We offer, the page answers. */
    const asked = async (names: readonly string[], direction: 'sendrecv' | 'sendonly' | 'inactive'): Promise<PageState> => {
      leg.receiveAnswer(await call<string>('answer', leg.createOffer(offerableCodecs(names), direction, 20)));
      return call<PageState>('state');
    };

    const first = await answered(await call<string>('offer', { ...plainCall, also: 'video' }));
    expect(first).toMatchObject({ signaling: 'stable', direction: 'sendrecv' });
    expect(first.codecs).toEqual(['audio/PCMU', 'audio/PCMA', 'audio/opus', 'audio/telephone-event', 'audio/telephone-event']);
    await call('eval', 'pc.getTransceivers()[0].direction = "sendonly"');
    expect(await answered(await call<string>('again'))).toMatchObject({ direction: 'sendonly' });
    await call('eval', 'pc.getTransceivers()[0].direction = "sendrecv"');
    expect(await answered(await call<string>('again'))).toMatchObject({ direction: 'sendrecv' });
    const role = leg.dtlsRole;
    expect(await answered(await call<string>('again', { iceRestart: true }))).toMatchObject({ signaling: 'stable' });
    expect(leg.localDescription).toContain(`a=ice-ufrag:offhook${pwd}\r\n`);
    expect(await asked(['PCMU'], 'sendonly')).toMatchObject({ direction: 'recvonly', codecs: expect.arrayContaining(['audio/PCMU']) });
    expect(await asked(['PCMA'], 'inactive')).toMatchObject({ direction: 'inactive' });
    const last = await asked(['PCMA'], 'sendrecv');
    expect(last).toMatchObject({ direction: 'sendrecv', codecs: ['audio/PCMA', 'audio/telephone-event'] });
    expect(leg.agreed).toMatchObject({ direction: 'sendrecv' });
    expect(await answered(await call<string>('again'))).toMatchObject({ signaling: 'stable', direction: 'sendrecv' });
    expect(leg.dtlsRole).toBe(role);
  });
});
