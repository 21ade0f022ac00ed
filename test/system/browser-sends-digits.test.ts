/** Digits of Chromium with a stock SIP library, as SIP INFO and as RFC 4733 events, and digits from the trunk. */

import { describe, expect, test } from 'vitest';
import { callIn, callOut } from '../support/browser-calls.ts';
import { testUser } from '../support/gateway-process.ts';
import { describeWith } from '../support/needs.ts';
import { method } from '../support/plain-sip.ts';
import { payloadType, type ReceivedPacket } from '../support/rtp-voice.ts';
import { libraries, phoneKinds, useStage } from '../support/stage.ts';
import { expectCleanTrunk } from '../support/system.ts';
import { telephoneEvents } from '../support/telephone-events.ts';
import type { TrunkCall } from '../support/trunk-call.ts';
import { until } from '../support/until.ts';

const digits = '11#';
const infoUser = { ...testUser, dtmf: 'info' };

describeWith(['chromium', 'openssl'], 'digits', () => {
  describe('of a browser', () => {
    const stage = useStage();

    test.each(phoneKinds)('with $name reach the trunk once each, in order, as events', async (kind) => {
      const { phone, call } = await callOut(stage, kind);
      // Chromium takes digits once its audio flows.
      await until('audio', () => call.rtp.packets.length > 0);
      await phone.sendDigits(digits, 'INFO');
      await hears(call, digits);
      await phone.sendDigits(digits, 'RFC4733');
      await hears(call, digits + digits);
      const events = telephoneEvents(call.rtp.packets);
      for (const event of events) expect(event).toMatchObject({ endPackets: 3, marked: true, steady: true });
      // JsSIP asks for 100 ms, SIP.js for 2000 by INFO, which is held to 400.
      const byInfoMs = kind.library === 'jssip' ? 100 : 400;
      expect(events.map(({ durationMs }) => Math.round(durationMs / 10) * 10)).toEqual([byInfoMs, byInfoMs, byInfoMs, 100, 100, 100]);
      await phone.hangUp();
      await call.requested('BYE');
      expect(call.received.map(method)).not.toContain('INFO');
      expectCleanTrunk(call);
    });
  });

  describe('of the trunk', () => {
    const stage = useStage({ config: { users: [infoUser] } });

    test.each(libraries)('reach a page with $name as INFO where its user wants it so', async (kind) => {
      const { phone, call } = await callIn(stage, kind);
      for (const digit of '7*') await call.rtp.sendDigit(digit);
      await phone.experiences('dtmf: *');
      expect((await phone.events()).filter((event) => event.startsWith('dtmf'))).toEqual(['dtmf: 7', 'dtmf: *']);
      expect(await phone.description()).not.toContain('telephone-event');
      await call.bye();
    });
  });
});

/** Exactly these digits, to the end of the last and on to the audio after it. */
async function hears(call: TrunkCall, wanted: string): Promise<void> {
  await until(`the digits ${wanted}`, () => heard(call).length >= wanted.length && isAudio(call.rtp.packets.at(-1)));
  expect(heard(call)).toBe(wanted);
}

function heard(call: TrunkCall): string {
  return telephoneEvents(call.rtp.packets)
    .map(({ digit }) => digit)
    .join('');
}

function isAudio(packet: ReceivedPacket | undefined): boolean {
  return packet !== undefined && payloadType(packet.bytes) === 0;
}
