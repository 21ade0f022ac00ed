/** What only time shows, all at once: session timers of real clients, and peers that fall silent. */

import { once } from 'node:events';
import { connect } from 'node:net';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { WebSocket } from 'ws';
import { BrowserPhone, launchChromium } from '../support/chromium.ts';
import { freeSipPort } from '../support/free-port.ts';
import { GatewayProcess, type LogLine, testDomain } from '../support/gateway-process.ts';
import { describeWith } from '../support/needs.ts';
import { PageServer } from '../support/page-server.ts';
import { callEnds, phoneOrigin, registeredPhone } from '../support/phone-stage.ts';
import { header, method, status, type UdpAddress } from '../support/plain-sip.ts';
import { Sipp } from '../support/sipp.ts';
import { browserHz, expectCleanTrunk, expectTonesBothWays, toneDbfs } from '../support/system.ts';
import { sipComplaints } from '../support/trunk-cleanliness.ts';
import { TrunkPeer } from '../support/trunk-peer.ts';
import { pause, until } from '../support/until.ts';

// All at once: together they take as long as the longest.
vi.setConfig({ maxConcurrency: 16 });

const loopback = '127.0.0.1';
const password = 'secret';
const longMs = 100_000;
const timeoutMs = 130_000;

/** Each test has a user of its own, and a number that leads to a trunk of its own. */
const users = ['caller', 'callee', 'refreshed', 'expired', 'acked', 'unheard', 'gone'] as const;
type User = (typeof users)[number];
const trunks = { peer: '1', refresher: '2', forgetful: '3', nowhere: '4' } as const;
type Trunk = keyof typeof trunks;

