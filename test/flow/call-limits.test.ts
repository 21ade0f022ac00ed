/** How many calls at once: in all, of a user, from an address. */

import { expect, test } from 'vitest';
import { CallStage } from '../support/call-stage.ts';

test('of one user', async () => {
  const stage = await CallStage.open({ limits: { callsPerUser: 2 } });
  const alice = await stage.browser('alice');
  const second = await stage.browser('alice');
  const calls = [alice.call('+15550001'), second.call('+15550002'), alice.call('+15550003')];
  await stage.advance(100);
  expect(calls.map(({ log }) => log)).toEqual([[], [], ['486']]);
  expect(calls[2]?.reasons).toEqual(['SIP;cause=486;text="too many calls of this user"']);
  const bob = await stage.browser('bob');
  const other = bob.call('+15550004');
  await stage.advance(100);
  expect(other.log).toEqual([]);
});

test('of one address', async () => {
  const stage = await CallStage.open({ limits: { callsPerAddress: 1 } });
  const alice = await stage.browser('alice', { host: '192.0.2.200' });
  const bob = await stage.browser('bob', { host: '192.0.2.200' });
  const carol = await stage.browser('carol', { host: '192.0.2.201' });
  const calls = [alice.call('+15550001'), bob.call('+15550002'), carol.call('+15550003')];
  await stage.advance(100);
  expect(calls.map(({ log }) => log)).toEqual([[], ['503'], []]);
});

test('in all, from both sides', async () => {
  const stage = await CallStage.open({ limits: { calls: 1 } });
  const alice = await stage.browser('alice');
  await stage.outbound(alice);
  const outbound = alice.call('+15550002');
  const inbound = stage.carrier.call('alice');
  await stage.advance(100);
  expect([outbound.log, inbound.log]).toEqual([['503'], ['503']]);
});

test('of one trunk, in both directions', async () => {
  const stage = await CallStage.open({ limits: { callsPerTrunk: 1 } });
  const alice = await stage.browser('alice');
  const { browser } = await stage.outbound(alice);
  const refused = [alice.call('+15550002'), stage.carrier.call('alice')];
  await stage.advance(100);
  expect(refused.map(({ log, reasons }) => [log, reasons])).toEqual([
    [['503'], ['SIP;cause=503;text="too many calls of this trunk"']],
    [['503'], ['SIP;cause=503;text="too many calls of this trunk"']],
  ]);
  browser.hangUp();
  await stage.advance(100);
  await stage.outbound(alice);
});

test('a call that has ended counts no more', async () => {
  const stage = await CallStage.open({ limits: { callsPerUser: 1 } });
  const alice = await stage.browser('alice');
  const first = await stage.outbound(alice);
  first.browser.hangUp();
  await stage.advance(100);
  const second = await stage.outbound(alice);
  expect(second.trunk).not.toBe(first.trunk);
  expect(stage.switchboard.size).toBe(1);
});

test('a trunk that does not answer takes no calls', async () => {
  const stage = await CallStage.open();
  const alice = await stage.browser('alice');
  stage.setTrunkAvailable(false);
  const call = alice.call('+15550123');
  await stage.advance(100);
  expect(call.log).toEqual(['503']);
  expect(call.reasons).toEqual(['SIP;cause=503;text="the trunk does not answer"']);
});
