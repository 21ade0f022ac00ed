/** A browser that is gone for good: both sides are told within a fixed time, and nobody pays for a ghost call. */

import { expect, test } from 'vitest';
import { CallStage } from '../support/call-stage.ts';

async function talking() {
  const stage = await CallStage.open({ graceSec: 30 });
  const alice = await stage.browser('alice');
  const call = await stage.outbound(alice);
  return { stage, alice, ...call };
}

test('the tab is closed: the connection goes at once, consent after 30 s, and then the carrier gets its BYE', async () => {
  const { stage, alice, trunk } = await talking();
  alice.disconnect();
  await stage.advance(30_000);
  expect(trunk.log).toEqual([]);
  stage.relay.last.pathLost();
  await stage.advance(20);
  expect(trunk.log).toEqual(['ended remote']);
  expect(trunk.reasons).toEqual(['Q.850;cause=41;text="the browser is gone"']);
  expect(stage.record.end).toMatchObject({ cause: 'media-lost', side: 'browser' });
});

test('consent goes first, and then the connection', async () => {
  const { stage, alice, trunk } = await talking();
  stage.relay.last.pathLost();
  await stage.advance(5000);
  alice.disconnect();
  await stage.advance(20);
  expect(trunk.log).toEqual(['ended remote']);
});

test('consent is lost although the connection lives: the grace time runs, and both sides are told', async () => {
  const { stage, browser, trunk } = await talking();
  stage.relay.last.pathLost();
  await stage.advance(29_900);
  expect(trunk.log).toEqual([]);
  await stage.advance(200);
  expect(trunk.log).toEqual(['ended remote']);
  expect(browser.log).toEqual(['ended remote']);
  expect(stage.record.end).toMatchObject({ cause: 'media-lost', side: 'browser' });
});

test('consent that comes back in time saves the call', async () => {
  const { stage, trunk } = await talking();
  stage.relay.last.pathLost();
  await stage.advance(29_000);
  stage.relay.last.pathRestored();
  await stage.advance(60_000);
  expect(trunk.log).toEqual([]);
});

test('an ICE restart in time saves the call', async () => {
  const { stage, alice, browser, trunk } = await talking();
  stage.relay.last.pathLost();
  await stage.advance(20_000);
  (browser.audio as ReturnType<typeof alice.newAudio>).restartIce();
  browser.session.reinvite(browser.audio.offer());
  await stage.advance(1000);
  stage.relay.last.pathRestored();
  await stage.advance(60_000);
  expect(trunk.log).toEqual([]);
});

test('a connection that comes back without media gets what is left of the grace time', async () => {
  const { stage, alice, trunk } = await talking();
  stage.relay.last.pathLost();
  await stage.advance(10_000);
  alice.connect();
  await stage.register(alice);
  await stage.advance(19_000);
  expect(trunk.log).toEqual([]);
  await stage.advance(1000);
  expect(trunk.log).toEqual(['ended remote']);
});

test('media that never comes after the answer ends the call after the grace time', async () => {
  const stage = await CallStage.open({ graceSec: 30 });
  const alice = await stage.browser('alice');
  alice.call('+15550123');
  await stage.advance(100);
  stage.carrier.lastCall.answer();
  await stage.advance(30_000);
  expect(stage.carrier.lastCall.log).toEqual(['ack']);
  await stage.advance(200);
  expect(stage.carrier.lastCall.log).toEqual(['ack', 'ended remote']);
});

test('media that is late while it rings is no matter: there is none yet', async () => {
  const stage = await CallStage.open({ graceSec: 10, noAnswerSec: 120 });
  const alice = await stage.browser('alice');
  const call = alice.call('+15550123');
  await stage.advance(100);
  stage.carrier.lastCall.ring();
  await stage.advance(60_000);
  expect(call.log).toEqual(['180']);
});
