/** A refusal reaches the other side as what it is, and nothing that is between us and the carrier does (RFC 3261 section 16.7). */

import { describe, expect, test } from 'vitest';
import { createResponse } from '../../src/sip/message/build.ts';
import { parseCredentials, printChallenge } from '../../src/sip/message/digest.ts';
import type { SipRequest } from '../../src/sip/message/message.ts';
import { printMessage } from '../../src/sip/message/print.ts';
import { CallStage } from '../support/call-stage.ts';

/** What the browser hears, with its Reason, and the recorded cause. */
const refusals: ReadonlyArray<readonly [status: number, heard: number, reason: string, cause: string]> = [
  [486, 486, 'SIP;cause=486;text="Busy Here"', 'busy'],
  [600, 600, 'SIP;cause=600;text="Busy Everywhere"', 'busy'],
  [603, 603, 'SIP;cause=603;text="Decline"', 'declined'],
  [480, 480, 'SIP;cause=480;text="Temporarily Unavailable"', 'unavailable'],
  [408, 408, 'SIP;cause=408;text="Request Timeout"', 'no-answer'],
  [404, 404, 'SIP;cause=404;text="Not Found"', 'not-found'],
  [484, 484, 'SIP;cause=484;text="Address Incomplete"', 'not-found'],
  [403, 403, 'SIP;cause=403;text="Forbidden"', 'forbidden'],
  [488, 488, 'SIP;cause=488;text="Not Acceptable Here"', 'unsupported-media'],
  [482, 482, 'SIP;cause=482;text="Loop Detected"', 'rejected'],
  [500, 500, 'SIP;cause=500;text="Server Internal Error"', 'rejected'],
  [503, 503, 'SIP;cause=503;text="Service Unavailable"', 'unavailable'],
  // Between us and the carrier: never passed on.
  [401, 403, 'SIP;cause=401;text="Unauthorized"', 'forbidden'],
  [407, 403, 'SIP;cause=407;text="Proxy Authentication Required"', 'forbidden'],
  [302, 500, 'SIP;cause=302;text="Moved Temporarily"', 'rejected'],
  [415, 488, 'SIP;cause=415;text="Unsupported Media Type"', 'unsupported-media'],
  [420, 500, 'SIP;cause=420;text="Bad Extension"', 'rejected'],
];

test.each(refusals)('%i of the carrier is %i at the browser', async (status, heard, reason, cause) => {
  const stage = await CallStage.open({ trunk: { auth: null } });
  const alice = await stage.browser('alice');
  const call = alice.call('+15550123');
  await stage.advance(100);
  stage.carrier.lastCall.ring();
  stage.carrier.lastCall.session.reject(status);
  await stage.advance(1000);
  expect(call.log).toEqual(['180', String(heard)]);
  expect(call.reasons).toEqual([reason]);
  expect(stage.record.end).toMatchObject({ cause, side: 'trunk', sipStatus: status });
  expect(call.responses.at(-1)?.headers.has('Contact')).toBe(false);
  expect(alice.link.sentBy('b').filter((sent) => sent === 'BYE')).toEqual([]);
});

describe('the other way round', () => {
  test.each([
    [486, 486],
    [603, 603],
    [480, 480],
    [488, 488],
    // 503 would tell the carrier that the gateway is overloaded.
    [503, 480],
  ])('%i of the browser is %i at the carrier', async (status, heard) => {
    const stage = await CallStage.open();
    const alice = await stage.browser('alice');
    const trunk = stage.carrier.call('alice');
    await stage.advance(100);
    alice.lastCall.session.reject(status);
    await stage.advance(1000);
    expect(trunk.log).toEqual([String(heard)]);
    expect(stage.record.end).toMatchObject({ side: 'browser', sipStatus: status });
  });

  test('a browser that loses its connection while it rings is not reachable', async () => {
    const stage = await CallStage.open();
    const alice = await stage.browser('alice');
    const trunk = stage.carrier.call('alice');
    await stage.advance(100);
    alice.lastCall.ring();
    await stage.advance(100);
    alice.disconnect();
    await stage.advance(100);
    expect(trunk.log).toEqual(['180', '480']);
    expect(stage.record.end).toMatchObject({ cause: 'transport', side: 'browser' });
  });
});

test('a reason phrase of the carrier cannot break out of its quotes', async () => {
  const stage = await CallStage.open();
  const alice = await stage.browser('alice');
  const call = alice.call('+15550123');
  await stage.advance(100);
  stage.carrier.lastCall.session.reject(486, { reason: 'Busy" \\;cause=200, ümlaut' });
  await stage.advance(100);
  expect(call.reasons).toEqual(['SIP;cause=486;text="Busy\\" \\\\;cause=200, mlaut"']);
});

