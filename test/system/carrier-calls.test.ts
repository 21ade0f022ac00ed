/** A carrier that nobody here wrote calls a browser: SIPp. */

import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { freeSipPort } from '../support/free-port.ts';
import { GatewayProcess, type LogLine, testUser } from '../support/gateway-process.ts';
import { describeWith } from '../support/needs.ts';
import type { PhoneCall } from '../support/phone-call.ts';
import { callEnds, phoneOrigin, registeredPhone } from '../support/phone-stage.ts';
import { header, method, status } from '../support/plain-sip.ts';
import { Sipp, type SippOptions } from '../support/sipp.ts';
import { measureTone } from '../support/tone-meter.ts';
import { sipComplaints } from '../support/trunk-cleanliness.ts';
import { pause, until } from '../support/until.ts';
import type { WebSocketPhone } from '../support/websocket-phone.ts';

describeWith(['sipp'], 'SIPp calls a browser', () => {
  let gateway: GatewayProcess;
  let phone: WebSocketPhone;
  let sipp: Sipp;
  let played = 0;
  const carrier = { host: '127.0.0.1', port: 0 };

  beforeAll(async () => {
    carrier.port = await freeSipPort();
    const sip = { udp: '127.0.0.1:0', tcp: '127.0.0.1:0' };
    gateway = await GatewayProcess.start({ trunk: carrier, origins: [phoneOrigin], config: { sip } });
    phone = await registeredPhone(gateway);
  });

  afterEach(() => sipp.stop());

  afterAll(async () => {
    await phone?.close();
    expect(await gateway?.stop()).toEqual({ code: 0, signal: null });
  });

  /** SIPp plays a scenario; the phone's call. */
  async function play(scenario: string, options: Partial<SippOptions> = {}): Promise<PhoneCall> {
    played = callEnds(gateway).length;
    const { udp, tcp } = gateway.listeners;
    const calls = { user: testUser.callerId, gateway: options.transport === 'tcp' ? (tcp ?? udp) : udp };
    sipp = await Sipp.start(scenario, { at: carrier, calls, ...options });
    return phone.nextCall();
  }

  async function endedAs(end: Partial<LogLine>): Promise<void> {
    await sipp.finished();
    expect(sipp.received.flatMap(sipComplaints)).toEqual([]);
    expect(await until('the end of the call', () => callEnds(gateway)[played])).toMatchObject(end);
    expect(await gateway.get('/api/v1/calls')).toEqual({ calls: [] });
  }

  test.each(['uac', 'uac-no-offer'])('%s: is answered, talks and hangs up', async (scenario) => {
    const call = await play(scenario);
    expect(header(call.invite, 'From')).toMatch(/^<sip:\+15550199@example\.com>;tag=/);
    call.ring();
    await pause(100);
    call.media.sendTone({ frequencyHz: 620 });
    await call.answer();
    await call.requested('ACK');
    await call.media.connected();
    const startMs = performance.now();
    await call.requested('BYE');
    const heard = measureTone(call.media.heard(startMs), 8000, 1004);
    expect(heard.frequencyHz).toBeCloseTo(620, 0);
    expect(heard.longestGapMs).toBeLessThan(60);
    await endedAs({ cause: 'hung-up', side: 'trunk', answered: true });
    expect(call.invite.body).toContain('m=audio');
  });

  test('calls over TCP', async () => {
    const call = await play('uac', { transport: 'tcp' });
    await call.answer();
    await call.requested('BYE');
    await endedAs({ cause: 'hung-up', side: 'trunk', answered: true });
    expect(sipp.sent[0]?.raw.toString('latin1')).toContain('Via: SIP/2.0/TCP');
  });

  test('gives up while the browser rings', async () => {
    const call = await play('uac-gives-up');
    call.ring();
    expect(header(await call.requested('CANCEL'), 'Reason')).toContain('Caller gave up');
    await endedAs({ cause: 'cancelled', side: 'trunk', answered: false });
  });

  test('takes the answer for lost twice: it is sent until the ACK comes, and not once more', async () => {
    const call = await play('uac-late-ack', { literal: true });
    await call.answer();
    await call.requested('BYE');
    await endedAs({ cause: 'hung-up', side: 'trunk' });
    const answers = sipp.received.filter((message) => status(message) === 200 && method(message) === 'INVITE');
    expect(answers).toHaveLength(3);
    expect(new Set(answers.map(({ raw }) => raw.toString('latin1'))).size).toBe(1);
  });
});
