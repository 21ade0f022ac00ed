/** Chromium with a stock SIP library holds a call, and is held. */

import { expect, test } from 'vitest';
import { callIn, callOut } from '../support/browser-calls.ts';
import { describeWith } from '../support/needs.ts';
import { mediaAddress, method, type PlainMessage, status } from '../support/plain-sip.ts';
import { libraries, phoneKinds, useStage } from '../support/stage.ts';
import { expectCleanTrunk, expectHears, expectNoPackets, expectTonesBothWays, trunkHz } from '../support/system.ts';
import type { TrunkCall } from '../support/trunk-call.ts';

describeWith(['chromium', 'openssl'], 'a browser', () => {
  const stage = useStage();

  test.each(phoneKinds)('with $name holds, resumes, is held for 3 s, hears music, and talks again', async (kind) => {
    const { phone, call } = await callOut(stage, kind);
    const before = transportOf(await phone.description());
    await phone.hold();
    const hold = await reinvite(call, 1);
    expect(hold.body).toContain('a=sendonly');
    await phone.resume();
    const resume = await reinvite(call, 2);
    expect(resume.body).toContain('a=sendrecv');
    expect(mediaAddress(resume.body)).toEqual(mediaAddress(call.invite.body));
    call.rtp.sendTone({ frequencyHz: trunkHz });
    expect((await call.reinvite('sendonly')).body).toContain('a=recvonly');
    await phone.experiences('hold: remote');
    await expectNoPackets(call);
    await expectHears(phone, trunkHz, { seconds: 2 });
    expect((await call.reinvite('sendrecv')).body).toContain('a=sendrecv');
    await phone.experiences('unhold: remote');
    await expectTonesBothWays(phone, call);
    expect(transportOf(await phone.description())).toEqual(before);
    await phone.hangUp();
    await call.requested('BYE');
    await stage.isIdle();
    expectCleanTrunk(call);
  });

  test.each(libraries)('with $name is held and resumed without a description of the trunk’s', async (kind) => {
    const { phone, call } = await callIn(stage, kind);
    await call.reinvite('inactive');
    await phone.experiences('hold: remote');
    await expectNoPackets(call);
    expect((await call.request('INVITE')).body).toContain('a=sendrecv');
    await phone.experiences('unhold: remote');
    await expectTonesBothWays(phone, call, { seconds: 1 });
    await call.bye();
    expectCleanTrunk(call);
  });

  test.each(libraries)('with $name is not asked when the trunk offers what it has offered before', async (kind) => {
    const { phone, call } = await callOut(stage, kind);
    const before = await phone.events();
    expect(status(await call.reinvite())).toBe(200);
    const offer = await call.request('INVITE');
    expect(mediaAddress(offer.body)).toEqual(mediaAddress(call.invite.body));
    await expectTonesBothWays(phone, call, { seconds: 1 });
    expect(await phone.events()).toEqual(before);
    await call.bye();
    expectCleanTrunk(call);
  });
});

/** The INVITEs of a call in order: 0 began it. */
function reinvite(call: TrunkCall, index: number): Promise<PlainMessage> {
  const isNth = (message: PlainMessage): boolean => call.received.filter(isInvite)[index] === message;
  return call.next(`re-INVITE ${index}`, isNth);
}

function isInvite(message: PlainMessage): boolean {
  return status(message) === 0 && method(message) === 'INVITE';
}

/** What a browser would have to agree anew with its peer. */
function transportOf(sdp: string): string[] {
  return sdp.split('\r\n').filter((line) => /^a=(ice-ufrag|ice-pwd|fingerprint|mid|ssrc:\d+ cname)/.test(line));
}