describeWith(['chromium', 'sipp'], 'calls of 100 s', () => {
  const at = {} as Record<Trunk, UdpAddress>;
  let peer: TrunkPeer;
  let pages: PageServer;
  let browser: Browser;
  let gateway: GatewayProcess;

  beforeAll(async () => {
    peer = await TrunkPeer.open();
    at.peer = peer.address;
    for (const name of ['refresher', 'forgetful', 'nowhere'] as const) at[name] = { host: loopback, port: await freeSipPort() };
    pages = await PageServer.open('jssip');
    browser = await launchChromium();
    const names = Object.keys(trunks) as Trunk[];
    gateway = await GatewayProcess.start({
      trunk: peer.address,
      origins: ['*'],
      config: {
        users: users.map((name) => ({ name, password })),
        trunks: names.map((name) => ({ name, target: `sip:${at[name].host}:${at[name].port};transport=udp` })),
        routes: {
          outbound: names.map((trunk) => ({ match: `^${trunks[trunk]}`, trunk })),
          inbound: users.map((user) => ({ match: `^${user}$`, users: [user] })),
        },
        call: { sessionExpiresSec: 90, graceSec: 5 },
        sip: { udp: `${loopback}:0`, tcp: `${loopback}:0` },
      },
    });
  }, 60_000);

  afterAll(async () => {
    await browser?.close();
    await pages?.close();
    expect(await gateway?.get('/api/v1/calls')).toEqual({ calls: [] });
    expect(await gateway?.stop()).toEqual({ code: 0, signal: null });
    peer?.close();
  }, 30_000);

  /** A phone in Chromium, and every SIP message that its page sends. */
  async function jssip(user: User): Promise<{ phone: BrowserPhone; sent: string[] }> {
    const phone = await BrowserPhone.open(browser, pages);
    const sent: string[] = [];
    phone.page.on('websocket', (socket) => socket.on('framesent', ({ payload }) => sent.push(String(payload))));
    await phone.start({ url: gateway.url, user, password, domain: testDomain, toneHz: browserHz, levelDbfs: toneDbfs });
    return { phone, sent };
  }

  /** How the call of this user ended, once it did. */
  function endOf(user: User, waitMs?: number): Promise<LogLine> {
    const started = (): LogLine | undefined => gateway.log.find((line) => line.msg === 'call' && line['user'] === user);
    const ended = (): LogLine | undefined => callEnds(gateway).find((line) => line['callId'] === started()?.['callId']);
    return until(`the end of the call of ${user}`, ended, waitMs);
  }

  test.concurrent('JsSIP calls, and refreshes its 90 s session itself', { timeout: timeoutMs }, async () => {
    peer.onCall = (incoming) => incoming.answer();
    const { phone, sent } = await jssip('caller');
    await phone.call('1001');
    await phone.reaches('talking');
    const far = await peer.nextCall();
    await pause(longMs);
    await expectTonesBothWays(phone, far);
    expect(sent.filter((message) => message.startsWith('UPDATE ')).length).toBeGreaterThanOrEqual(2);
    // The refresh is the browser leg's own affair.
    expect(far.received.map(method)).toEqual(['INVITE', 'ACK']);
    await phone.hangUp();
    await far.requested('BYE');
    expectCleanTrunk(far);
    expect(await endOf('caller')).toMatchObject({ cause: 'hung-up', side: 'browser' });
  });

  test.concurrent('JsSIP is called, and its session is refreshed', { timeout: timeoutMs }, async () => {
    const { phone, sent } = await jssip('callee');
    const far = await peer.call(gateway.listeners.udp, 'callee');
    await phone.reaches('ringing');
    await phone.answer();
    await phone.reaches('talking');
    await pause(longMs);
    await expectTonesBothWays(phone, far);
    const answered = sent.filter((message) => message.startsWith('SIP/2.0 200') && /^CSeq: \d+ UPDATE\r$/m.test(message));
    const asked = sent.filter((message) => message.startsWith('UPDATE '));
    expect(answered.length + asked.length).toBeGreaterThanOrEqual(2);
    await far.bye();
    await phone.reaches('ended');
    expect(await endOf('callee')).toMatchObject({ cause: 'hung-up', side: 'trunk' });
  });

  test.concurrent('a trunk refreshes the session that it promised to refresh', { timeout: timeoutMs }, async () => {
    const sipp = await Sipp.start('uas-refresher', { at: at.refresher, timeoutSec: 120 });
    const phone = await registeredPhone(gateway, { user: 'refreshed', password });
    const call = await phone.call('2001');
    await call.established();
    await call.requested('BYE', longMs + 15_000);
    await sipp.finished();
    expect(sipp.received.flatMap(sipComplaints)).toEqual([]);
    expect(sipp.received.filter((message) => status(message) === 0).map(method)).toEqual(['INVITE', 'ACK']);
    expect(await endOf('refreshed')).toMatchObject({ cause: 'hung-up', side: 'trunk' });
    await Promise.all([sipp.stop(), phone.close()]);
  });

  test.concurrent('a trunk that forgets to refresh loses the call before the session expires', { timeout: timeoutMs }, async () => {
    const sipp = await Sipp.start('uas-forgets-refresh', { at: at.forgetful, timeoutSec: 110 });
    const phone = await registeredPhone(gateway, { user: 'expired', password });
    const call = await phone.call('3001');
    await call.established();
    const startMs = performance.now();
    expect(header(await call.requested('BYE', 90_000), 'Reason')).toContain('Session timer expired');
    expect(performance.now() - startMs).toBeGreaterThan(55_000);
    await sipp.finished();
    expect(await endOf('expired')).toMatchObject({ cause: 'session-expired', side: 'trunk' });
    await Promise.all([sipp.stop(), phone.close()]);
  });

  test.concurrent('a caller that never acknowledges is hung up', { timeout: timeoutMs }, async () => {
    const phone = await registeredPhone(gateway, { user: 'acked', password });
    const calls = { user: 'acked', gateway: gateway.listeners.udp };
    const sipp = await Sipp.start('uac-never-acks', { at: { host: loopback, port: await freeSipPort() }, calls, timeoutSec: 60 });
    const call = await phone.nextCall();
    await call.answer();
    await call.requested('BYE', 40_000);
    await sipp.finished();
    expect(await endOf('acked')).toMatchObject({ cause: 'ack-missing', side: 'trunk' });
    await Promise.all([sipp.stop(), phone.close()]);
  });

  test.concurrent('a trunk that says nothing at all is given up', { timeout: timeoutMs }, async () => {
    const phone = await registeredPhone(gateway, { user: 'unheard', password });
    const call = await phone.call('4001');
    await call.next('a refusal', (message) => status(message) >= 500 || status(message) === 408, 40_000);
    expect(await endOf('unheard')).toMatchObject({ cause: 'transport', side: 'trunk', answered: false });
    await phone.close();
  });

  test.concurrent('a browser that is gone altogether leaves no call behind', { timeout: timeoutMs }, async () => {
    const phone = await registeredPhone(gateway, { user: 'gone', password });
    const far = await peer.call(gateway.listeners.udp, 'gone');
    const call = await phone.nextCall();
    await call.answer();
    await call.media.connected();
    await phone.close();
    const goneMs = performance.now();
    await far.requested('BYE', 50_000);
    expect(performance.now() - goneMs).toBeLessThan(40_000);
    expect(await endOf('gone')).toMatchObject({ cause: 'media-lost', side: 'browser' });
  });

  test.concurrent('a trunk connection on which a message trickles without end is cut', { timeout: timeoutMs }, async () => {
    const socket = connect(gateway.listeners.tcp?.port ?? 0, loopback);
    const trickle = setInterval(() => socket.write('x'), 500);
    const sinceMs = performance.now();
    socket.on('error', () => {}).write('OPTIONS sip:a@b SIP/2.0\r\nSubject: ');
    await until('the end of the connection', () => socket.resume().closed, 20_000);
    clearInterval(trickle);
    expect(performance.now() - sinceMs).toBeGreaterThan(5000);
  });

  test.concurrent('a connection that answers no pings is closed', { timeout: timeoutMs }, async () => {
    const webSocket = new WebSocket(gateway.url, 'sip', { autoPong: false, origin: phoneOrigin });
    await once(webSocket, 'open');
    const openedMs = performance.now();
    await once(webSocket, 'close');
    expect(performance.now() - openedMs).toBeLessThan(70_000);
  });
});
