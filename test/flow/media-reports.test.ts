import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { MediaRelay } from '../../src/relay/media-relay.ts';
import { ntpTime } from '../../src/rtp/ntp.ts';
import { parseRtcp, type RtcpPacket, writeRtcp } from '../../src/rtp/rtcp.ts';
import { configureTrunk, connectCall, localRelay, type MediaCall } from '../support/media-call.ts';
import { RtpPeer, RtpSource } from '../support/rtp-peer.ts';
import { pause, until } from '../support/until.ts';

describe('RTCP', () => {
  let relay: MediaRelay;
  let call: MediaCall;
  let control: RtpPeer;

  beforeEach(async () => {
    relay = await localRelay();
    call = await connectCall(relay);
    control = await RtpPeer.open();
    configureTrunk(call, { rtcp: control.address });
  });

  afterEach(async () => {
    control.close();
    await call.end();
    await relay.close();
  });

  const trunkRtcp = (): RtcpPacket[] => control.datagrams.flatMap((datagram) => parseRtcp(datagram) ?? []);

  test('reports to the trunk what came and what was sent, under a name of our own, and says goodbye', async () => {
    const source = new RtpSource(0x5150);
    for (const lost of [false, false, true, false]) {
      const packet = source.next();
      if (!lost) call.trunk.send(packet, call.trunkLeg.rtp);
    }
    call.browser.sendRtp(new RtpSource().next());
    const report = await until('a sender report', () => trunkRtcp().find(({ type }) => type === 'sr'), 8000);
    if (report.type !== 'sr') throw new Error('not reached');
    expect(report.packets).toBe(1);
    expect(report.octets).toBe(160);
    expect(report.ssrc).toBe(call.trunk.packets[0]?.ssrc);
    expect(report.blocks).toEqual([expect.objectContaining({ ssrc: 0x5150, cumulativeLost: 1, highestSequence: 103 })]);
    expect(trunkRtcp().find(({ type }) => type === 'sdes')).toBeDefined();
    await call.end();
    await until('a goodbye', () => trunkRtcp().some(({ type }) => type === 'bye'));
  });

  test('reports to the browser, protected', async () => {
    call.trunk.send(new RtpSource().next(), call.trunkLeg.rtp);
    const report = await until('a sender report', () => call.browser.rtcp.find(({ type }) => type === 'sr'), 8000);
    expect(report).toMatchObject({ ssrc: call.browserLeg.ssrc, packets: 1 });
    expect(call.browser.rtcp.find(({ type }) => type === 'sdes')).toMatchObject({ chunks: [{ items: [{ text: call.browserLeg.cname }] }] });
  });

  test("reads the browser's reports: loss, jitter and round trip of what we send", async () => {
    call.trunk.send(new RtpSource().next(), call.trunkLeg.rtp);
    await until('media', () => call.browser.packets.length === 1);
    const block = { ssrc: call.browserLeg.ssrc, fractionLost: 0, cumulativeLost: 7, highestSequence: 1, jitter: 80 };
    const { ntpSeconds, ntpFraction } = ntpTime(Date.now() - 250);
    const lastSenderReport = (ntpSeconds % 0x10000) * 0x10000 + Math.floor(ntpFraction / 0x10000);
    const delaySinceLastSenderReport = 0.05 * 65536;
    const blocks = [{ ...block, lastSenderReport, delaySinceLastSenderReport: Math.round(delaySinceLastSenderReport) }];
    call.browser.sendRtcp(writeRtcp([{ type: 'rr', ssrc: 1, blocks }]));
    await pause(50);
    await call.end();
    const [browser] = call.session.quality;
    expect(browser?.sent).toMatchObject({ lost: 7, jitterMs: 10 });
    expect(browser?.roundTripMs).toBeGreaterThan(190);
    expect(browser?.roundTripMs).toBeLessThan(400);
  });

  test('is not passed on, and a request for a picture breaks nothing', async () => {
    const pli: RtcpPacket = { type: 'other', packetType: 206, count: 1, body: new Uint8Array(8) };
    call.browser.sendRtcp(writeRtcp([{ type: 'rr', ssrc: 1, blocks: [] }, pli]));
    await pause(50);
    expect(control.datagrams).toHaveLength(0);
    call.browser.sendRtp(new RtpSource().next());
    await until('media', () => call.trunk.packets.length === 1);
  });

  test('statistics come once a second', async () => {
    call.trunk.send(new RtpSource().next(), call.trunkLeg.rtp);
    await until('statistics', () => call.record.latest.find(({ side }) => side === 'trunk')?.received.packets === 1, 3000);
  });
});
