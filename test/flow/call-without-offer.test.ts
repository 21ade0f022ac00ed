/** An INVITE without SDP: we offer in the 200, and the ACK answers (RFC 3261 section 13.2.1, RFC 3264). */

import { expect, test } from 'vitest';
import { codecsOf, directionOf } from '../support/call-sdp.ts';
import { CallStage } from '../support/call-stage.ts';

test('the 200 offers what the browser answered, and the ACK brings the answer', async () => {
  const stage = await CallStage.open();
  const alice = await stage.browser('alice');
  const trunk = stage.carrier.call('alice', { body: null });
  await stage.advance(100);
  expect(codecsOf(alice.lastCall.sdp)).toBe('PCMU PCMA telephone-event');
  alice.lastCall.ring();
  await stage.advance(100);
  alice.lastCall.answer();
  await stage.advance(500);
  expect(trunk.log).toEqual(['180', '200 sdp']);
  expect(codecsOf(trunk.sdp)).toBe('PCMU PCMA telephone-event');
  expect(directionOf(trunk.sdp)).toBe('sendrecv');
  expect(stage.relay.last.trunk.trunk.rtp).toEqual({ host: '198.51.100.30', port: 20000 });
  expect(alice.lastCall.log).toEqual(['ack']);
});

test('a browser is re-INVITEd when the answer leaves out what it may send', async () => {
  const stage = await CallStage.open();
  const alice = await stage.browser('alice');
  const trunk = stage.carrier.call('alice', { body: null });
  trunk.audio.codecs = ['PCMA'];
  await stage.advance(100);
  alice.lastCall.answer();
  await stage.advance(500);
  expect(alice.lastCall.log).toEqual(['ack', 'offer sendrecv', 'ack']);
  expect(codecsOf(alice.lastCall.sdp)).toBe('PCMA telephone-event');
  trunk.hangUp();
  await stage.advance(100);
  expect(stage.record.codec).toBe('PCMA');
});

test('an ACK without answer ends the call on both sides', async () => {
  const stage = await CallStage.open();
  const alice = await stage.browser('alice');
  const trunk = stage.carrier.call('alice', { body: null });
  trunk.replyToAnswer = () => null;
  await stage.advance(100);
  alice.lastCall.answer();
  await stage.advance(500);
  expect(trunk.log).toEqual(['200 sdp', 'ended remote']);
  expect(alice.lastCall.log).toEqual(['ack', 'ended remote']);
  expect(stage.record.end).toMatchObject({ cause: 'unsupported-media', side: 'trunk', sipStatus: 400 });
});

test('an unusable answer in the ACK ends the call on both sides', async () => {
  const stage = await CallStage.open();
  const alice = await stage.browser('alice');
  const trunk = stage.carrier.call('alice', { body: null });
  trunk.replyToAnswer = () => 'v=0\r\nnonsense\r\n';
  await stage.advance(100);
  alice.lastCall.answer();
  await stage.advance(500);
  expect([trunk.log.at(-1), alice.lastCall.log.at(-1)]).toEqual(['ended remote', 'ended remote']);
});

test('an ACK that never comes ends the call on both sides', async () => {
  const stage = await CallStage.open();
  const alice = await stage.browser('alice');
  stage.trunkLink.lose = (message) => message.kind === 'request' && message.method === 'ACK';
  const trunk = stage.carrier.call('alice', { body: null });
  await stage.advance(100);
  alice.lastCall.answer();
  await stage.advance(100);
  stage.relay.last.connected();
  await stage.advance(33_000);
  expect(alice.lastCall.log.at(-1)).toBe('ended remote');
  expect(trunk.log.at(-1)).toBe('ended remote');
  expect(stage.record.end).toMatchObject({ cause: 'ack-missing', side: 'trunk' });
});

test('early media of the browser waits for the offer', async () => {
  const stage = await CallStage.open();
  const alice = await stage.browser('alice');
  const trunk = stage.carrier.call('alice', { body: null });
  await stage.advance(100);
  alice.lastCall.earlyMedia();
  await stage.advance(100);
  expect(trunk.log).toEqual(['183']);
  alice.lastCall.answer();
  await stage.advance(100);
  expect(trunk.log).toEqual(['183', '200 sdp']);
});

test('a browser may call without an offer, too', async () => {
  const stage = await CallStage.open();
  const alice = await stage.browser('alice');
  const call = alice.call('+15550123', { body: null });
  await stage.advance(100);
  stage.carrier.lastCall.answer();
  await stage.advance(100);
  expect(call.log).toEqual(['200 sdp']);
  expect(stage.relay.last.browser.remotes).toHaveLength(1);
});
