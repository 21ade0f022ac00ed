/** A browser calls a carrier that nobody here wrote: SIPp. */

import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { knowsPassword } from '../support/digest-answer.ts';
import { freeSipPort } from '../support/free-port.ts';
import { GatewayProcess, type LogLine, testUser } from '../support/gateway-process.ts';
import { describeWith } from '../support/needs.ts';
import { callEnds, phoneOrigin, registeredPhone } from '../support/phone-stage.ts';
import { cseq, header, method, status } from '../support/plain-sip.ts';
import { Sipp, type SippOptions } from '../support/sipp.ts';
import { measureTone } from '../support/tone-meter.ts';
import { sipComplaints } from '../support/trunk-cleanliness.ts';
import { pause, until } from '../support/until.ts';
import type { WebSocketPhone } from '../support/websocket-phone.ts';

describeWith(['sipp'], 'a browser calls SIPp', () => {
  let gateway: GatewayProcess;
  let phone: WebSocketPhone;
  let sipp: Sipp;
  let played = 0;
  const carrier = { host: '127.0.0.1', port: 0 };
  const auth = { username: 'gwuser', password: 'gwpass' };

  beforeAll(async () => {
    carrier.port = await freeSipPort();
    const target = `sip:${carrier.host}:${carrier.port}`;
    const trunks = ['udp', 'tcp'].map((transport) => ({ name: transport, target: `${target};transport=${transport}`, auth }));
    const outbound = [
      { match: '^1', trunk: 'udp' },
      { match: '^2', trunk: 'tcp' },
    ];
    const sip = { udp: '127.0.0.1:0', tcp: '127.0.0.1:0' };
    const config = { sip, trunks, routes: { outbound }, call: { noAnswerSec: 4 } };
    gateway = await GatewayProcess.start({ trunk: carrier, origins: [phoneOrigin], config });
    phone = await registeredPhone(gateway);
  });

  afterEach(() => sipp.stop());

  afterAll(async () => {
    await phone?.close();
    expect(await gateway?.stop()).toEqual({ code: 0, signal: null });
  });

  async function play(scenario: string, options: Partial<SippOptions> = {}): Promise<void> {
    played = callEnds(gateway).length;
    sipp = await Sipp.start(scenario, { at: carrier, ...options });
  }

  /** SIPp saw what its scenario says and nothing that it should not see; the gateway says why the call ended, and has forgotten it. */
  async function endedAs(end: Partial<LogLine>): Promise<void> {
    await sipp.finished();
    expect(sipp.received.flatMap(sipComplaints)).toEqual([]);
    const invite = await sipp.next('INVITE');
    expect(header(invite, 'From')).toContain(testUser.callerId);
    const told = await until('the end of the call', () => callEnds(gateway)[played]);
    expect(told).toMatchObject(end);
    expect(await gateway.get('/api/v1/calls')).toEqual({ calls: [] });
  }

  test('hears early media, is answered, talks and hangs up', async () => {
    await play('uas-early-media');
    const call = await phone.call('1001');
    call.media.sendTone({ frequencyHz: 620 });
    await call.responded(183);
    await until('half a second of early media', () => call.media.packets.length >= 30);
    expect(call.received.some((message) => status(message) === 200)).toBe(false);
    expect(measureTone(call.media.heard(), 8000, 1004).frequencyHz).toBeCloseTo(620, 0);
    await call.established();
    const answeredMs = performance.now();
    await pause(1000);
    const heard = measureTone(call.media.heard(answeredMs), 8000, 1004);
    expect(heard.frequencyHz).toBeCloseTo(620, 0);
    expect(heard.levelDbfs).toBeCloseTo(-10, 0);
    expect(heard.longestGapMs).toBeLessThan(60);
    expect((await call.responded(200)).body).toBe((await call.responded(183)).body);
    expect(status(await call.bye())).toBe(200);
    await endedAs({ cause: 'hung-up', side: 'browser', answered: true });
  });

  test('calls over TCP', async () => {
    await play('uas-early-media', { transport: 'tcp' });
    const call = await phone.call('2001');
    await call.established();
    expect(status(await call.bye())).toBe(200);
    await endedAs({ cause: 'hung-up', side: 'browser', answered: true });
    expect(header(await sipp.next('INVITE'), 'Via')).toContain('SIP/2.0/TCP');
  });

  test('is hung up by the far end', async () => {
    await play('uas-hangs-up');
    const call = await phone.call('1001');
    await call.requested('BYE');
    await endedAs({ cause: 'hung-up', side: 'trunk', answered: true });
  });

  test('holds and comes back', async () => {
    await play('uas-held');
    const call = await phone.call('1001');
    call.media.sendTone({ frequencyHz: 620 });
    await call.established();
    const held = await call.reinvite('sendonly');
    expect([status(held), held.body.includes('a=recvonly')]).toEqual([200, true]);
    await pause(300);
    const resumed = await call.reinvite('sendrecv');
    expect([status(resumed), resumed.body.includes('a=sendrecv')]).toEqual([200, true]);
    const resumedMs = performance.now();
    await pause(1000);
    expect(measureTone(call.media.heard(resumedMs), 8000, 1004).frequencyHz).toBeCloseTo(620, 0);
    await call.bye();
    await endedAs({ cause: 'hung-up', side: 'browser' });
  });

  test.each([401, 407])('does not notice that the carrier wants a password by %i', async (challenge) => {
    await play(`uas-challenge-${challenge}`);
    const call = await phone.call('1001');
    await call.established();
    await call.bye();
    expect(call.received.some((message) => status(message) === challenge)).toBe(false);
    await endedAs({ cause: 'hung-up', side: 'browser' });
    const [first, second] = sipp.received.filter((message) => method(message) === 'INVITE');
    expect(first && [header(first, 'Authorization'), header(first, 'Proxy-Authorization')]).toEqual(['', '']);
    const credentials = second ? header(second, challenge === 401 ? 'Authorization' : 'Proxy-Authorization') : '';
    expect([knowsPassword(credentials, 'gwpass', 'INVITE'), knowsPassword(credentials, 'guessed', 'INVITE')]).toEqual([true, false]);
  });

  test('is told when the carrier does not take the password', async () => {
    await play('uas-refuses-password');
    const call = await phone.call('1001');
    expect(header(await call.responded(403), 'Reason')).toMatch(/^SIP;cause=407;text="/);
    await endedAs({ cause: 'forbidden', side: 'trunk', sipStatus: 407 });
    expect(sipp.received.filter((message) => method(message) === 'INVITE')).toHaveLength(2);
  });

  test('hears that the number is busy', async () => {
    await play('uas-busy');
    const call = await phone.call('1001');
    expect(header(await call.responded(486), 'Reason')).toBe('SIP;cause=486;text="Busy Here"');
    await endedAs({ cause: 'busy', side: 'trunk', sipStatus: 486, answered: false });
  });

  test('rings in vain', async () => {
    await play('uas-rings');
    const call = await phone.call('1001');
    await call.responded(180);
    expect(header(await call.responded(480), 'Reason')).toBe('Q.850;cause=19;text="No answer"');
    expect(header(await sipp.next('CANCEL'), 'Reason')).toBe('Q.850;cause=19;text="No answer"');
    await endedAs({ cause: 'no-answer', side: 'gateway', answered: false });
  });

  test('gives up while it rings', async () => {
    await play('uas-rings');
    const call = await phone.call('1001');
    await call.responded(180);
    call.cancel();
    await call.responded(487);
    await endedAs({ cause: 'cancelled', side: 'browser', answered: false });
  });

  test('is answered three times over: each answer gets the same ACK', async () => {
    await play('uas-repeats-answer', { literal: true });
    const call = await phone.call('1001');
    await call.established();
    await until('three ACKs', () => sipp.received.filter((message) => method(message) === 'ACK').length === 3);
    await call.bye();
    await endedAs({ cause: 'hung-up', side: 'browser' });
    const acks = sipp.received.filter((message) => method(message) === 'ACK');
    expect(acks.map(cseq)).toEqual(Array(3).fill(cseq(await sipp.next('INVITE'))));
    expect(call.received.filter((message) => status(message) === 200 && method(message) === 'INVITE')).toHaveLength(1);
  });
});

describeWith(['sipp'], 'a registration at SIPp', () => {
  test('is made with a password, refreshed in time, and taken back at the end', async () => {
    const carrier = { host: '127.0.0.1', port: await freeSipPort() };
    const sipp = await Sipp.start('uas-registrar', { at: carrier });
    const trunkSettings = { auth: { username: 'gwuser', password: 'gwpass' }, register: true };
    const gateway = await GatewayProcess.start({ trunk: carrier, origins: [], trunkSettings });
    await until('a refresh', () => gateway.log.filter(({ msg }) => msg === 'registered at trunk').length === 2);
    expect(await gateway.stop()).toEqual({ code: 0, signal: null });
    await sipp.finished();
    expect(sipp.received.flatMap(sipComplaints)).toEqual([]);
    expect(new Set(sipp.received.map((message) => header(message, 'Call-ID'))).size).toBe(1);
    expect(sipp.received.map(cseq)).toEqual([1, 2, 3, 4, 5, 6]);
    await sipp.stop();
  });
});
