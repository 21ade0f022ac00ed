/** A call is ordered through the API: Chromium with a stock SIP library rings, and when it answers the number is dialled. */

import { describe, expect, test } from 'vitest';
import { testUser } from '../support/gateway-process.ts';
import { describeWith } from '../support/needs.ts';
import { header } from '../support/plain-sip.ts';
import { libraries, useStage } from '../support/stage.ts';
import { expectCleanTrunk, expectTonesBothWays } from '../support/system.ts';

describeWith(['chromium', 'openssl'], 'a call is ordered', () => {
  const stage = useStage();

  describe.each(libraries)('with $name', (kind) => {
    test('the browser answers, the trunk rings and answers, and both talk', async () => {
      const phone = await stage.phone(kind);
      const order = { user: testUser.name, number: '15550123' };
      expect(await stage.gateway.post('/api/v1/calls', order)).toEqual({ callId: expect.any(String) });
      await phone.reaches('ringing');
      await phone.answer();
      const call = await stage.trunk.nextCall();
      expect(header(call.invite, 'To')).toContain('15550123');
      call.ring();
      call.answer();
      await phone.reaches('talking');
      await expectTonesBothWays(phone, call);
      await call.bye();
      await phone.reaches('ended');
      await stage.isIdle();
      expectCleanTrunk(call);
    });
  });
});
