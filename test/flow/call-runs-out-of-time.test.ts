/** Session timers on each leg (RFC 4028), the longest duration of a call, and a gateway that stops. */

import { describe, expect, test } from 'vitest';
import { CallStage } from '../support/call-stage.ts';
import { label } from '../support/sip-link.ts';

describe('session timers', () => {
  test('run on each leg by itself, and keep a call alive for hours', async () => {
    const stage = await CallStage.open({ sessionExpiresSec: 1800 });
    const alice = await stage.browser('alice');
    const { browser, trunk } = await stage.outbound(alice);
    await stage.advance(3 * 3600_000);
    expect([browser.log, trunk.log]).toEqual([[], []]);
    const refreshes = (link: { sentBy(from: 'b'): string[] }) => link.sentBy('b').filter((sent) => sent === 'UPDATE').length;
    expect(refreshes(stage.trunkLink)).toBeGreaterThan(5);
    expect(stage.switchboard.size).toBe(1);
  });

  test('a carrier that wants longer intervals gets them, and the browser hears nothing of it', async () => {
    const stage = await CallStage.open({ sessionExpiresSec: 90 });
    const alice = await stage.browser('alice');
    const asked: string[] = [];
    stage.carrier.onInvite = (incoming) => {
      asked.push(incoming.request.headers.get('Session-Expires') ?? '');
      if (asked.length === 1) incoming.respond(422, { headers: [['Min-SE', '3600']] });
      else stage.carrier.take(incoming);
    };
    const call = alice.call('+15550123');
    await stage.advance(200);
    stage.carrier.lastCall.answer();
    await stage.advance(100);
    expect(asked).toEqual(['90', '3600']);
    expect(call.log).toEqual(['200 sdp']);
  });

  test('a refresh of one side never reaches the other', async () => {
    const stage = await CallStage.open();
    const alice = await stage.browser('alice');
    const { browser, trunk } = await stage.outbound(alice);
    stage.trunkLink.log.length = 0;
    browser.session.update(null);
    await stage.advance(500);
    expect(browser.log).toEqual(['modified']);
    expect(trunk.log).toEqual([]);
    expect(stage.trunkLink.log).toEqual([]);
  });

  test('a browser that stops to refresh is gone, and the carrier is told', async () => {
    const stage = await CallStage.open({ sessionExpiresSec: 90 });
    const alice = await stage.browser('alice');
    const call = alice.call('+15550123', { sessionExpiresSec: 90 });
    await stage.advance(100);
    const trunk = stage.carrier.lastCall;
    trunk.answer();
    await stage.advance(100);
    stage.relay.last.connected();
    alice.link.lose = (message, from) => from === 'a' && label(message) === 'UPDATE';
    await stage.advance(90_000);
    expect(trunk.log.at(-1)).toBe('ended remote');
    expect(call.log.at(-1)).toMatch(/^ended/);
    expect(stage.record.end).toMatchObject({ cause: 'session-expired', side: 'browser' });
  });

  test('a carrier that does not answer a refresh is gone, and the browser is told', async () => {
    const stage = await CallStage.open({ sessionExpiresSec: 90 });
    const { browser } = await stage.outbound(await stage.browser('alice'));
    stage.trunkLink.lose = () => true;
    await stage.advance(120_000);
    expect(browser.log).toEqual(['ended remote']);
    expect(['session-expired', 'transport']).toContain(stage.record.end.cause);
    expect(stage.record.end.side).toBe('trunk');
    stage.trunkLink.lose = () => false;
    stage.carrier.lastCall.hangUp();
    await stage.advance(100);
  });

  test('a carrier that has lost the dialog ends the call', async () => {
    const stage = await CallStage.open();
    const { browser, trunk } = await stage.outbound(await stage.browser('alice'));
    stage.trunkLink.lose = (message) => message.kind === 'request' && message.method === 'BYE';
    trunk.hangUp();
    await stage.advance(40_000);
    stage.trunkLink.lose = () => false;
    browser.hold();
    await stage.advance(500);
    expect(browser.log).toEqual(['answer recvonly', 'ended remote']);
    expect(stage.record.end).toMatchObject({ cause: 'hung-up', side: 'trunk', sipStatus: 481 });
  });
});

