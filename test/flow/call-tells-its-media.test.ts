/** What a call says of its media while it runs: milestones as the relay tells them, and what its legs agree on. */

import { expect, test } from 'vitest';
import type { GatewayEvents } from '../../src/events/gateway-events.ts';
import { CallStage } from '../support/call-stage.ts';

async function talking() {
  const stage = await CallStage.open();
  const agreed: string[] = [];
  const milestones: GatewayEvents['call.milestone'][0][] = [];
  stage.events.on('call.media-changed', ({ audio: { side, codec, clockRate, direction } }) =>
    agreed.push(`${side} ${codec}/${clockRate} ${direction}`),
  );
  stage.events.on('call.milestone', (event) => milestones.push(event));
  const alice = await stage.browser('alice');
  const call = await stage.outbound(alice);
  return { stage, ...call, agreed, milestones };
}

test('what each leg agrees on is told at first, and when it changes', async () => {
  const { stage, browser, agreed } = await talking();
  expect(agreed).toEqual(['trunk PCMU/8000 sendrecv', 'browser PCMU/8000 sendrecv']);
  browser.hold();
  await stage.advance(500);
  expect(agreed.slice(2)).toEqual(['browser PCMU/8000 recvonly', 'trunk PCMU/8000 sendonly']);
  browser.resume();
  await stage.advance(500);
  expect(agreed.slice(4)).toEqual(['browser PCMU/8000 sendrecv', 'trunk PCMU/8000 sendrecv']);
});

test('a session refresh changes nothing', async () => {
  const { stage, agreed } = await talking();
  const before = [...agreed];
  await stage.advance(1_000_000);
  expect(agreed).toEqual(before);
});

test('a milestone comes with its call, its side and its time', async () => {
  const { stage, milestones } = await talking();
  const remote = { host: '192.0.2.7', port: 5000 };
  stage.relay.last.milestone({ what: 'rtp-refused', remote, detail: 'source' }, stage.relay.last.trunk);
  expect(milestones).toEqual([
    expect.objectContaining({
      callId: expect.any(String),
      user: 'alice',
      trunk: 'carrier',
      milestone: { side: 'trunk', at: stage.clock.wallTime(), what: 'rtp-refused', remote, detail: 'source' },
    }),
  ]);
});
