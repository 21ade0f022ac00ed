/** Offers of two sides at once (RFC 3261 section 14.1): whatever crosses, both ends come to agree. */

import { expect, test } from 'vitest';
import { codecsOf, directionOf } from '../support/call-sdp.ts';
import { CallStage } from '../support/call-stage.ts';
import { label } from '../support/sip-link.ts';

async function talking() {
  const stage = await CallStage.open();
  const alice = await stage.browser('alice');
  const call = await stage.outbound(alice);
  return { stage, alice, ...call };
}

test('our re-INVITE meets one of the same peer: both are refused, and one after the other they come again', async () => {
  const { stage, browser, trunk } = await talking();
  // The browser holds; as our offer is on its way to the carrier, the carrier moves its media.
  browser.hold();
  await stage.advance(15);
  Object.assign(trunk.audio, { port: 27000 });
  trunk.session.reinvite(trunk.audio.offer());
  await stage.advance(10_000);
  const said = stage.trunkLink.log.map(({ message }) => label(message));
  expect(said.filter((each) => each === '491 INVITE').length).toBeGreaterThan(0);
  expect(stage.relay.last.trunk.trunk).toMatchObject({ direction: 'sendonly', rtp: { port: 27000 } });
  expect(directionOf(trunk.sdp)).toBe('sendonly');
  expect(browser.log).toEqual(['answer recvonly']);
});

test('an offer of ours that waits after 491 gives way to the peer, and follows if it is still wanted', async () => {
  const { stage, browser, trunk } = await talking();
  trunk.replyTo = () => 491;
  browser.hold();
  await stage.advance(50);
  expect(trunk.log).toEqual(['offer sendonly']);
  trunk.replyTo = (offer) => trunk.audio.answer(offer ?? '');
  Object.assign(trunk.audio, { port: 28000 });
  trunk.session.reinvite(trunk.audio.offer());
  await stage.advance(10_000);
  // Its own offer is answered with what is wanted, so that there is nothing left to ask.
  expect(trunk.log[1]).toBe('answer sendonly');
  expect(stage.relay.last.trunk.trunk).toMatchObject({ direction: 'sendonly', rtp: { port: 28000 } });
});

test('an offer that the peer has made superfluous is not sent again', async () => {
  const { stage, browser, trunk } = await talking();
  trunk.replyTo = () => 491;
  browser.hold();
  await stage.advance(50);
  browser.resume();
  await stage.advance(50);
  trunk.replyTo = (offer) => trunk.audio.answer(offer ?? '');
  trunk.session.reinvite(trunk.audio.offer());
  await stage.advance(10_000);
  expect(trunk.log).toEqual(['offer sendonly', 'answer sendrecv']);
  expect(stage.relay.last.trunk.trunk.direction).toBe('sendrecv');
});

test('the carrier changes the codec while the browser holds', async () => {
  const { stage, browser, trunk } = await talking();
  trunk.audio.codecs = ['PCMA'];
  trunk.session.reinvite(trunk.audio.offer());
  browser.hold();
  await stage.advance(10_000);
  expect(codecsOf(browser.sdp)).toBe('PCMA telephone-event');
  expect(stage.relay.last.browser.browser).toMatchObject({ direction: 'recvonly' });
  expect(stage.relay.last.trunk.trunk).toMatchObject({ direction: 'sendonly' });
});

test('a carrier that changes its mind twice in a moment does not have both sides follow each other for ever', async () => {
  const { stage, browser, trunk } = await talking();
  const want = (...codecs: readonly string[]) => {
    trunk.audio.codecs = codecs;
    trunk.session.reinvite(trunk.audio.offer());
  };
  want('PCMU');
  trunk.resume();
  await stage.advance(60);
  want('PCMA');
  want('PCMA', 'PCMU');
  await stage.advance(20_000);
  expect(browser.log.length + trunk.log.length).toBeLessThan(30);
  const encodings = [stage.relay.last.browser.browser, stage.relay.last.trunk.trunk].map(({ receive }) => receive[0]?.encoding);
  expect(encodings[0]).toBe(encodings[1]);
});

test('an ICE restart whose ACK is still to come, and a change of the carrier in between', async () => {
  const { stage, alice, browser, trunk } = await talking();
  (browser.audio as ReturnType<typeof alice.newAudio>).restartIce();
  browser.session.reinvite(browser.audio.offer());
  trunk.wish('inactive');
  await stage.advance(10_000);
  expect(browser.log).toEqual(['answer sendrecv', 'offer inactive', 'ack']);
  expect(trunk.log).toEqual(['answer inactive']);
});

test('a second offer before the first is answered gets 500, and comes again', async () => {
  const { stage, alice, browser } = await talking();
  stage.relay.pauseLegs();
  (browser.audio as ReturnType<typeof alice.newAudio>).restartIce();
  browser.session.reinvite(browser.audio.offer());
  await stage.advance(100);
  browser.session.update(browser.audio.offer());
  await stage.advance(100);
  stage.relay.resume();
  await stage.advance(10_000);
  expect(browser.log).toEqual(['answer sendrecv', 'answer sendrecv']);
});

test('a BYE that crosses our re-INVITE ends the call', async () => {
  const { stage, browser, trunk } = await talking();
  browser.hold();
  await stage.advance(12);
  trunk.hangUp();
  await stage.advance(1000);
  expect(browser.log).toEqual(['answer recvonly', 'ended remote']);
  expect(stage.record.end).toEqual({ cause: 'hung-up', side: 'trunk' });
});

test('a re-INVITE that meets our BYE is refused', async () => {
  const { stage, browser, trunk } = await talking();
  browser.hangUp();
  await stage.advance(15);
  trunk.hold();
  await stage.advance(1000);
  expect(trunk.log.at(-1)).toBe('ended remote');
  expect(browser.log).toEqual(['ended local']);
});
