import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { PathRepair } from '../../../../src/web/phone-module/path-repair.ts';

let reachable = true;
let negotiable = true;
let restarts = 0;

function repair(): PathRepair {
  return new PathRepair({
    gatewayAnswers: async () => reachable,
    restart() {
      if (negotiable) restarts++;
      return negotiable;
    },
  });
}

beforeEach(() => {
  vi.useFakeTimers();
  reachable = negotiable = true;
  restarts = 0;
});
afterEach(() => {
  vi.useRealTimers();
});

/** Time goes on, and what was promised comes true. */
const pass = (ms: number): Promise<unknown> => vi.advanceTimersByTimeAsync(ms);

test('a path that failed is found anew at once', async () => {
  repair().iceState('failed');
  await pass(0);
  expect(restarts).toBe(1);
});

test('a path that stutters heals by itself', async () => {
  const path = repair();
  path.iceState('disconnected');
  await pass(1500);
  path.iceState('connected');
  await pass(60_000);
  expect(restarts).toBe(0);
});

test('a path that is lost for 2 s is found anew', async () => {
  repair().iceState('disconnected');
  await pass(1999);
  expect(restarts).toBe(0);
  await pass(1);
  expect(restarts).toBe(1);
});

test('another network means another path, also when nothing was lost yet, once', async () => {
  const path = repair();
  path.iceState('connected');
  path.networkChanged();
  await pass(60_000);
  expect(restarts).toBe(1);
});

test('waits until the gateway can be told', async () => {
  reachable = false;
  repair().networkChanged();
  await pass(30_000);
  expect(restarts).toBe(0);
  reachable = true;
  await pass(1000);
  expect(restarts).toBe(1);
});

test('waits while another change of the call is under way', async () => {
  negotiable = false;
  repair().networkChanged();
  await pass(5000);
  negotiable = true;
  await pass(1000);
  expect(restarts).toBe(1);
});

test('a restart that found no way is followed by another', async () => {
  repair().iceState('failed');
  await pass(7999);
  expect(restarts).toBe(1);
  await pass(1);
  expect(restarts).toBe(2);
});

test.each(['stop', 'connected', 'closed'] as const)('%s: nothing more is tried', async (end) => {
  reachable = false;
  const path = repair();
  path.iceState('failed');
  await pass(3000);
  if (end === 'stop') path.stop();
  else path.iceState(end);
  reachable = true;
  await pass(60_000);
  expect(restarts).toBe(0);
});
