import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { MediaRelay } from '../../src/relay/media-relay.ts';
import { readTelephoneEvent } from '../../src/rtp/telephone-event.ts';
import { browserMedia, configureTrunk, connectCall, localRelay, type MediaCall, media, pcmu } from '../support/media-call.ts';
import { type RtpPacket, RtpSource } from '../support/rtp-peer.ts';
import { pause, until } from '../support/until.ts';

const opus = { payloadType: 111, encoding: 'opus', clockRate: 48000, channels: 2 };
const wideEvents = { payloadType: 110, encoding: 'telephone-event', clockRate: 48000, channels: 1 };

/** The packets of one digit as Chromium sends them: four updates, three ends. */
function digitPackets(source: RtpSource, event: number, payloadType: number, ticks = 160): Uint8Array[] {
  const { timestamp } = source;
  return [1, 2, 3, 4, 5, 5, 5].map((step, at) => {
    const end = at >= 4 ? 0x80 : 0;
    const duration = step * ticks;
    const payload = Uint8Array.of(event, end | 10, duration >> 8, duration & 0xff);
    return source.next({ payload, payloadType, timestamp, marker: at === 0 });
  });
}

function eventsAmong(packets: readonly RtpPacket[], payloadType: number) {
  const events = packets.filter((packet) => packet.payloadType === payloadType);
  return events.map((packet) => ({ ...packet, ...readTelephoneEvent(packet.payload, 0, packet.payload.length) }));
}

describe('digits', () => {
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

  test('pass from the browser to the trunk under its payload type, and are told once', async () => {
    const source = new RtpSource();
    call.browser.sendRtp(source.next());
    for (const packet of digitPackets(source, 5, 126)) call.browser.sendRtp(packet);
    await until('eight packets', () => call.trunk.packets.length === 8);
    const events = eventsAmong(call.trunk.packets, 101);
    expect(events.map(({ marker }) => marker)).toEqual([true, false, false, false, false, false, false]);
    expect(new Set(events.map(({ timestamp }) => timestamp)).size).toBe(1);
    expect(events.map(({ duration }) => duration)).toEqual([160, 320, 480, 640, 800, 800, 800]);
    expect(call.record.digits).toEqual([{ leg: 1, digit: '5', durationMs: 100 }]);
  });

  test('pass from the trunk to the browser', async () => {
    const source = new RtpSource();
    for (const packet of digitPackets(source, 11, 101)) call.trunk.send(packet, call.trunkLeg.rtp);
    await until('seven packets', () => call.browser.packets.length === 7);
    expect(eventsAmong(call.browser.packets, 126)).toHaveLength(7);
    expect(call.record.digits).toEqual([{ leg: 2, digit: '#', durationMs: 100 }]);
  });

  test('are converted between clock rates', async () => {
    const { session, browser, browserLeg, trunk, trunkLeg } = call;
    session.configureBrowserLeg(browserLeg.leg, browser.describe(media([opus, wideEvents])));
    configureTrunk(call, media([opus, { ...wideEvents, payloadType: 101, clockRate: 8000 }]));
    for (const packet of digitPackets(new RtpSource(), 1, 110, 960)) browser.sendRtp(packet);
    await until('seven packets', () => trunk.packets.length === 7);
    expect(eventsAmong(trunk.packets, 101).map(({ duration }) => duration)).toEqual([160, 320, 480, 640, 800, 800, 800]);
    for (const packet of digitPackets(new RtpSource(), 2, 101)) trunk.send(packet, trunkLeg.rtp);
    await until('seven packets back', () => browser.packets.length === 7);
    expect(eventsAmong(browser.packets, 110).map(({ duration }) => duration)).toEqual([960, 1920, 2880, 3840, 4800, 4800, 4800]);
    expect(call.record.digits.map(({ digit, durationMs }) => [digit, durationMs])).toEqual([
      ['1', 100],
      ['2', 100],
    ]);
  });

  test('are told when the browser does not take events, and then not sent', async () => {
    const { session, browser, browserLeg, trunk, trunkLeg } = call;
    session.configureBrowserLeg(browserLeg.leg, browser.describe(media([pcmu])));
    const source = new RtpSource();
    for (const packet of digitPackets(source, 7, 101)) trunk.send(packet, trunkLeg.rtp);
    trunk.send(source.next(), trunkLeg.rtp);
    await until('the audio behind them', () => browser.packets.length === 1);
    expect(call.record.digits).toEqual([{ leg: 2, digit: '7', durationMs: 100 }]);
  });

  test('are sent on demand, in the line of the audio, which is held back meanwhile', async () => {
    const source = new RtpSource();
    const talking = setInterval(() => call.browser.sendRtp(source.next()), 20);
    await until('audio', () => call.trunk.packets.length > 3);
    call.session.sendDigit(call.trunkLeg.leg, '4', 100);
    call.session.sendDigit(call.trunkLeg.leg, '2', 2000);
    const complete = () => eventsAmong(call.trunk.packets, 101).filter(({ end }) => end).length === 6;
    await until('both digits', complete);
    await until('audio again', () => call.trunk.packets.at(-1)?.payloadType === 0);
    clearInterval(talking);
    const { packets } = call.trunk;
    const first = packets[0]?.sequence ?? 0;
    expect(packets.map(({ sequence }) => (sequence - first) & 0xffff)).toEqual(packets.map((_, at) => at));
    const events = eventsAmong(packets, 101);
    const four = events.filter(({ event }) => event === 4);
    const two = events.filter(({ event }) => event === 2);
    const durations = four.map(({ duration = 0 }) => duration);
    expect(durations).toEqual([...durations].sort((a, b) => a - b));
    expect(durations.slice(-3), 'the end is said three times').toEqual([800, 800, 800]);
    expect(two.at(-1)?.duration).toBe(3200);
    expect(new Set(four.map(({ timestamp }) => timestamp)).size).toBe(1);
    const between = (two[0]?.timestamp ?? 0) - (four[0]?.timestamp ?? 0);
    expect(between, 'the second begins behind the end of the first').toBeGreaterThanOrEqual(800);
    const within = packets.slice(packets.indexOf(packets.find(({ payloadType }) => payloadType === 101) as RtpPacket));
    expect(within.slice(0, four.length).every(({ payloadType }) => payloadType === 101)).toBe(true);
    const ticks = ((packets.at(-1)?.timestamp ?? 0) - (packets[0]?.timestamp ?? 0)) >>> 0;
    expect(ticks, 'the line went on by the digits at least').toBeGreaterThan(8 * (100 + 50 + 400));
  });

  test('are not sent to a trunk that takes none', async () => {
    configureTrunk(call, media([pcmu]));
    call.session.sendDigit(call.trunkLeg.leg, '1', 100);
    await pause(100);
    expect(call.trunk.packets).toHaveLength(0);
    call.session.configureBrowserLeg(call.browserLeg.leg, call.browser.describe(browserMedia));
  });
});
