import { beforeEach, expect, test } from 'vitest';
import { silentLog } from '../../../src/base/log.ts';
import { seededRandom } from '../../../src/base/random.ts';
import { Health } from '../../../src/trunk/health.ts';
import type { Trunk } from '../../../src/trunk/trunk.ts';
import { FakeAgent, response, trunkWith } from './fakes.ts';

class Notes extends FakeAgent {
  changed(trunk: Trunk, detail: string): void {
    this.notes.push(`${trunk.available ? 'up' : 'down'} ${detail}`);
  }
}

let agent: Notes;
let trunk: Trunk;
let health: Health;

beforeEach(() => {
  agent = new Notes();
  trunk = trunkWith();
  health = new Health({ trunk, clock: { now: () => agent.now }, random: seededRandom(3), log: silentLog }, agent);
  health.start();
});

function elapse(): number {
  const seconds = (health.deadline - agent.now) / 1000;
  agent.now = health.deadline;
  health.expire(agent.now);
  return seconds;
}

test('OPTIONS goes to the trunk in our own name', () => {
  expect(agent.last()).toMatchObject({ method: 'OPTIONS', from: '<sip:own-for-gw.example.com>', to: '<sip:gw.example.com>' });
  expect(agent.last().credentials).toBeUndefined();
});

test.each([200, 404, 405, 403, 481])('%i is a sign of life', (status) => {
  agent.answer(response(status));
  expect(trunk.available).toBe(true);
  expect(agent.notes).toEqual([]);
  const seconds = elapse();
  expect(Math.abs(seconds - 30)).toBeLessThanOrEqual(3);
});

test('no answer, 408 and 503 take the trunk out; it is asked less and less often, and comes back with an answer', () => {
  agent.answer('timeout');
  expect(trunk.available).toBe(false);
  const pauses = [elapse()];
  for (const result of [response(503), response(408), 'transport', 'timeout'] as const) {
    agent.answer(result);
    pauses.push(elapse());
  }
  [1, 2, 4, 8, 8].forEach((factor, at) => {
    expect(Math.abs((pauses[at] ?? 0) / (30 * factor) - 1)).toBeLessThanOrEqual(0.1);
  });
  agent.answer(response(200));
  expect(trunk.available).toBe(true);
  expect(agent.notes).toEqual(['down timeout', 'up 200 Because']);
  expect(Math.round(elapse() / 30)).toBe(1);
});

test('after stop an answer changes nothing', () => {
  health.stop();
  expect(agent.cancelled).toBe(1);
  agent.answer('timeout');
  expect(trunk.available).toBe(true);
  expect(health.deadline).toBe(Number.POSITIVE_INFINITY);
});