test('the longest call is ended on both sides', async () => {
  const stage = await CallStage.open({ maxSec: 600 });
  const { browser, trunk } = await stage.outbound(await stage.browser('alice'));
  await stage.advance(599_000);
  expect([browser.log, trunk.log]).toEqual([[], []]);
  await stage.advance(1100);
  expect([browser.log, trunk.log]).toEqual([['ended remote'], ['ended remote']]);
  expect(trunk.reasons).toEqual(['Q.850;cause=16;text="Longest call duration reached"']);
  expect(stage.record.end).toEqual({ cause: 'max-duration', side: 'gateway' });
});

describe('the gateway stops', () => {
  test('every call is ended in its state, and the drain is over when the last one is gone', async () => {
    const stage = await CallStage.open();
    const alice = await stage.browser('alice');
    const bob = await stage.browser('bob');
    const talking = await stage.outbound(alice, '+15550001');
    const ringing = bob.call('+15550002');
    await stage.advance(100);
    const rung = stage.carrier.lastCall;
    rung.ring();
    const inbound = stage.carrier.call('bob');
    await stage.advance(100);
    stage.relay.pause();
    const preparing = alice.call('+15550003');
    await stage.advance(100);
    let drained = false;
    const drain = stage.switchboard.drain().then(() => {
      drained = true;
    });
    await stage.advance(500);
    stage.relay.resume();
    await stage.advance(500);
    await drain;
    expect(drained).toBe(true);
    expect([talking.browser.log, talking.trunk.log]).toEqual([['ended remote'], ['ended remote']]);
    expect([ringing.log, rung.log]).toEqual([['180', '503'], ['cancelled']]);
    expect([inbound.log, bob.lastCall.log]).toEqual([['503'], ['cancelled']]);
    expect(preparing.log).toEqual(['503']);
    expect(new Set(stage.records.map(({ end }) => end.cause))).toEqual(new Set(['shutdown']));
  });

  test('with patience: running calls go on until their end, or until time is up', async () => {
    const stage = await CallStage.open();
    const alice = await stage.browser('alice');
    const bob = await stage.browser('bob');
    const short = await stage.outbound(alice, '+15550001');
    const long = await stage.outbound(bob, '+15550002');
    let drained = false;
    void stage.switchboard.drain(60_000).then(() => {
      drained = true;
    });
    const late = alice.call('+15550003');
    await stage.advance(30_000);
    expect(late.log).toEqual(['503']);
    expect([long.browser.log, drained]).toEqual([[], false]);
    short.browser.hangUp();
    await stage.advance(29_000);
    expect([long.browser.log, drained]).toEqual([[], false]);
    await stage.advance(2000);
    expect([long.browser.log, drained]).toEqual([['ended remote'], true]);
    expect(stage.records.map(({ end }) => end.cause)).toEqual(['hung-up', 'shutdown']);
  });

  test('with patience: over as soon as the last call is, and a second wish ends the waiting', async () => {
    const stage = await CallStage.open();
    const alice = await stage.browser('alice');
    await stage.outbound(alice, '+15550001');
    void stage.switchboard.drain(60_000);
    await stage.advance(1000);
    expect(stage.records).toEqual([]);
    const drained = stage.switchboard.drain();
    await stage.advance(1000);
    await drained;
    expect(stage.records.map(({ end }) => end.cause)).toEqual(['shutdown']);
  });

  test('new calls are refused from then on, from both sides', async () => {
    const stage = await CallStage.open();
    const alice = await stage.browser('alice');
    await stage.switchboard.drain();
    const outbound = alice.call('+15550123');
    const inbound = stage.carrier.call('alice');
    await stage.advance(100);
    expect([outbound.log, inbound.log]).toEqual([['503'], ['503']]);
    expect(outbound.reasons).toEqual(['SIP;cause=503;text="the gateway is stopping"']);
  });
});
