/** Early media: the browser gets one answer to its offer, whatever the carrier says after it. */

import { expect, test } from 'vitest';
import { CarrierAudio, codecsOf, identityOf } from '../support/call-sdp.ts';
import { CallStage } from '../support/call-stage.ts';

async function ringing() {
  const stage = await CallStage.open();
  const alice = await stage.browser('alice');
  const call = alice.call('+15550123');
  await stage.advance(100);
  return { stage, call, trunk: stage.carrier.lastCall };
}

test('the 200 repeats the SDP of the 183 byte for byte', async () => {
  const { stage, call, trunk } = await ringing();
  trunk.earlyMedia();
  await stage.advance(100);
  trunk.ring();
  await stage.advance(100);
  trunk.answer();
  await stage.advance(100);
  expect(call.log).toEqual(['183 sdp', '180', '200 sdp']);
  expect(call.heard[1]).toBe(call.heard[0]);
});

test('early media flows before the answer', async () => {
  const { stage, trunk } = await ringing();
  trunk.earlyMedia();
  await stage.advance(100);
  expect(stage.relay.last.bridges).toEqual(['browser 1 - trunk 2']);
  expect(stage.relay.last.trunk.trunk.rtp).toEqual({ host: '198.51.100.30', port: 20000 });
});

test('a 180 may bring it too', async () => {
  const { stage, call, trunk } = await ringing();
  trunk.earlyMedia(180);
  await stage.advance(100);
  expect(call.log).toEqual(['180 sdp']);
  expect(stage.happened).toContain('call.ringing');
});

test('a 180 without SDP is passed on without SDP', async () => {
  const { stage, call, trunk } = await ringing();
  trunk.ring();
  await stage.advance(100);
  expect(call.log).toEqual(['180']);
  expect(stage.relay.last.bridges).toEqual([]);
});

test('a 200 without SDP is covered by the 183 before it', async () => {
  const { stage, call, trunk } = await ringing();
  trunk.earlyMedia();
  await stage.advance(100);
  trunk.session.accept({ body: null });
  await stage.advance(100);
  expect(call.log).toEqual(['183 sdp', '200 sdp']);
});

test('a 200 without SDP after no SDP at all fails the call', async () => {
  const { stage, call, trunk } = await ringing();
  trunk.session.accept({ body: null });
  await stage.advance(100);
  expect(call.log).toEqual(['488']);
  expect(trunk.log).toEqual(['ack', 'ended remote']);
  expect(stage.record.end).toMatchObject({ cause: 'unsupported-media', side: 'trunk', sipStatus: 488 });
});

test('an answer from another address moves the media, not the browser', async () => {
  const { stage, call, trunk } = await ringing();
  trunk.earlyMedia();
  await stage.advance(100);
  Object.assign(trunk.audio, { host: '198.51.100.31', port: 26000 });
  trunk.answer();
  await stage.advance(500);
  expect(call.heard[1]).toBe(call.heard[0]);
  expect(call.log).toEqual(['183 sdp', '200 sdp']);
  expect(stage.relay.last.trunk.trunk.rtp).toEqual({ host: '198.51.100.31', port: 26000 });
});

test('an answer with another codec than the early media has the browser re-INVITEd', async () => {
  const { stage, call, trunk } = await ringing();
  trunk.audio.codecs = ['PCMU'];
  trunk.earlyMedia();
  await stage.advance(100);
  trunk.audio.codecs = ['PCMA'];
  trunk.answer(trunk.audio.answer(trunk.sdp));
  await stage.advance(500);
  expect(call.log).toEqual(['183 sdp', '200 sdp', 'offer sendrecv', 'ack']);
  expect(call.heard[1]).toBe(call.heard[0]);
  expect(codecsOf(call.sdp)).toBe('PCMA telephone-event');
  expect(identityOf(call.sdp)).toEqual(identityOf(call.heard[0] ?? ''));
  trunk.hangUp();
  await stage.advance(100);
  expect(stage.record.codec).toBe('PCMA');
});

test('unusable early media is not passed on, and the call goes on ringing', async () => {
  const { stage, call, trunk } = await ringing();
  trunk.session.progress(183, { body: 'v=0\r\nnonsense\r\n' });
  await stage.advance(100);
  trunk.answer();
  await stage.advance(100);
  expect(call.log).toEqual(['183', '200 sdp']);
});

test('an announcement before a refusal is heard, and the refusal too', async () => {
  const { stage, call, trunk } = await ringing();
  trunk.earlyMedia();
  await stage.advance(3000);
  trunk.session.reject(404, { headers: [['Reason', 'Q.850;cause=1;text="Unallocated number"']] });
  await stage.advance(100);
  expect(call.log).toEqual(['183 sdp', '404']);
  expect(call.reasons).toEqual(['SIP;cause=404;text="Not Found", Q.850;cause=1']);
  expect(stage.record).toMatchObject({ answeredAt: null, end: { cause: 'not-found', q850: 1 } });
});

test('a fork at the carrier: the browser hears one answer, and media follows the branch that answers', async () => {
  const { stage, call, trunk } = await ringing();
  trunk.earlyMedia();
  await stage.advance(100);
  const other = new CarrierAudio();
  other.host = '198.51.100.32';
  trunk.session.progress(183, { body: other.answer(trunk.sdp) });
  await stage.advance(100);
  expect(stage.relay.last.trunk.trunk.rtp?.host).toBe('198.51.100.32');
  trunk.answer();
  await stage.advance(100);
  expect(stage.relay.last.trunk.trunk.rtp?.host).toBe('198.51.100.30');
  expect(new Set(call.heard).size).toBe(1);
});
