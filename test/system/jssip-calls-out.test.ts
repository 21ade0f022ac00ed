import { expect, test } from 'vitest';
import { describeWith } from '../support/needs.ts';
import { expectCleanTrunk, expectTonesBothWays, useStage } from '../support/system.ts';

describeWith(['chromium'], 'JsSIP calls out over ws', () => {
  const stage = useStage({ library: 'jssip' });

  test('both ends hear each other, the trunk side is clean, the browser hangs up', async () => {
    const phone = await stage.phone();
    await phone.call('15550123');
    const call = await stage.trunk.nextCall();
    call.ring();
    await phone.reaches('early');
    call.answer();
    await phone.reaches('talking');
    await call.requested('ACK');
    await expectTonesBothWays(phone, call);
    await phone.hangUp();
    await call.requested('BYE');
    await phone.reaches('ended');
    expectCleanTrunk(call);
    expect(call.invite.startLine).toContain('INVITE sip:15550123@');
  });
});
