/** What every browser library must be able to do, over ws and over wss: one suite for all of them. */

import { expect, test } from 'vitest';
import type { BrowserPhone } from './chromium.ts';
import type { Library } from './page-server.ts';
import { header } from './plain-sip.ts';
import { expectCleanTrunk, expectSilence, expectTonesBothWays, type Stage, useStage } from './system.ts';
import type { TrunkCall } from './trunk-call.ts';
import { until } from './until.ts';

interface Pair {
  readonly phone: BrowserPhone;
  readonly call: TrunkCall;
}

/** The browser dials, the trunk rings and answers. */
export async function callOut(stage: Stage, options?: { microphone?: boolean }): Promise<Pair> {
  const phone = await stage.phone(options);
  await phone.call('15550123');
  const call = await stage.trunk.nextCall();
  call.ring();
  await phone.reaches('early');
  call.answer();
  await phone.reaches('talking');
  await call.requested('ACK');
  return { phone, call };
}

/** The trunk calls, the browser answers. */
export async function callIn(stage: Stage): Promise<Pair> {
  const phone = await stage.phone();
  const call = await stage.trunk.call(stage.gateway.listeners.udp, '+15550100');
  await phone.reaches('ringing');
  await call.responded(180);
  await phone.answer();
  await call.responded(200);
  await phone.reaches('talking');
  return { phone, call };
}

export function browserCallSuite(library: Library, secure: boolean): void {
  const stage = useStage({ library, secure });

  test('calls out, is heard and hears, and hangs up', async () => {
    const { phone, call } = await callOut(stage);
    await expectTonesBothWays(phone, call);
    await phone.hangUp();
    await call.requested('BYE');
    await phone.reaches('ended');
    expectCleanTrunk(call);
    expect(call.invite.startLine).toContain('INVITE sip:15550123@');
    expect(header(call.invite, 'From')).toContain('sip:+15550100@');
  });

  test('is called, is heard and hears, and the caller hangs up', async () => {
    const { phone, call } = await callIn(stage);
    await expectTonesBothWays(phone, call);
    await call.bye();
    await phone.reaches('ended');
    expectCleanTrunk(call);
  });

  test('is called and hangs up', async () => {
    const { phone, call } = await callIn(stage);
    await phone.hangUp();
    await call.requested('BYE');
    await phone.reaches('ended');
  });

  test('calls out and the other side hangs up', async () => {
    const { phone, call } = await callOut(stage);
    await call.bye();
    await phone.reaches('ended');
  });

  test('holds and resumes', async () => {
    const { phone, call } = await callOut(stage);
    await phone.hold();
    await call.next('hold', ({ body }) => body.includes('a=sendonly'));
    await phone.resume();
    await until('resume', () =>
      call.received
        .filter(({ startLine }) => startLine.startsWith('INVITE'))
        .at(2)
        ?.body.includes('a=sendrecv'),
    );
    await expectTonesBothWays(phone, call);
    await phone.hangUp();
    await call.requested('BYE');
    expectCleanTrunk(call);
  });

  test('is held and resumed by the other side', async () => {
    const { phone, call } = await callOut(stage);
    expect((await call.reinvite('sendonly')).body).toContain('a=recvonly');
    await expectSilence(call);
    expect((await call.reinvite('sendrecv')).body).toContain('a=sendrecv');
    await expectTonesBothWays(phone, call);
    await call.bye();
    await phone.reaches('ended');
  });

  test.each(['INFO', 'RFC4733'] as const)('sends digits by %s, which the trunk gets as events, each once', async (way) => {
    const { phone, call } = await callOut(stage);
    // Chromium takes digits once its audio flows.
    await until('audio', () => call.rtp.packets.length > 0);
    await phone.sendDigits('15#', way);
    await until('the digits', () => call.rtp.digits() === '15#');
    await phone.hangUp();
    await call.requested('BYE');
    expectCleanTrunk(call);
  });
}
