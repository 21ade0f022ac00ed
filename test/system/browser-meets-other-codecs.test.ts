/** Trunks that do not speak PCMU: A-law only, and Opus, which passes through untouched. */

import { describe, expect, test } from 'vitest';
import { callIn, callOut, number } from '../support/browser-calls.ts';
import { testUser } from '../support/gateway-process.ts';
import { describeWith } from '../support/needs.ts';
import { jssip, libraries, sipjs, useStage } from '../support/stage.ts';
import { browserHz, expectCleanTrunk, expectHears, expectTonesBothWays } from '../support/system.ts';
import { telephoneEvents } from '../support/telephone-events.ts';
import type { Formats } from '../support/trunk-call.ts';
import { until } from '../support/until.ts';

const aLaw: Formats = new Map([
  [8, 'PCMA/8000'],
  [101, 'telephone-event/8000'],
]);
/** As the gateway offers it. */
const opus: Formats = new Map([
  [111, 'opus/48000/2'],
  [101, 'telephone-event/48000'],
]);
/** As another peer may number it. */
const otherOpus: Formats = new Map([
  [97, 'opus/48000/2'],
  [98, 'telephone-event/48000'],
]);

const bob = { name: 'bob', password: 'secret of bob' };
const bobHz = 1330;

describeWith(['chromium', 'openssl'], 'a trunk', () => {
  describe('with A-law alone', () => {
    const stage = useStage({ trunkSettings: { codecs: ['PCMA'] } });

    test.each(libraries)('is called by $name', async (kind) => {
      stage.trunk.formats = aLaw;
      const { phone, call } = await callOut(stage, kind);
      expect(call.invite.body).toMatch(/^m=audio \d+ RTP\/AVP 8 101\r$/m);
      await expectTonesBothWays(phone, call, { codec: 'PCMA', seconds: 1 });
      await phone.hangUp();
      await call.requested('BYE');
      expectCleanTrunk(call);
    });

    test.each(libraries)('calls $name', async (kind) => {
      stage.trunk.formats = aLaw;
      const { phone, call } = await callIn(stage, kind);
      await expectTonesBothWays(phone, call, { codec: 'PCMA', seconds: 1 });
      await call.bye();
      expectCleanTrunk(call);
    });
  });

  describe('that takes A-law of what it is offered', () => {
    const stage = useStage();

    test.each(libraries)('is called by $name', async (kind) => {
      stage.trunk.formats = aLaw;
      const { phone, call } = await callOut(stage, kind);
      expect(call.invite.body).toMatch(/^m=audio \d+ RTP\/AVP 0 8 101\r$/m);
      await expectTonesBothWays(phone, call, { codec: 'PCMA', seconds: 1 });
      await phone.hangUp();
      await call.requested('BYE');
      expectCleanTrunk(call);
    });
  });

  describe('with Opus', () => {
    const stage = useStage({
      trunkSettings: { codecs: ['opus'] },
      config: {
        users: [testUser, bob],
        routes: { outbound: [{ match: '^[0-9]+$', trunk: 'carrier' }], inbound: [{ match: '^bob$', users: ['bob'] }] },
      },
    });

    test('joins two browsers, who hear each other through it', async () => {
      const [caller, callee] = [await stage.phone(jssip), await stage.phone(sipjs, { user: bob, toneHz: bobHz })];
      stage.trunk.formats = opus;
      await caller.call(number);
      const first = await stage.trunk.nextCall();
      stage.trunk.formats = otherOpus;
      const second = await stage.trunk.call(stage.gateway.listeners.udp, bob.name);
      await callee.reaches('ringing');
      await callee.answer();
      await second.responded(200);
      first.rtp.forwardTo(second.rtp, pairs(opus, otherOpus));
      second.rtp.forwardTo(first.rtp, pairs(otherOpus, opus));
      first.answer();
      await Promise.all([caller.reaches('talking'), callee.reaches('talking')]);
      await expectHears(caller, bobHz, { ownHz: browserHz, seconds: 2 });
      await expectHears(callee, browserHz, { ownHz: bobHz, seconds: 2 });
      await caller.sendDigits('5', 'RFC4733');
      await until('the digit', () => telephoneEvents(first.rtp.packets, 101, 48_000).some(({ endPackets }) => endPackets === 3));
      expect(telephoneEvents(first.rtp.packets, 101, 48_000)).toMatchObject([{ digit: '5', durationMs: 100 }]);
      await caller.hangUp();
      await first.requested('BYE');
      await second.bye();
      await callee.reaches('ended');
      expectCleanTrunk(first);
      expectCleanTrunk(second);
    });
  });
});

function pairs(from: Formats, to: Formats): Map<number, number> {
  const far = [...to.keys()];
  return new Map([...from.keys()].map((type, at) => [type, far[at] ?? type]));
}
