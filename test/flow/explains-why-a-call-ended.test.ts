/** Calls that are refused, or that end other than by somebody who has said enough, each for another reason. */

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ExplainStage } from '../support/explained-calls.ts';
import { localRelay } from '../support/media-call.ts';
import type { TrunkCall } from '../support/trunk-call.ts';
import { pause } from '../support/until.ts';

/** Transactions and answers are given up after 64*T1 = 32 s. */
const timeout = 60_000;
let stage: ExplainStage;

beforeAll(async () => {
  stage = await ExplainStage.open();
});

afterAll(() => stage.close());

/** A trunk that is to refresh the session, and does not. */
function answerWithTimer(call: TrunkCall): void {
  call.answerFields = [
    ['Require', 'timer'],
    ['Session-Expires', '30;refresher=uas'],
  ];
  call.answer();
}

describe.concurrent('a call', () => {
  test('to a trunk that wants another password', async () => {
    const onCall = (trunk: TrunkCall): void => {
      const challenge = ['Proxy-Authenticate', 'Digest realm="carrier", nonce="n", algorithm=MD5, qop="auth"'] as const;
      const refuse = (request = trunk.invite): void => trunk.respond(request, 407, 'Proxy Authentication Required', [challenge]);
      trunk.answers.set('INVITE', refuse);
      refuse();
    };
    const call = await stage.call({ onCall });
    const finding = await call.explained('trunk-credentials-refused');
    expect(finding.text).toContain('carrier');
    expect(call.found).toEqual(['trunk-credentials-refused']);
  });

  test('to an unknown number', async () => {
    const call = await stage.call({ onCall: (trunk) => trunk.reject(404, 'Not Found') });
    expect((await call.explained('call-refused')).text).toContain('does not know the number');
    expect(call.found).toEqual(['call-refused']);
  });

  test('that the trunk finds unacceptable', async () => {
    const call = await stage.call({ onCall: (trunk) => trunk.reject(488, 'Not Acceptable Here') });
    await call.explained('no-common-codec');
    expect(call.found).toEqual(['no-common-codec']);
  });

  test('to a trunk that is not there', { timeout }, async () => {
    const call = await stage.call({ number: '9001' });
    await call.explained('peer-unreachable', timeout);
    expect(call.found).toEqual(['peer-unreachable']);
  });

  test('that the trunk hangs up when its session timer runs out', { timeout }, async () => {
    const call = await stage.talking({ onCall: answerWithTimer });
    await pause(18_500);
    await call.trunk.bye();
    expect((await call.explained('hung-up-by-session-timer')).text).toMatch(/The trunk hung up (1[89]|2[0-2]) s/);
    expect(call.found).toEqual(['hung-up-by-session-timer']);
  });

  test('whose trunk does not refresh it', { timeout }, async () => {
    const call = await stage.talking({ onCall: answerWithTimer });
    await call.explained('session-expired', timeout);
    expect(call.found).toEqual(['session-expired']);
  });

  test('whose trunk never gets our ACK', async () => {
    const call = await stage.talking();
    for (const ms of [300, 600, 1200]) {
      await pause(ms);
      call.trunk.answer();
    }
    await call.explained('ack-does-not-arrive');
    expect(call.found).toEqual(['ack-does-not-arrive']);
  });

  test('whose answer the trunk never acknowledges', { timeout }, async () => {
    stage.phone.onCall = (call) => void call.answer();
    const call = await stage.calledBy('+15550777', (trunk) => {
      trunk.middleman = (message) => (message.startsWith('ACK ') ? null : message);
    });
    await call.explained('ack-missing', timeout);
  });
});

test('limits', async () => {
  const own = await ExplainStage.open({ config: { call: { maxSec: 3 } }, ports: [45_990, 45_991] });
  const call = await own.talking();
  const refused = await own.call();
  await refused.explained('limit-reached');
  await call.explained('max-duration');
  expect([call.found, refused.found]).toEqual([['max-duration'], ['limit-reached']]);
  await own.close();
});

test('a relay that fails', async () => {
  const relay = await localRelay();
  const own = await ExplainStage.open({ relay });
  const call = await own.talking();
  await relay.close();
  await call.explained('relay-failed');
  expect(call.found).toEqual(['relay-failed']);
  await own.close();
});

test('a gateway that stops', async () => {
  const own = await ExplainStage.open();
  const call = await own.talking();
  await pause(300);
  await own.close();
  expect(call.found).toEqual(['gateway-stopped']);
});

test('a machine that is too slow', { timeout }, async () => {
  const own = await ExplainStage.open();
  const call = await own.talking();
  let over = false;
  const explained = call.explained('relay-late', 40_000).finally(() => {
    over = true;
  });
  while (!over) {
    for (const end = performance.now() + 1200; performance.now() < end; );
    await pause(1000);
  }
  expect((await explained).evidence.join()).toMatch(/[1-9]\d\d ms late/);
  await own.close();
});
