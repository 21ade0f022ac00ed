/** A second WebRTC stack, werift, calls a trunk of our own: sound both ways, hold, and digits packet by packet. */

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { GatewayProcess } from '../support/gateway-process.ts';
import type { PhoneCall } from '../support/phone-call.ts';
import { phoneOrigin, registeredPhone } from '../support/phone-stage.ts';
import { method, status } from '../support/plain-sip.ts';
import { payloadType, type RtpVoice } from '../support/rtp-voice.ts';
import { measureTone } from '../support/tone-meter.ts';
import type { TrunkCall } from '../support/trunk-call.ts';
import { rtpComplaints, sipComplaints } from '../support/trunk-cleanliness.ts';
import { TrunkPeer } from '../support/trunk-peer.ts';
import { pause, until } from '../support/until.ts';
import type { WebSocketPhone } from '../support/websocket-phone.ts';
import { withoutFfi } from '../support/without-ffi.ts';

const [browserHz, trunkHz] = [620, 1004];
const loopbackMedia = { browser: { bind: '127.0.0.1', port: 0 }, trunk: { bind: '127.0.0.1' } };
/** telephone-event/8000 in the browser's descriptions. */
const browserEvent = 126;

/** Every way in which the media path can be put together. */
const ways = [
  { name: 'with FFI, in a thread', drivers: { udp: 'mmsg', dtls: 'openssl', srtp: 'evp' } },
  { name: 'without FFI', nodeArgs: withoutFfi, drivers: { udp: 'dgram', dtls: 'werift', srtp: 'node' } },
  { name: 'in the main thread', media: { workers: 0 }, drivers: { dtls: 'openssl' } },
];

describe.each(ways)('werift calls through the gateway, $name', ({ nodeArgs = [], media = {}, drivers }) => {
  let gateway: GatewayProcess;
  let phone: WebSocketPhone;
  let trunk: TrunkPeer;

  beforeAll(async () => {
    trunk = await TrunkPeer.open();
    gateway = await GatewayProcess.start({
      trunk: trunk.address,
      origins: [phoneOrigin],
      nodeArgs,
      config: { media: { ...loopbackMedia, ...media } },
    });
    phone = await registeredPhone(gateway);
  });

  afterAll(async () => {
    await phone?.close();
    trunk?.close();
    expect(await gateway?.stop()).toEqual({ code: 0, signal: null });
  });

  async function talk(): Promise<{ call: PhoneCall; far: TrunkCall }> {
    trunk.onCall = (incoming) => incoming.answer();
    const call = await phone.call('1001');
    const far = await trunk.nextCall();
    await call.established();
    call.media.sendTone({ frequencyHz: browserHz });
    far.rtp.sendTone({ frequencyHz: trunkHz });
    return { call, far };
  }

  /** Both hear the other and not themselves. */
  async function expectSound({ call, far }: { call: PhoneCall; far: TrunkCall }): Promise<void> {
    await pause(300);
    const sinceMs = performance.now();
    await pause(1200);
    for (const [voice, wantedHz, ownHz] of [[call.media, trunkHz, browserHz] as const, [far.rtp, browserHz, trunkHz] as const]) {
      const heard = measureTone(voice.heard(sinceMs), 8000, ownHz);
      expect(Math.abs(heard.frequencyHz - wantedHz)).toBeLessThan(2);
      expect(Math.abs(heard.levelDbfs + 10)).toBeLessThan(1);
      expect(heard.rejectionDb).toBeGreaterThan(40);
      expect(heard.longestGapMs).toBeLessThan(60);
    }
  }

  test('the drivers are those that serve there', () => {
    const chosen = gateway.log.filter(({ msg }) => msg === 'driver chosen').map((line) => [line['of'], line['driver']]);
    expect(Object.fromEntries(chosen)).toMatchObject(drivers);
  });

  test('sound goes both ways, before, during and after a hold', async () => {
    const { call, far } = await talk();
    await expectSound({ call, far });
    expect((await call.reinvite('sendonly')).body).toContain('a=recvonly');
    expect((await far.next('hold', ({ body }) => body.includes('a=sendonly'))).startLine).toMatch(/^INVITE/);
    await until('no more sound from the trunk', () => isSilent(call.media));
    await call.reinvite('sendrecv');
    await expectSound({ call, far });
    expect(status(await call.bye())).toBe(200);
    await far.requested('BYE');
    expect(far.received.flatMap(sipComplaints)).toEqual([]);
    expect(rtpComplaints(far.rtp.packets)).toEqual([]);
  });

  test('a hold by the trunk stops the sound, not the call', async () => {
    const { call, far } = await talk();
    await expectSound({ call, far });
    const invites = (): number => call.received.filter((message) => status(message) === 0 && method(message) === 'INVITE').length;
    expect((await far.reinvite('sendonly')).body).toContain('a=recvonly');
    await until('no more sound from the browser', () => isSilent(far.rtp));
    expect(invites()).toBe(1);
    expect((await far.reinvite('sendrecv')).body).toContain('a=sendrecv');
    await expectSound({ call, far });
    expect(invites()).toBe(2);
    await far.bye();
    await call.requested('BYE');
  });

  test('digits from the trunk reach the browser packet by packet', async () => {
    const { call, far } = await talk();
    await until('sound', () => call.media.packets.length > 20);
    for (const digit of '5#') {
      await far.rtp.sendDigit(digit, 100);
      far.rtp.sendTone({ frequencyHz: trunkHz });
      await pause(200);
    }
    await until('both digits', () => call.media.digits() === '5#');
    const packets = call.media.packets.map(({ bytes }) => bytes);
    // One line: nothing lost, nothing out of order, one source.
    expect(rtpComplaints(call.media.packets, [0, browserEvent])).toEqual([]);
    const events = packets.filter((bytes) => payloadType(bytes) === browserEvent).map(readEvent);
    for (const [event, of] of [[5, events.slice(0, 8)] as const, [11, events.slice(8)] as const]) {
      expect(of.map(({ duration }) => duration)).toEqual([160, 320, 480, 640, 800, 800, 800, 800]);
      expect(of.map(({ marker }) => marker)).toEqual([true, ...Array(7).fill(false)]);
      expect(of.map(({ end }) => end)).toEqual([...Array(5).fill(false), true, true, true]);
      expect(new Set(of.map(({ timestamp }) => timestamp)).size).toBe(1);
      expect(new Set(of.map((packet) => packet.event))).toEqual(new Set([event]));
      expect(new Set(of.map(({ volume }) => volume))).toEqual(new Set([10]));
    }
    expect(far.invite.body).toContain('a=rtpmap:101 telephone-event/8000\r\n');
    expect(packets.some((bytes) => bytes.readUInt32BE(8) === far.rtp.ssrc)).toBe(false);
    await call.bye();
    await far.requested('BYE');
  });
});

function isSilent(voice: RtpVoice): boolean {
  return performance.now() - (voice.packets.at(-1)?.atMs ?? 0) > 200;
}

/** RFC 4733 section 2.3 */
function readEvent(bytes: Buffer): { event: number; end: boolean; volume: number; duration: number; marker: boolean; timestamp: number } {
  return {
    event: bytes[12] ?? 0,
    end: ((bytes[13] ?? 0) & 0x80) !== 0,
    volume: (bytes[13] ?? 0) & 0x3f,
    duration: bytes.readUInt16BE(14),
    marker: ((bytes[1] ?? 0) & 0x80) !== 0,
    timestamp: bytes.readUInt32BE(4),
  };
}
