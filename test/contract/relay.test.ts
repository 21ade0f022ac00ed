/** What the call layer relies on, whether the relay runs in this thread or in workers. Workers run from dist/. */

import { existsSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createLocalRelay } from '../../src/relay/local.ts';
import type { MediaRelay } from '../../src/relay/media-relay.ts';
import type { RelayOptions } from '../../src/relay/relay-options.ts';
import { browserMedia, connectCall, type MediaCall, openCall, relayOptions, SessionRecord, trunkMedia } from '../support/media-call.ts';
import { openDescriptors } from '../support/process-state.ts';
import { RtpPeer, RtpSource } from '../support/rtp-peer.ts';
import { until } from '../support/until.ts';

const openSockets = (): number => openDescriptors(process.pid).filter((kind) => kind === 'socket').length;

type Create = (options: RelayOptions) => Promise<MediaRelay>;

const poolModule = new URL('../../dist/relay/pool.js', import.meta.url);

async function pool(workers: number, driver: RelayOptions['driver'] = 'dgram'): Promise<Create> {
  const { createRelayPool } = (await import(poolModule.href)) as typeof import('../../src/relay/pool.ts');
  return (options) => createRelayPool({ ...options, workers, driver });
}

const relays: ReadonlyArray<[string, () => Promise<Create>]> = [
  ['in this thread', async () => createLocalRelay],
  ['in one worker', () => pool(1)],
  ['in two workers', () => pool(2)],
  ['in one worker, by mmsg', () => pool(1, 'mmsg')],
];

