/** The trunk calls; Chromium with a stock SIP library rings. */

import { describe, expect, test } from 'vitest';
import { callIn, ringBrowser } from '../support/browser-calls.ts';
import { testUser } from '../support/gateway-process.ts';
import { describeWith } from '../support/needs.ts';
import { header, method, status } from '../support/plain-sip.ts';
import { libraries, phoneKinds, useStage } from '../support/stage.ts';
import { expectCleanTrunk, expectTonesBothWays } from '../support/system.ts';

describeWith(['chromium', 'openssl'], 'a browser is called', () => {
  const stage = useStage();

  describe.each(phoneKinds)('with $name', (kind) => {
    const { library } = kind;

    test('rings, talks, and the caller hangs up', async () => {
      const { phone, call } = await callIn(stage, kind);
      await expectTonesBothWays(phone, call);
      expect(status(await call.bye())).toBe(200);
      await phone.reaches('ended');
      await stage.isIdle();
      expectCleanTrunk(call);
      expect(await phone.ending()).toEqual({ status: null, reason: 'Q.850;cause=16;text="Normal call clearing"' });
    });

    test('hangs up', async () => {
      const { phone, call } = await callIn(stage, kind);
      await phone.hangUp();
      const bye = await call.requested('BYE');
      await phone.reaches('ended');
      await stage.isIdle();
      expectCleanTrunk(call);
      expect(header(bye, 'Reason')).toBe('Q.850;cause=16;text="Normal call clearing"');
    });

    test('declines, with the status that its page chose', async () => {
      const phone = await stage.phone(kind);
      for (const code of [486, 603]) {
        const call = await ringBrowser(stage, phone);
        await phone.decline(code);
        expect(header(await call.responded(code), 'Reason')).toContain(`SIP;cause=${code}`);
        await phone.reaches('ended');
        expectCleanTrunk(call);
      }
      await stage.isIdle();
    });

    test('stops ringing when the caller gives up', async () => {
      const phone = await stage.phone(kind);
      const call = await ringBrowser(stage, phone);
      call.cancel();
      await call.responded(487);
      await phone.reaches('ended');
      await stage.isIdle();
      expectCleanTrunk(call);
      expect(await phone.events()).toContain(library === 'jssip' ? 'failed: Canceled' : 'CANCEL');
    });
  });

  describe.each(libraries)('with $name on two pages', (kind) => {
    test('the first to answer has the call, the other stops ringing', async () => {
      const [left, right] = [await stage.phone(kind), await stage.phone(kind)];
      const call = await ringBrowser(stage, left);
      await right.reaches('ringing');
      await right.answer();
      await call.responded(200);
      await Promise.all([left.reaches('ended'), right.reaches('talking')]);
      await expectTonesBothWays(right, call, { seconds: 1 });
      await call.bye();
      await right.reaches('ended');
      await stage.isIdle();
      expectCleanTrunk(call);
      const finals = call.received.filter((message) => method(message) === 'INVITE' && status(message) >= 200);
      expect(new Set(finals.map(({ startLine }) => startLine))).toEqual(new Set(['SIP/2.0 200 OK']));
      expect(await left.ending()).toMatchObject({ reason: expect.stringContaining('cause=200') });
    });

    test('one declines, the other answers', async () => {
      const [left, right] = [await stage.phone(kind), await stage.phone(kind)];
      const call = await ringBrowser(stage, left);
      await right.reaches('ringing');
      await left.decline(486);
      await left.reaches('ended');
      await right.answer();
      await call.responded(200);
      await right.reaches('talking');
      expect(status(await call.bye())).toBe(200);
      await right.reaches('ended');
    });

    test('nobody rings who has left', async () => {
      const phone = await stage.phone(kind);
      await phone.stop();
      const call = await stage.trunk.call(stage.gateway.listeners.udp, testUser.callerId);
      expect(header(await call.responded(480), 'Reason')).toContain('nobody is registered');
      expectCleanTrunk(call);
    });
  });
});
