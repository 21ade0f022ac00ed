/** What is on record of a call: times, cause, codec, quality. */

import { expect, test } from 'vitest';
import { CallStage } from '../support/call-stage.ts';

test('a call that went well', async () => {
  const stage = await CallStage.open();
  const alice = await stage.browser('alice');
  const start = stage.clock.wallTime();
  const call = alice.call('+15550123');
  await stage.advance(1000);
  stage.carrier.lastCall.ring();
  await stage.advance(1000);
  stage.carrier.lastCall.earlyMedia();
  await stage.advance(1000);
  stage.carrier.lastCall.ring();
  stage.carrier.lastCall.answer();
  await stage.advance(1000);
  stage.relay.last.connected();
  stage.relay.last.measure(100);
  await stage.advance(6000);
  call.hangUp();
  await stage.advance(1000);
  expect(stage.record).toMatchObject({
    direction: 'outbound',
    user: 'alice',
    number: '+15550123',
    trunk: 'carrier',
    invitedAt: start + 10,
    ringingAt: start + 1010,
    earlyMediaAt: start + 2010,
    answeredAt: start + 3010,
    endedAt: start + 10_010,
    end: { cause: 'hung-up', side: 'browser' },
    codec: 'PCMU',
  });
  expect(stage.record.callId).toHaveLength(16);
  expect(stage.record.quality).toMatchObject([
    { side: 'browser', received: { packets: 500 }, sent: { packets: 500 }, mos: 4.3, roundTripMs: 20 },
    { side: 'trunk', received: { packets: 500 } },
  ]);
});

test('a call that nobody answered', async () => {
  const stage = await CallStage.open();
  const trunk = stage.carrier.call('alice', { from: '<sip:0049301234@198.51.100.9>' });
  await stage.advance(100);
  expect(trunk.log).toEqual(['480']);
  // Refused before it was one.
  expect(stage.records).toEqual([]);
  const alice = await stage.browser('alice');
  const call = stage.carrier.call('alice', { from: '<sip:0049301234@198.51.100.9>' });
  await stage.advance(100);
  call.session.cancel();
  await stage.advance(100);
  expect(stage.record).toMatchObject({
    direction: 'inbound',
    user: 'alice',
    number: '0049301234',
    ringingAt: null,
    earlyMediaAt: null,
    answeredAt: null,
    codec: null,
    end: { cause: 'cancelled', side: 'trunk' },
  });
  expect(alice.lastCall.log).toEqual(['cancelled']);
});

test('every call is on record once', async () => {
  const stage = await CallStage.open();
  const alice = await stage.browser('alice');
  const { browser, trunk } = await stage.outbound(alice);
  browser.hangUp();
  trunk.hangUp();
  stage.relay.last.threadDied();
  await stage.advance(1000);
  expect(stage.records).toHaveLength(1);
  expect(stage.happened.filter((event) => event === 'call.ended')).toHaveLength(1);
});

test('nothing is told of a call after its end', async () => {
  const stage = await CallStage.open();
  const alice = await stage.browser('alice');
  const { browser, trunk } = await stage.outbound(alice);
  trunk.hangUp();
  browser.digit('5');
  browser.hold();
  await stage.advance(1000);
  expect(stage.happened.at(-1)).toBe('call.ended');
});

test('quality is told while the call goes on', async () => {
  const stage = await CallStage.open();
  const qualities: number[] = [];
  stage.events.on('call.quality', ({ quality }) => qualities.push(quality[0]?.received.packets ?? 0));
  await stage.outbound(await stage.browser('alice'));
  stage.relay.last.measure(50);
  stage.relay.last.measure(100);
  expect(qualities).toEqual([50, 100]);
});
