/** An ICE restart is between the browser and us: the carrier sees nothing of it (RFC 8839 section 4.4.1.1.1). */

import { describe, expect, test } from 'vitest';
import type { BrowserPhone } from '../support/call-phone.ts';
import { attributeOf, identityOf } from '../support/call-sdp.ts';
import { CallStage } from '../support/call-stage.ts';
import type { PhoneCall } from '../support/stage-call.ts';

async function talking(direction: 'outbound' | 'inbound' = 'outbound') {
  const stage = await CallStage.open();
  const alice = await stage.browser('alice');
  const call = await stage[direction](alice);
  stage.trunkLink.log.length = 0;
  return { stage, alice, ...call };
}

function restarted(call: PhoneCall): string {
  (call.audio as ReturnType<BrowserPhone['newAudio']>).restartIce();
  return call.audio.offer();
}

function credentialsOf(sdp: string): Array<string | undefined> {
  return ['ice-ufrag', 'ice-pwd'].map((name) => attributeOf(sdp, name));
}

function withoutIce(sdp: string): string[] {
  return identityOf(sdp).filter((value) => !credentialsOf(sdp).includes(value));
}

describe.each(['outbound', 'inbound'] as const)('in an %s call', (direction) => {
  test('by re-INVITE', async () => {
    const { stage, browser } = await talking(direction);
    const before = browser.sdp;
    browser.session.reinvite(restarted(browser));
    await stage.advance(500);
    expect(browser.log).toEqual(['answer sendrecv']);
    expect(credentialsOf(browser.sdp)).not.toEqual(credentialsOf(before));
    expect(withoutIce(browser.sdp)).toEqual(withoutIce(before));
    expect(attributeOf(browser.sdp, 'setup')).toBe(attributeOf(before, 'setup') === 'actpass' ? 'passive' : attributeOf(before, 'setup'));
    expect(stage.relay.last.browser.restarts).toBe(1);
    expect(stage.relay.last.browser.browser.iceUfrag).toBe('ali1');
    expect(stage.trunkLink.log).toEqual([]);
  });
});

test('by UPDATE', async () => {
  const { stage, browser } = await talking();
  browser.session.update(restarted(browser));
  await stage.advance(500);
  expect(browser.log).toEqual(['answer sendrecv']);
  expect(stage.relay.last.browser.restarts).toBe(1);
  expect(stage.trunkLink.log).toEqual([]);
});

test('with a hold: the carrier hears of the hold alone', async () => {
  const { stage, browser, trunk } = await talking();
  browser.audio.wish = 'sendonly';
  browser.session.reinvite(restarted(browser));
  await stage.advance(500);
  expect(browser.log).toEqual(['answer recvonly']);
  expect(trunk.log).toEqual(['offer sendonly', 'ack']);
});

test('twice', async () => {
  const { stage, browser } = await talking();
  browser.session.reinvite(restarted(browser));
  await stage.advance(500);
  const first = credentialsOf(browser.sdp);
  browser.session.reinvite(restarted(browser));
  await stage.advance(500);
  expect(credentialsOf(browser.sdp)).not.toEqual(first);
  expect(stage.relay.last.browser.restarts).toBe(2);
});

test('a later re-INVITE of ours keeps the new credentials', async () => {
  const { stage, browser, trunk } = await talking();
  browser.session.reinvite(restarted(browser));
  await stage.advance(500);
  const current = credentialsOf(browser.sdp);
  trunk.hold();
  await stage.advance(500);
  expect(credentialsOf(browser.sdp)).toEqual(current);
});

test('a restart that cannot be taken leaves the credentials as they were', async () => {
  const { stage, browser, trunk } = await talking();
  const before = credentialsOf(browser.sdp);
  browser.session.reinvite(restarted(browser).replace(/^m=audio \d+ \S+ .*$/m, 'm=audio 51920 UDP/TLS/RTP/SAVPF 63'));
  await stage.advance(500);
  expect(browser.log).toEqual(['refused 488']);
  expect(stage.relay.last.browser.restarts).toBe(0);
  trunk.hold();
  await stage.advance(500);
  expect(credentialsOf(browser.sdp)).toEqual(before);
});

test('with a re-INVITE of the carrier in the middle of it', async () => {
  const { stage, browser, trunk } = await talking();
  stage.relay.pauseLegs();
  browser.session.reinvite(restarted(browser));
  await stage.advance(100);
  trunk.hold();
  await stage.advance(100);
  stage.relay.resume();
  await stage.advance(1000);
  expect(trunk.log).toEqual(['answer recvonly']);
  expect(stage.relay.last.browser.browser.direction).toBe('sendonly');
  expect(stage.relay.last.browser.restarts).toBe(1);
});

test('a call that ends in the middle of it ends quietly', async () => {
  const { stage, browser, trunk } = await talking();
  stage.relay.pauseLegs();
  browser.audio.wish = 'sendonly';
  browser.session.reinvite(restarted(browser));
  await stage.advance(100);
  trunk.hangUp();
  await stage.advance(100);
  stage.relay.resume();
  await stage.advance(1000);
  expect(browser.log.at(-1)).toBe('ended remote');
  expect(stage.happened.at(-1)).toBe('call.ended');
});

test('over a new connection, as after a change of network', async () => {
  const { stage, alice, browser } = await talking();
  alice.disconnect();
  await stage.advance(5000);
  alice.connect();
  await stage.register(alice);
  alice.moveCalls(browser);
  browser.session.reinvite(restarted(browser));
  await stage.advance(500);
  expect(browser.log).toEqual(['answer sendrecv']);
  expect(stage.relay.last.browser.restarts).toBe(1);
  expect(stage.trunkLink.log).toEqual([]);
});