describe('the carrier asks for credentials', () => {
  async function challenged(times: number) {
    const stage = await CallStage.open();
    const alice = await stage.browser('alice');
    const challenge = printChallenge({ realm: 'carrier', nonce: 'n1', algorithm: 'MD5', opaque: null, qop: ['auth'], stale: false });
    const invites: SipRequest[] = [];
    stage.carrier.onInvite = (incoming) => {
      invites.push(incoming.request);
      if (invites.length > times) stage.carrier.take(incoming);
      else incoming.respond(407, { headers: [['Proxy-Authenticate', challenge]] });
    };
    const call = alice.call('+15550123');
    await stage.advance(300);
    return { stage, call, invites };
  }

  test('once: it gets those of the trunk, and the browser hears nothing of it', async () => {
    const { stage, call, invites } = await challenged(1);
    const credentials = parseCredentials(invites[1]?.headers.get('Proxy-Authorization') ?? '');
    expect(credentials).toMatchObject({ username: 'gwuser', realm: 'carrier', nonce: 'n1' });
    stage.carrier.lastCall.answer();
    await stage.advance(100);
    expect(call.log).toEqual(['200 sdp']);
  });

  test('again: the browser hears 403, and no challenge', async () => {
    const { stage, call, invites } = await challenged(9);
    expect(invites).toHaveLength(2);
    expect(call.log).toEqual(['403']);
    expect(call.responses[0]?.headers.has('Proxy-Authenticate')).toBe(false);
    expect(stage.record.end).toMatchObject({ cause: 'forbidden', side: 'trunk', sipStatus: 407 });
  });
});

describe('nobody answers', () => {
  test('the carrier does not: the browser hears so after 32 s', async () => {
    const stage = await CallStage.open();
    const alice = await stage.browser('alice');
    stage.trunkLink.lose = (_message, from) => from === 'b';
    const call = alice.call('+15550123');
    await stage.advance(33_000);
    expect(call.log).toEqual(['408']);
    expect(stage.record.end).toEqual({ cause: 'transport', side: 'trunk', sipStatus: 408, detail: 'no response' });
    stage.trunkLink.lose = () => false;
  });

  test('the callee does not: the ring time is over', async () => {
    const stage = await CallStage.open({ noAnswerSec: 20 });
    const alice = await stage.browser('alice');
    const call = alice.call('+15550123');
    await stage.advance(100);
    stage.carrier.lastCall.ring();
    await stage.advance(20_000);
    expect(call.log).toEqual(['180', '480']);
    expect(call.reasons).toEqual(['Q.850;cause=19;text="No answer"']);
    expect(stage.carrier.lastCall.log).toEqual(['cancelled']);
    expect(stage.carrier.lastCall.reasons).toEqual(['Q.850;cause=19;text="No answer"']);
    expect(stage.record.end).toEqual({ cause: 'no-answer', side: 'gateway' });
  });
});

test.each([
  ['without a route', 'sip:not-a-number@example.com'],
  ['with a foreign character', 'sip:9%C3%A911@example.com'],
  ['of another domain', 'sip:+15550123@elsewhere.example'],
])('a number %s is not found', async (_case, uri) => {
  const stage = await CallStage.open();
  const alice = await stage.browser('alice');
  const call = alice.call('other', { uri });
  await stage.advance(100);
  expect(call.log).toEqual(['404']);
  expect(call.reasons).toEqual(['SIP;cause=404;text="no route for this number"']);
});

test('a number at the address that the browser is connected to is called', async () => {
  const stage = await CallStage.open();
  const alice = await stage.browser('alice');
  alice.call('other', { uri: 'sip:+15550123@203.0.113.5:8443' });
  await stage.advance(100);
  expect(stage.carrier.calls).toHaveLength(1);
});

test('a 200 that answers nothing is acknowledged and ended by nobody', async () => {
  const stage = await CallStage.open();
  const { browser, trunk } = await stage.outbound(await stage.browser('alice'));
  // A 200 of another branch, after the answer.
  const stray = createResponse(trunk.invite, 200, 'OK', [
    ['To', `${trunk.invite.headers.get('To')};tag=another`],
    ['Contact', '<sip:other@198.51.100.9:5060>'],
  ]);
  stage.trunkLink.a.send(printMessage(stray));
  await stage.advance(100);
  expect(stage.trunkLink.sentBy('b').slice(-2)).toEqual(['ACK', 'BYE']);
  expect([browser.log, trunk.log]).toEqual([[], []]);
});
