/** What healthy calls do, out of the ordinary as it may look. */

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Explained, ExplainStage } from '../support/explained-calls.ts';
import type { PhoneCall } from '../support/phone-call.ts';
import type { TrunkCall } from '../support/trunk-call.ts';
import { pause, until } from '../support/until.ts';

let stage: ExplainStage;

beforeAll(async () => {
  stage = await ExplainStage.open();
});

afterAll(() => stage.close());

function expectNothing(call: Explained): void {
  expect(call.findings.filter(({ rule }) => !['nothing-unusual', 'relay-late'].includes(rule))).toEqual([]);
}

/** While it goes on, and once it is over. */
async function expectNothingToTheEnd(call: Explained, hangUp: () => Promise<unknown>): Promise<void> {
  expectNothing(call);
  await hangUp();
  await until('the end', () => call.ended);
  expectNothing(call);
}

describe.concurrent('nothing is found in a call', () => {
  test('of some length', async () => {
    const call = await stage.talking();
    await pause(8000);
    await expectNothingToTheEnd(call, () => call.phone.bye());
  });

  test('of a moment', async () => {
    const call = await stage.talking();
    await expectNothingToTheEnd(call, () => call.trunk.bye());
  });

  test('with early media, and a long time until it is answered', async () => {
    const call = await stage.call({ onCall: (trunk) => trunk.progress() });
    await call.phone.responded(183);
    call.trunk.rtp.sendTone();
    await call.media.connected();
    call.media.talk();
    await pause(6000);
    expectNothing(call);
    call.trunk.answer();
    await call.phone.responded(200);
    await pause(1000);
    await expectNothingToTheEnd(call, () => call.phone.bye());
  });

  test('that the trunk puts on hold', async () => {
    const call = await stage.talking();
    await pause(1000);
    await call.trunk.reinvite('sendonly');
    call.media.stop();
    await pause(7000);
    expectNothing(call);
    await call.trunk.reinvite('sendrecv');
    call.media.talk();
    await pause(3000);
    await expectNothingToTheEnd(call, () => call.phone.bye());
  });

  test('with digits as INFO and in RTP', async () => {
    const call = await stage.talking();
    await call.phone.request('INFO', [['Content-Type', 'application/dtmf-relay']], 'Signal=5\r\nDuration=160\r\n');
    await call.trunk.rtp.sendDigit('7');
    call.trunk.rtp.sendTone();
    await pause(1000);
    await expectNothingToTheEnd(call, () => call.phone.bye());
  });

  test('that is given up', async () => {
    const call = await stage.call({ onCall: (trunk) => trunk.ring() });
    await call.phone.responded(180);
    await expectNothingToTheEnd(call, async () => call.phone.cancel());
  });

  test('that asks for a password first', async () => {
    const onCall = (trunk: TrunkCall): void => {
      trunk.answers.set('INVITE', (request) => trunk.answer(request));
      trunk.respond(trunk.invite, 401, 'Unauthorized', [
        ['WWW-Authenticate', 'Digest realm="carrier", nonce="n", algorithm=MD5, qop="auth"'],
      ]);
    };
    const call = await stage.talking({ onCall });
    await pause(500);
    await expectNothingToTheEnd(call, () => call.phone.bye());
  });

  test('that comes in', async () => {
    const taken: PhoneCall[] = [];
    stage.phone.onCall = (phone) => {
      taken.push(phone);
      void phone.answer();
    };
    const trunk: TrunkCall[] = [];
    const call = await stage.calledBy('+15550777', (peer) => trunk.push(peer));
    const phone = await until('the phone to ring', () => taken[0]);
    await phone.media.connected();
    phone.media.sendTone();
    trunk[0]?.rtp.sendTone();
    await pause(7000);
    await expectNothingToTheEnd(call, () => phone.bye());
  });
});