describe.each(relays)('the relay %s', (name, load) => {
  let create: Create;
  let relay: MediaRelay;

  beforeEach(async (context) => {
    if (name !== 'in this thread' && !existsSync(poolModule)) context.skip('npm run build makes dist/');
    create = await load();
    relay = await create(relayOptions);
  });

  afterEach(async () => {
    await relay?.close();
  });

  async function opened() {
    const record = new SessionRecord();
    return { record, session: await relay.openSession(record) };
  }

  test('tells what descriptions need', async () => {
    const { session } = await opened();
    const browser = await session.addBrowserLeg();
    expect(browser.ice.ufrag.length).toBeGreaterThanOrEqual(4);
    expect(browser.ice.pwd.length).toBeGreaterThanOrEqual(22);
    expect(browser.fingerprint).toMatchObject({ algorithm: 'sha-256', value: expect.stringMatching(/^([0-9A-F]{2}:){31}[0-9A-F]{2}$/) });
    expect(browser.candidates).toEqual([{ host: '127.0.0.1', port: expect.any(Number) }]);
    const trunk = await session.addTrunkLeg();
    expect(trunk.leg).not.toBe(browser.leg);
    expect(trunk.rtp.host).toBe('127.0.0.1');
    expect(trunk.rtp.port % 2).toBe(0);
  });

  test('gives each leg ports, credentials and a source of its own, and one certificate to all', async () => {
    const { session } = await opened();
    const browsers = [await session.addBrowserLeg(), await (await opened()).session.addBrowserLeg()];
    expect(new Set(browsers.map(({ ice }) => ice.ufrag)).size).toBe(2);
    expect(new Set(browsers.map(({ ssrc }) => ssrc)).size).toBe(2);
    expect(new Set(browsers.map(({ fingerprint }) => fingerprint.value)).size).toBe(1);
    const trunks = [await session.addTrunkLeg(), await session.addTrunkLeg()];
    expect(new Set(trunks.map(({ rtp }) => rtp.port)).size).toBe(2);
  });

  test('carries calls both ways, and counts them', async () => {
    const calls: MediaCall[] = [await connectCall(relay), await connectCall(relay)];
    for (const call of calls) {
      call.browser.sendRtp(new RtpSource().next());
      call.trunk.send(new RtpSource().next(), call.trunkLeg.rtp);
      await until('media both ways', () => call.trunk.packets.length === 1 && call.browser.packets.length === 1);
      await until('statistics', () => call.record.latest[0]?.received.packets === 1, 3000);
      await call.end();
      expect(call.record.last?.reason).toBe('closed');
      expect(call.session.quality.map(({ received }) => received.packets)).toEqual([1, 1]);
      expect(call.record.events).toEqual(['connected 1 SRTP_AES128_CM_HMAC_SHA1_80']);
    }
  });

  test('tells how the media of a call began, and what was refused', async () => {
    const call = await connectCall(relay);
    call.browser.sendRtp(new RtpSource().next());
    call.trunk.send(new RtpSource().next({ payloadType: 13 }), call.trunkLeg.rtp);
    const refused = { leg: call.trunkLeg.leg, what: 'rtp-refused', remote: call.trunk.address, detail: 'payload-type 13' };
    await until('both', () => call.record.milestones.filter(({ what }) => what.startsWith('rtp-')).length === 2);
    expect(call.record.milestones).toContainEqual(refused);
    const ofBrowser = call.record.milestones.filter(({ leg }) => leg === call.browserLeg.leg);
    const names = ['ice-check', 'ice-validated', 'ice-nominated', 'dtls-hello', 'dtls-connected', 'rtp-began'];
    expect(ofBrowser.map(({ what }) => what)).toEqual(names);
    expect(ofBrowser.map(({ remote }) => remote)).toEqual(names.map(() => call.browser.address));
    await call.end();
  });

  test('reports a digit of the trunk', async () => {
    const call = await connectCall(relay);
    const end = new RtpSource().next({ payloadType: 101, payload: Uint8Array.of(9, 0x8a, 0x03, 0x20) });
    call.trunk.send(end, call.trunkLeg.rtp);
    await until('the digit', () => call.record.digits.length === 1);
    expect(call.record.digits).toEqual([{ leg: call.trunkLeg.leg, digit: '9', durationMs: 100 }]);
    await call.end();
  });

  test('reports a failed handshake', async () => {
    const call = await openCall(relay, { impostor: true });
    call.session.configureBrowserLeg(call.browserLeg.leg, call.browser.describe(browserMedia));
    await call.browser.connect();
    await until('the failure', () => call.record.events[0] === 'failed 1 dtls-fingerprint-mismatch');
    await call.end();
  });

  test('ends a session once, and is silent afterwards', async () => {
    const { session, record } = await opened();
    const leg = await session.addTrunkLeg();
    session.close();
    session.close();
    await until('the end', () => record.last !== null);
    session.configureTrunkLeg(leg.leg, { ...trunkMedia, rtp: null, rtcp: null, learn: false });
    session.sendDigit(leg.leg, '1', 100);
    session.removeLeg(leg.leg);
    await expect(session.addBrowserLeg()).rejects.toThrow();
    await expect(session.addTrunkLeg()).rejects.toThrow();
    expect(session.quality).toHaveLength(1);
  });

  test('refuses what it cannot do, one question at a time', async () => {
    const { session } = await opened();
    const { leg } = await session.addTrunkLeg();
    await expect(session.restartIce(leg)).rejects.toThrow();
    await expect(session.restartIce(99)).rejects.toThrow();
    session.bridge(leg, 99);
    session.removeLeg(99);
    await expect(session.addBrowserLeg()).resolves.toBeDefined();
  });

  test('hands out every pair of ports, steps over one that is taken, and gets them back', async () => {
    await relay.close();
    relay = await create({ ...relayOptions, trunk: { bind: '127.0.0.1', advertise: '198.51.100.1', ports: [48500, 48505] } });
    const squatter = await RtpPeer.open('127.0.0.1', 48503);
    const { session, record } = await opened();
    const legs = [await session.addTrunkLeg(), await session.addTrunkLeg()];
    expect(new Set(legs.map(({ rtp }) => rtp.port))).toEqual(new Set([48500, 48504]));
    expect(legs[0]?.rtp.host).toBe('198.51.100.1');
    await expect(session.addTrunkLeg()).rejects.toMatchObject({ name: 'PortsExhausted' });
    session.removeLeg(legs[0]?.leg ?? 0);
    await expect(session.addTrunkLeg()).resolves.toMatchObject({ rtp: legs[0]?.rtp });
    session.close();
    await until('the end', () => record.last !== null);
    squatter.close();
    const next = await opened();
    for (let pair = 0; pair < 3; pair++) await next.session.addTrunkLeg();
  });

  test('closes with calls on it, twice, and opens none afterwards', async () => {
    const { session, record } = await opened();
    await Promise.all([relay.close(), relay.close()]);
    expect(record.last).not.toBeNull();
    expect(session.quality).toEqual([]);
    await expect(relay.openSession(new SessionRecord())).rejects.toThrow();
  });

  test('stops within 100 ms while media flows, and leaves no socket open', async () => {
    await relay.close();
    const before = openSockets();
    const lastedMs: number[] = [];
    for (let round = 0; round < 3; round++) {
      relay = await create(relayOptions);
      const call = await connectCall(relay);
      const [spoken, heard] = [new RtpSource(1), new RtpSource(2)];
      const talking = setInterval(() => {
        call.browser.sendRtp(spoken.next());
        call.trunk.send(heard.next(), call.trunkLeg.rtp);
      }, 1);
      await until('media both ways', () => call.trunk.packets.length > 50 && call.browser.packets.length > 50);
      const started = performance.now();
      await relay.close();
      lastedMs.push(performance.now() - started);
      clearInterval(talking);
      await call.end();
    }
    // The machine may be busy with other things for once.
    expect(Math.min(...lastedMs)).toBeLessThan(100);
    await until('the end of all sockets', () => openSockets() === before);
  });

  test('does not start on a port that is taken, and leaves nothing behind', async () => {
    const squatter = await RtpPeer.open();
    const { port } = squatter.address;
    await expect(create({ ...relayOptions, browser: { bind: '127.0.0.1', advertise: null, port } })).rejects.toThrow('in use');
    squatter.close();
  });

  test('tells browsers the advertised address', async () => {
    await relay.close();
    relay = await create({ ...relayOptions, browser: { bind: '127.0.0.1', advertise: '203.0.113.5', port: 0 } });
    const { session } = await opened();
    const { candidates } = await session.addBrowserLeg();
    expect(candidates).toEqual([{ host: '203.0.113.5', port: expect.any(Number) }]);
  });
});
