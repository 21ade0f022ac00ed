import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { MediaRelay, PayloadFormat } from '../../src/relay/media-relay.ts';
import { LeapingClock } from '../support/leaping-clock.ts';
import type { MediaBrowserOptions } from '../support/media-browser.ts';
import { browserMedia, configureTrunk, connectCall, localRelay, type MediaCall, media, openCall, pcmu } from '../support/media-call.ts';
import { RtpPeer, RtpSource } from '../support/rtp-peer.ts';
import { pause, until } from '../support/until.ts';

const pcma: PayloadFormat = { payloadType: 8, encoding: 'PCMA', clockRate: 8000, channels: 1 };
const speech = Uint8Array.from({ length: 160 }, (_, at) => at);
const silence = new Uint8Array(160).fill(0xff);

describe('what is told of the media of a call', () => {
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

  const of = (what: string) => call.record.milestones.filter((milestone) => milestone.what === what);
  const names = (leg: number): string[] => call.record.milestones.filter((milestone) => milestone.leg === leg).map(({ what }) => what);
  const told = (what: string, times = 1) => until(what, () => of(what).length >= times && of(what)[times - 1]);

  async function connect(options: MediaBrowserOptions = {}): Promise<void> {
    call = await connectCall(relay, options);
  }

  function describeBrowser(): void {
    call.session.configureBrowserLeg(call.browserLeg.leg, call.browser.describe(browserMedia));
  }

  /** A tick of the relay: it takes stock once a second. */
  async function stock(): Promise<void> {
    const before = call.record.latest;
    await until('statistics', () => call.record.latest !== before);
  }

  test('a beginning, in its order', async () => {
    await connect();
    const remote = call.browser.address;
    call.browser.sendRtp(new RtpSource().next());
    call.trunk.send(new RtpSource().next(), call.trunkLeg.rtp);
    await told('rtp-began', 2);
    expect(names(call.browserLeg.leg)).toEqual([
      'ice-check',
      'ice-validated',
      'ice-nominated',
      'dtls-hello',
      'dtls-connected',
      'rtp-began',
    ]);
    expect(call.record.milestones.filter(({ leg }) => leg === call.browserLeg.leg).map((milestone) => milestone.remote)).toEqual(
      Array(6).fill(remote),
    );
    expect(of('dtls-connected')[0]?.detail).toBe('SRTP_AES128_CM_HMAC_SHA1_80');
    expect(of('rtp-began')).toContainEqual({
      leg: call.trunkLeg.leg,
      what: 'rtp-began',
      remote: call.trunk.address,
      detail: 'PCMU, payload type 0',
    });
  });

  test('checks that fail, once for each reason, and counted', async () => {
    call = await openCall(relay);
    const [candidate] = call.browserLeg.candidates;
    if (candidate) call.browser.point({ ...call.browserLeg.ice, pwd: 'not-the-password-we-told-it' }, candidate);
    for (let tries = 0; tries < 5; tries++) await expect(call.browser.check({ withinMs: 20 })).rejects.toThrow();
    await stock();
    expect(names(call.browserLeg.leg)).toEqual(['ice-check', 'ice-check-refused']);
    expect(of('ice-check-refused')[0]).toMatchObject({ remote: call.browser.address, detail: 'integrity' });
    expect(call.record.latest[0]).toMatchObject({ iceChecks: 5, iceChecksRefused: 5 });
  });

  test('checks with a ufrag that is none of ours, of the browser that was described', async () => {
    call = await openCall(relay);
    describeBrowser();
    const [candidate] = call.browserLeg.candidates;
    if (candidate) call.browser.point({ ...call.browserLeg.ice, ufrag: 'ofAnotherCall' }, candidate);
    await expect(call.browser.check({ ufrag: 'somebody', withinMs: 20 })).rejects.toThrow();
    expect(call.record.milestones).toEqual([]);
    await expect(call.browser.check({ withinMs: 20 })).rejects.toThrow();
    expect(await told('ice-check-refused')).toMatchObject({ remote: call.browser.address, detail: 'username' });
  });

  test('an ICE restart, and the address that comes with it', async () => {
    await connect();
    const ice = await call.session.restartIce(call.browserLeg.leg);
    const [candidate] = call.browserLeg.candidates;
    if (candidate) call.browser.point(ice, candidate);
    await call.browser.move();
    await call.browser.check();
    expect(await told('ice-nominated', 2)).toMatchObject({ remote: call.browser.address });
    expect(of('ice-restarted')).toHaveLength(1);
  });

  test('a path that is lost and comes back', async () => {
    await connect();
    clock.leap(31_000);
    await told('path-lost');
    await call.browser.check();
    expect(await told('path-restored')).toMatchObject({ leg: call.browserLeg.leg });
  });

  test('a handshake that fails', async () => {
    call = await openCall(relay, { impostor: true });
    describeBrowser();
    await call.browser.connect();
    expect(await told('dtls-failed')).toMatchObject({
      remote: call.browser.address,
      detail: expect.stringMatching(/^dtls-fingerprint-mismatch: /),
    });
    expect(of('dtls-connected')).toEqual([]);
  });

  test('SRTP that fails its authentication, and recovers', async () => {
    await connect();
    const voice = new RtpSource();
    for (let sent = 0; sent < 12; sent++) {
      const forged = call.browser.sendRtp(voice.next()).slice();
      forged[20] = (forged[20] as number) ^ 1;
      forged[3] = (forged[3] as number) ^ 0x80;
      for (let copy = 0; copy < 12; copy++) call.browser.sendBytes(forged);
    }
    await told('srtp-authentication-failing');
    await stock();
    await until('a second without forgeries', async () => {
      call.browser.sendRtp(voice.next());
      await pause(20);
      return of('srtp-authentication-recovered').length > 0;
    });
    expect(of('srtp-authentication-failing')).toHaveLength(1);
  });

  test('packets that are refused: from a stranger, of another kind, twice', async () => {
    await connect();
    const stranger = await RtpPeer.open('127.0.0.2');
    const voice = new RtpSource();
    for (let sent = 0; sent < 5; sent++) {
      stranger.send(new RtpSource().next(), call.trunkLeg.rtp);
      call.trunk.send(voice.next({ payloadType: 13 }), call.trunkLeg.rtp);
    }
    const packet = voice.next();
    for (let copy = 0; copy < 5; copy++) call.trunk.send(packet, call.trunkLeg.rtp);
    await until('all refusals', () => of('rtp-refused').length >= 3);
    await stock();
    const refused = of('rtp-refused').map(({ remote, detail }) => ({ remote, detail }));
    expect(refused).toHaveLength(3);
    expect(refused).toContainEqual({ remote: stranger.address, detail: 'source' });
    expect(refused).toContainEqual({ remote: call.trunk.address, detail: 'payload-type 13' });
    expect(refused).toContainEqual({ remote: call.trunk.address, detail: 'replay' });
    stranger.close();
  });

  test('a codec that the other side does not carry', async () => {
    await connect();
    configureTrunk(call, media([pcmu, pcma]));
    call.trunk.send(new RtpSource().next({ payloadType: 8 }), call.trunkLeg.rtp);
    expect(await told('rtp-refused')).toMatchObject({ remote: call.trunk.address, detail: 'codec PCMA' });
  });

  test('a source that is learned, and not refused before', async () => {
    await connect();
    configureTrunk(call, { rtp: { host: '127.0.0.9', port: 9 }, learn: true });
    await call.trunk.stream(new RtpSource(), call.trunkLeg.rtp, 40);
    expect(await told('source-learned')).toMatchObject({ leg: call.trunkLeg.leg, remote: call.trunk.address });
    expect(of('rtp-refused')).toEqual([]);
  });

  test('a stream that stops, goes on, and changes its source', async () => {
    await connect();
    const voice = new RtpSource();
    call.trunk.send(voice.next(), call.trunkLeg.rtp);
    await stock();
    clock.leap(2000);
    await told('rtp-stopped');
    call.trunk.send(voice.next(), call.trunkLeg.rtp);
    await told('rtp-resumed');
    call.trunk.send(new RtpSource(0x9999).next(), call.trunkLeg.rtp);
    expect(await told('ssrc-changed')).toMatchObject({ leg: call.trunkLeg.leg, remote: call.trunk.address });
  });

  test('nothing of the kind while the call is on hold', async () => {
    await connect();
    call.trunk.send(new RtpSource().next(), call.trunkLeg.rtp);
    await told('rtp-began');
    configureTrunk(call, { direction: 'inactive' });
    await stock();
    clock.leap(5000);
    await stock();
    expect(of('rtp-stopped')).toEqual([]);
  });

  test('digital silence, and its end', async () => {
    await connect();
    const voice = new RtpSource();
    const say = async (payload: Uint8Array, what: string): Promise<void> => {
      await until(what, async () => {
        call.browser.sendRtp(voice.next({ payload }));
        await pause(20);
        return of(what).length > 0;
      });
    };
    await stock();
    call.browser.sendRtp(voice.next({ payload: silence }));
    await pause(20);
    clock.leap(3000);
    await say(silence, 'silence-began');
    await say(speech, 'silence-ended');
    expect(of('silence-began')).toEqual([{ leg: call.browserLeg.leg, what: 'silence-began', remote: call.browser.address, detail: '' }]);
  });

  test('packets of another length than agreed', async () => {
    await connect();
    describeBrowser();
    call.session.configureBrowserLeg(call.browserLeg.leg, { ...call.browser.describe(browserMedia), ptimeMs: 20 });
    const voice = new RtpSource();
    await until('packet-time', async () => {
      call.trunk.send(voice.next({ timestamp: voice.sequence * 240 }), call.trunkLeg.rtp);
      await pause(30);
      return of('packet-time').length > 0;
    });
    expect(of('packet-time')).toEqual([
      { leg: call.trunkLeg.leg, what: 'packet-time', remote: call.trunk.address, detail: '30 ms, 20 ms was agreed' },
    ]);
  });

  test('a thread that came too late', async () => {
    await connect();
    await stock();
    clock.leap(2000);
    const late = await told('relay-late');
    expect(late.remote).toBeNull();
    expect(Number.parseInt(late.detail, 10)).toBeGreaterThan(500);
  });

  test('little, of a flood from many addresses', async () => {
    await connect();
    const strangers = await Promise.all(Array.from({ length: 40 }, () => RtpPeer.open('127.0.0.3')));
    for (const stranger of strangers) for (let sent = 0; sent < 5; sent++) stranger.send(new RtpSource().next(), call.trunkLeg.rtp);
    await stock();
    await stock();
    expect(of('rtp-refused').length).toBeLessThanOrEqual(16);
    expect(call.record.latest.find(({ side }) => side === 'trunk')?.dropped.source).toBe(200);
    for (const stranger of strangers) stranger.close();
  });
});
