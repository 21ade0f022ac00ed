/** What a relay thread tells of itself, and how it takes turns. */

import { afterEach, beforeEach, expect, test } from 'vitest';
import { unpackCounters } from '../../../src/relay/counters-batch.ts';
import { HostStage, immediates } from './host-stage.ts';

let stage: HostStage;

beforeEach(async () => {
  stage = await HostStage.start();
});
afterEach(() => stage.host.stop());

test('posts the statistics of many sessions one after the other, each once a second', async () => {
  const sessions = Array.from({ length: 120 }, (_, index) => index + 1);
  for (const session of sessions) stage.host.receive({ type: 'open', session });
  await Promise.all(sessions.map((session) => stage.ask({ type: 'add-browser-leg', session, leg: 1 })));
  stage.clock.pass(1000);
  for (let step = 0; step < 99; step++) stage.clock.pass(20);
  const reported = stage.ofType('stats').map(({ batch }) => unpackCounters(batch).length);
  expect(Math.max(...reported)).toBe(3);
  expect(reported.reduce((sum, size) => sum + size, 0)).toBe(240);
});

test('posts statistics once a second, and none without sessions', async () => {
  stage.clock.pass(5000);
  await stage.openCall();
  for (let second = 0; second < 3; second++) stage.clock.pass(1000);
  expect(stage.ofType('stats')).toHaveLength(3);
  expect(stage.ofType('stats').map(({ batch }) => unpackCounters(batch).length)).toEqual([2, 2, 2]);
  stage.host.receive({ type: 'close', session: 1 });
  stage.clock.pass(5000);
  expect(stage.ofType('stats')).toHaveLength(3);
  expect(stage.clock.alarms.size).toBe(0);
});

test('uses the memory of statistics that were read for the next', async () => {
  await stage.openCall();
  stage.clock.pass(1000);
  const [first] = stage.ofType('stats');
  stage.host.receive({ type: 'stats-read', memory: first?.batch.buffer ?? new ArrayBuffer(0) });
  for (let second = 0; second < 2; second++) stage.clock.pass(1000);
  const [, second, third] = stage.ofType('stats').map(({ batch }) => batch.buffer);
  expect(second).toBe(first?.batch.buffer);
  expect(third).not.toBe(second);
});

test('polls a polled driver in bounded turns while there are sessions', async () => {
  stage.host.stop();
  stage = await HostStage.start(true);
  await immediates();
  expect(stage.udp.polls).toHaveLength(0);
  await stage.openCall();
  await immediates();
  await immediates();
  expect(stage.udp.polls.length).toBeGreaterThan(0);
  expect(Math.max(...stage.udp.polls)).toBeLessThanOrEqual(10);
  stage.host.receive({ type: 'close', session: 1 });
  await immediates();
  const { length } = stage.udp.polls;
  await immediates();
  expect(stage.udp.polls).toHaveLength(length);
});

test('has short turns while its DTLS thread is at a handshake', async () => {
  stage.host.stop();
  stage = await HostStage.start(true);
  await stage.openCall();
  stage.dtls.pending = 1;
  await immediates();
  stage.udp.polls.length = 0;
  await immediates();
  await immediates();
  expect(stage.udp.polls.length).toBeGreaterThan(0);
  expect(Math.max(...stage.udp.polls)).toBeLessThanOrEqual(1);
});

test('says how much of a second it worked', async () => {
  stage.host.stop();
  stage = await HostStage.start(true);
  await stage.openCall();
  const second = async (): Promise<void> => {
    for (let turn = 0; turn < 100; turn++) {
      stage.clock.pass(10);
      await immediates();
    }
  };
  await second();
  stage.udp.waitedMs = 1000;
  await second();
  await second();
  const shares = stage.ofType('busy').map(({ share }) => share);
  expect(shares[0]).toBe(1);
  expect(shares.at(-1)).toBe(0);
});

test('is not busy without sessions', async () => {
  stage.host.stop();
  stage = await HostStage.start(true);
  await stage.openCall();
  stage.host.receive({ type: 'close', session: 1 });
  expect(stage.ofType('busy')).toEqual([{ type: 'busy', share: 0 }]);
});

test.each([true, false])('says how late its turn came, polled %s', async (polled) => {
  stage.host.stop();
  stage = await HostStage.start(polled);
  // Idle for long, which is not late.
  stage.clock.pass(60_000);
  await stage.openCall();
  for (let turn = 0; turn < 100; turn++) {
    stage.clock.pass(10);
    await immediates();
  }
  stage.clock.pass(1300);
  await immediates();
  stage.clock.pass(1000);
  await immediates();
  // Without polling it shows only in what was due: the statistics, every second, or a report before them.
  expect(stage.ofType('late').map(({ lateMs }) => lateMs)).toEqual([polled ? 1300 : expect.closeTo(800, -3)]);
});
