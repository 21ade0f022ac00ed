/** Hold and resume by either side, and by both (RFC 3264 sections 6.1 and 8.4): directions change, the browser's identity does not. */

import { describe, expect, test } from 'vitest';
import { directionOf, identityOf } from '../support/call-sdp.ts';
import { CallStage } from '../support/call-stage.ts';
import type { PhoneCall } from '../support/stage-call.ts';

async function talking(direction: 'outbound' | 'inbound' = 'outbound') {
  const stage = await CallStage.open();
  const alice = await stage.browser('alice');
  const call = await stage[direction](alice);
  const before = identityOf(call.browser.sdp);
  return { stage, ...call, before };
}

/** Whether we send to each side, and take from it. */
function directions(stage: CallStage): string[] {
  const { browser, trunk } = stage.relay.last;
  return [`browser ${browser.browser.direction}`, `trunk ${trunk.trunk.direction}`];
}

function lastHeard(...calls: readonly PhoneCall[]): string[] {
  return calls.map(({ sdp }) => directionOf(sdp));
}

describe.each(['outbound', 'inbound'] as const)('in an %s call', (direction) => {
  test('the browser holds and resumes', async () => {
    const { stage, browser, trunk, before } = await talking(direction);
    browser.hold();
    await stage.advance(500);
    expect(browser.log).toEqual(['answer recvonly']);
    expect(trunk.log).toEqual(['offer sendonly', 'ack']);
    expect(directions(stage)).toEqual(['browser recvonly', 'trunk sendonly']);
    browser.resume();
    await stage.advance(500);
    expect(browser.log).toEqual(['answer recvonly', 'answer sendrecv']);
    expect(trunk.log).toEqual(['offer sendonly', 'ack', 'offer sendrecv', 'ack']);
    expect(directions(stage)).toEqual(['browser sendrecv', 'trunk sendrecv']);
    expect(identityOf(browser.sdp)).toEqual(before);
    expect(stage.happened.slice(-2)).toEqual(['call.held browser', 'call.resumed browser']);
  });

  test('the carrier holds and resumes', async () => {
    const { stage, browser, trunk, before } = await talking(direction);
    trunk.hold();
    await stage.advance(500);
    expect(trunk.log).toEqual(['answer recvonly']);
    expect(browser.log).toEqual(['offer sendonly', 'ack']);
    expect(directions(stage)).toEqual(['browser sendonly', 'trunk recvonly']);
    trunk.resume();
    await stage.advance(500);
    expect(trunk.log).toEqual(['answer recvonly', 'answer sendrecv']);
    expect(browser.log).toEqual(['offer sendonly', 'ack', 'offer sendrecv', 'ack']);
    expect(directions(stage)).toEqual(['browser sendrecv', 'trunk sendrecv']);
    expect(identityOf(browser.sdp)).toEqual(before);
    expect(stage.happened.slice(-2)).toEqual(['call.held trunk', 'call.resumed trunk']);
  });
});

test('the carrier holds with c=0.0.0.0', async () => {
  const { stage, browser, trunk } = await talking();
  trunk.session.reinvite(trunk.audio.offer().replace(/^c=.*$/m, 'c=IN IP4 0.0.0.0'));
  await stage.advance(500);
  expect(browser.log).toEqual(['offer sendonly', 'ack']);
  expect(stage.relay.last.trunk.trunk.rtp).toBeNull();
  trunk.resume();
  await stage.advance(500);
  expect(lastHeard(browser, trunk)).toEqual(['sendrecv', 'sendrecv']);
  expect(stage.relay.last.trunk.trunk.rtp).toEqual({ host: '198.51.100.30', port: 20000 });
});

test('a hold of the carrier lasts through a hold of the browser', async () => {
  const { stage, browser, trunk } = await talking();
  trunk.hold();
  await stage.advance(500);
  browser.hold();
  await stage.advance(500);
  expect(directions(stage)).toEqual(['browser inactive', 'trunk inactive']);
  browser.resume();
  await stage.advance(500);
  expect(directions(stage)).toEqual(['browser sendonly', 'trunk recvonly']);
  trunk.resume();
  await stage.advance(500);
  expect(directions(stage)).toEqual(['browser sendrecv', 'trunk sendrecv']);
});

test('a hold of the browser lasts through a hold of the carrier', async () => {
  const { stage, browser, trunk } = await talking();
  browser.hold();
  await stage.advance(500);
  trunk.hold();
  await stage.advance(500);
  expect(directions(stage)).toEqual(['browser inactive', 'trunk inactive']);
  trunk.resume();
  await stage.advance(500);
  expect(directions(stage)).toEqual(['browser recvonly', 'trunk sendonly']);
  browser.resume();
  await stage.advance(500);
  expect(directions(stage)).toEqual(['browser sendrecv', 'trunk sendrecv']);
});

test('an end that is held and holds with `inactive` is told when the other resumes', async () => {
  const { stage, browser, trunk } = await talking();
  browser.hold();
  await stage.advance(500);
  trunk.wish('inactive');
  await stage.advance(500);
  trunk.log.length = 0;
  browser.resume();
  await stage.advance(500);
  // The carrier must learn that the browser listens again, or it would come back one-way.
  expect(trunk.log).toEqual(['offer sendrecv', 'ack']);
  trunk.resume();
  await stage.advance(500);
  expect(directions(stage)).toEqual(['browser sendrecv', 'trunk sendrecv']);
});

test('both hold in the same moment, and both resume in the same moment', async () => {
  const { stage, browser, trunk } = await talking();
  browser.hold();
  trunk.hold();
  await stage.advance(10_000);
  expect(directions(stage)).toEqual(['browser inactive', 'trunk inactive']);
  browser.resume();
  trunk.resume();
  await stage.advance(10_000);
  expect(directions(stage)).toEqual(['browser sendrecv', 'trunk sendrecv']);
  expect(lastHeard(browser, trunk)).toEqual(['sendrecv', 'sendrecv']);
});

test('a carrier that refuses the hold leaves the browser holding alone', async () => {
  const { stage, browser, trunk } = await talking();
  trunk.replyTo = () => 488;
  browser.hold();
  await stage.advance(500);
  expect(browser.log).toEqual(['answer recvonly']);
  expect(directions(stage)).toEqual(['browser recvonly', 'trunk sendrecv']);
  trunk.log.length = 0;
  browser.resume();
  await stage.advance(500);
  expect(trunk.log).toEqual([]);
  expect(directions(stage)).toEqual(['browser sendrecv', 'trunk sendrecv']);
});

test('a page without microphone listens only, and nobody is on hold', async () => {
  const stage = await CallStage.open();
  const alice = await stage.browser('alice');
  const call = alice.call('+15550123', { audio: Object.assign(alice.newAudio(), { wish: 'recvonly' as const }) });
  await stage.advance(100);
  expect(directionOf(stage.carrier.lastCall.sdp)).toBe('recvonly');
  stage.carrier.lastCall.answer();
  await stage.advance(100);
  expect(directionOf(call.sdp)).toBe('sendonly');
  expect(stage.happened).not.toContain('call.held browser');
});
