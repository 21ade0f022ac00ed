/** Chromium with a stock SIP library calls a number behind the trunk. */

import { describe, expect, test } from 'vitest';
import { callOut, number } from '../support/browser-calls.ts';
import { describeWith } from '../support/needs.ts';
import { header, method, status } from '../support/plain-sip.ts';
import { phoneKinds, useStage } from '../support/stage.ts';
import { expectCleanTrunk, expectHears, expectTonesBothWays, toneDbfs, trunkHz } from '../support/system.ts';
import type { TrunkCall } from '../support/trunk-call.ts';

const refusals = [
  { code: 486, phrase: 'Busy Here', inJssip: 'Busy' },
  { code: 404, phrase: 'Not Found', inJssip: 'Not Found' },
  { code: 603, phrase: 'Decline', inJssip: 'Rejected' },
];

/** The SSRC and CNAME that the browser sends under stay inside. */
function expectOtherNames({ received, rtp }: TrunkCall, browserSdp: string): void {
  const [, ssrc = '', cname = ''] = /^a=ssrc:(\d+) cname:(\S+)/m.exec(browserSdp) ?? [];
  expect(cname).not.toBe('');
  expect(rtp.packets.map(({ bytes }) => String(bytes.readUInt32BE(8)))).not.toContain(ssrc);
  expect([...received.map(({ raw }) => raw), ...rtp.rtcp.map(({ bytes }) => bytes)].join()).not.toContain(cname);
}

describeWith(['chromium', 'openssl'], 'a browser calls out', () => {
  const stage = useStage();

  describe.each(phoneKinds)('with $name', (kind) => {
    const { library } = kind;

    test('hears early media, talks, hangs up', async () => {
      const phone = await stage.phone(kind);
      await phone.call(number);
      const call = await stage.trunk.nextCall();
      call.rtp.sendTone({ frequencyHz: trunkHz, levelDbfs: toneDbfs });
      call.progress();
      await phone.reaches('early');
      await expectHears(phone, trunkHz);
      call.answer();
      await phone.reaches('talking');
      await expectTonesBothWays(phone, call);
      const own = await phone.description();
      await phone.hangUp();
      await call.requested('BYE');
      await phone.reaches('ended');
      await stage.isIdle();
      expectCleanTrunk(call);
      expectOtherNames(call, own);
      expect(call.invite.startLine).toContain(`INVITE sip:${number}@`);
      expect(header(call.invite, 'From')).toContain('sip:+15550100@');
      expect(call.received.filter((message) => status(message) === 0).map(method)).toEqual(['INVITE', 'ACK', 'BYE']);
    });

    test('is hung up on, and told why', async () => {
      const { phone, call } = await callOut(stage, kind);
      await call.bye();
      await phone.reaches('ended');
      expect(await phone.ending()).toEqual({ status: null, reason: 'Q.850;cause=16;text="Normal call clearing"' });
    });

    test('gives up while it rings', async () => {
      const phone = await stage.phone(kind);
      await phone.call(number);
      const call = await stage.trunk.nextCall();
      call.ring();
      await phone.reaches('early');
      await phone.hangUp();
      await call.requested('CANCEL');
      await phone.reaches('ended');
      await call.requested('ACK');
      await stage.isIdle();
      expectCleanTrunk(call);
      expect(call.received.filter((message) => status(message) === 0).map(method)).toEqual(['INVITE', 'CANCEL', 'ACK']);
    });

    test('is told why it is refused', async () => {
      const phone = await stage.phone(kind);
      for (const { code, phrase, inJssip } of refusals) {
        stage.trunk.onCall = (call) => call.reject(code, phrase);
        await phone.call(number);
        const call = await stage.trunk.nextCall();
        await call.requested('ACK');
        await phone.experiences(`failed: ${library === 'jssip' ? inJssip : phrase}`);
        await phone.reaches('ended');
        expectCleanTrunk(call);
        expect(await phone.ending()).toMatchObject({ status: code, reason: expect.stringContaining(`cause=${code}`) });
      }
    });

    test('is refused by the gateway when no route fits', async () => {
      const phone = await stage.phone(kind);
      await phone.call('12');
      await phone.reaches('ended');
      expect(await phone.ending()).toEqual({ status: 404, reason: 'SIP;cause=404;text="no route for this number"' });
    });
  });
});
