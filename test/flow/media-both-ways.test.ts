import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { MediaRelay } from '../../src/relay/media-relay.ts';
import { connectCall, localRelay, type MediaCall } from '../support/media-call.ts';
import { RtpSource } from '../support/rtp-peer.ts';
import { pause, until } from '../support/until.ts';

describe('audio between a browser and a trunk', () => {
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

  test('flows from the browser to the trunk, as plain RTP of our own source', async () => {
    const source = new RtpSource(0xabcd, 60_000, 1);
    for (let sent = 0; sent < 10; sent++) call.browser.sendRtp(source.next());
    const packets = await until('ten packets', () => call.trunk.packets.length === 10 && call.trunk.packets);
    const [first] = packets;
    expect(first?.marker).toBe(true);
    expect(first?.sequence).toBeLessThan(2 ** 15);
    expect(new Set(packets.map(({ ssrc }) => ssrc)).size).toBe(1);
    expect(first?.ssrc).not.toBe(0xabcd);
    expect(packets.map(({ sequence }) => sequence - (first?.sequence ?? 0))).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect(packets.map(({ timestamp }) => (timestamp - (first?.timestamp ?? 0)) >>> 0)).toEqual(packets.map((_, n) => n * 160));
    expect(first?.payload).toEqual(new Uint8Array(160).fill(0x55));
  });

  test('flows from the trunk to the browser under the announced SSRC', async () => {
    await call.trunk.stream(new RtpSource(), call.trunkLeg.rtp, 10, 1);
    await until('ten packets', () => call.browser.packets.length === 10);
    expect(new Set(call.browser.packets.map(({ ssrc }) => ssrc))).toEqual(new Set([call.browserLeg.ssrc]));
  });

  test('is counted on each leg', async () => {
    call.browser.sendRtp(new RtpSource().next());
    await call.trunk.stream(new RtpSource(), call.trunkLeg.rtp, 5, 1);
    await pause(20);
    await call.end();
    const [browser, trunk] = call.session.quality;
    expect(browser).toMatchObject({ side: 'browser', received: { packets: 1, bytes: 160 }, sent: { packets: 5, bytes: 800 } });
    expect(trunk).toMatchObject({ side: 'trunk', received: { packets: 5 }, sent: { packets: 1 } });
    expect(trunk?.mos).toBeGreaterThan(4);
  });
});
