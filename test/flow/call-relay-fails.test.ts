/** The media relay cannot, or can no longer: the call fails with a cause, and no other call is touched. */

import { expect, test } from 'vitest';
import { CallStage } from '../support/call-stage.ts';

test('all RTP ports are in use: 503', async () => {
  const stage = await CallStage.open();
  stage.relay.ports = 0;
  const alice = await stage.browser('alice');
  const outbound = alice.call('+15550123');
  const inbound = stage.carrier.call('alice');
  await stage.advance(100);
  expect([outbound.log, inbound.log]).toEqual([['503'], ['503']]);
  expect(outbound.reasons).toEqual(['Q.850;cause=42;text="no free RTP port pair"']);
  expect(stage.record.end).toMatchObject({ cause: 'limit', side: 'gateway' });
  expect(alice.calls).toEqual([]);
  stage.relay.ports = 1;
  await stage.outbound(alice);
});

test('the relay does not run: 500', async () => {
  const stage = await CallStage.open();
  stage.relay.running = false;
  const alice = await stage.browser('alice');
  const call = alice.call('+15550123');
  await stage.advance(100);
  expect(call.log).toEqual(['500']);
  expect(stage.record.end).toMatchObject({ cause: 'media-failed', side: 'gateway' });
});

test('a relay thread dies in a call: both sides are told', async () => {
  const stage = await CallStage.open();
  const alice = await stage.browser('alice');
  const first = await stage.outbound(alice);
  const media = stage.relay.last;
  const second = await stage.outbound(await stage.browser('bob'));
  media.threadDied();
  await stage.advance(100);
  expect([first.browser.log, first.trunk.log]).toEqual([['ended remote'], ['ended remote']]);
  expect(first.trunk.reasons).toEqual(['Q.850;cause=47;text="a media thread died"']);
  expect(stage.record.end).toEqual({ cause: 'media-failed', side: 'gateway', detail: 'a media thread died' });
  expect([second.browser.log, second.trunk.log]).toEqual([[], []]);
});

test('a relay thread dies while it rings', async () => {
  const stage = await CallStage.open();
  const alice = await stage.browser('alice');
  const call = alice.call('+15550123');
  await stage.advance(100);
  stage.carrier.lastCall.ring();
  await stage.advance(100);
  stage.relay.last.threadDied();
  await stage.advance(100);
  expect(call.log).toEqual(['180', '500']);
  expect(stage.carrier.lastCall.log).toEqual(['cancelled']);
});

test('DTLS fails in a call: both sides are told', async () => {
  const stage = await CallStage.open();
  const { browser, trunk } = await stage.outbound(await stage.browser('alice'));
  stage.relay.last.failed(stage.relay.last.browser, 'dtls-fingerprint-mismatch');
  await stage.advance(100);
  expect([browser.log, trunk.log]).toEqual([['ended remote'], ['ended remote']]);
  expect(stage.record.end).toEqual({ cause: 'media-failed', side: 'browser', detail: 'dtls-fingerprint-mismatch' });
});

test('DTLS of the caller fails during early media', async () => {
  const stage = await CallStage.open();
  const alice = await stage.browser('alice');
  const call = alice.call('+15550123');
  await stage.advance(100);
  stage.carrier.lastCall.earlyMedia();
  await stage.advance(100);
  stage.relay.last.failed(stage.relay.last.browser, 'dtls-no-common-profile');
  await stage.advance(100);
  expect(call.log).toEqual(['183 sdp', '500']);
  expect(stage.carrier.lastCall.log).toEqual(['cancelled']);
});

test('DTLS of the only browser that rings fails', async () => {
  const stage = await CallStage.open();
  const alice = await stage.browser('alice');
  const trunk = stage.carrier.call('alice');
  await stage.advance(100);
  alice.lastCall.ring();
  await stage.advance(100);
  stage.relay.last.failed(stage.relay.last.browser, 'dtls-handshake-failed');
  await stage.advance(100);
  expect(trunk.log).toEqual(['180', '500']);
  expect(alice.lastCall.log).toEqual(['cancelled']);
});
