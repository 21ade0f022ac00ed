import { beforeEach, describe, expect, test } from 'vitest';
import { silentLog } from '../../../src/base/log.ts';
import { seededRandom } from '../../../src/base/random.ts';
import { printUri } from '../../../src/sip/message/uri.ts';
import { Registration } from '../../../src/trunk/registration.ts';
import type { Trunk } from '../../../src/trunk/trunk.ts';
import { FakeAgent, response, trunkWith } from './fakes.ts';

class Notes extends FakeAgent {
  registered(_trunk: Trunk, expiresSec: number): void {
    this.notes.push(`registered ${expiresSec}`);
  }

  unregistered(_trunk: Trunk, detail: string): void {
    this.notes.push(`unregistered ${detail}`);
  }
}

let agent: Notes;
let registration: Registration;

beforeEach(() => {
  agent = new Notes();
  registration = new Registration({ trunk: trunkWith(), clock: { now: () => agent.now }, random: seededRandom(3), log: silentLog }, agent);
  registration.start();
});

/** Goes to the deadline; seconds that it took. */
function elapse(): number {
  const seconds = (registration.deadline - agent.now) / 1000;
  agent.now = registration.deadline;
  registration.expire(agent.now);
  return seconds;
}

test('REGISTER names the domain, us and the time wanted', () => {
  const { method, uri, from, to, contactUser, credentials, destination } = agent.last();
  expect([method, printUri(uri), from, to]).toEqual([
    'REGISTER',
    'sip:gw.example.com:5070',
    '<sip:gw%20user@gw.example.com>',
    '<sip:gw%20user@gw.example.com>',
  ]);
  expect(contactUser).toBe('gw user');
  expect(credentials).toMatchObject({ username: 'gw user', password: 'secret' });
  expect('uri' in destination && printUri(destination.uri)).toBe('sip:gw.example.com:5070;transport=udp');
  expect(agent.header('Expires')).toBe('600');
});

describe('refresh', () => {
  test('comes before the time granted is over, with the same Call-ID and a rising CSeq', () => {
    const { callId, nextSequence } = agent.last();
    expect(nextSequence?.()).toBe(1);
    expect(nextSequence?.()).toBe(2);
    agent.answer(response(200, 'Expires: 120'));
    expect(registration.registered).toBe(true);
    const seconds = elapse();
    expect(seconds).toBeGreaterThanOrEqual(90);
    expect(seconds).toBeLessThanOrEqual(108);
    expect(agent.requests).toHaveLength(2);
    expect(agent.last().callId).toBe(callId);
    expect(agent.last().nextSequence?.()).toBe(3);
  });

  test.each([
    [['Contact: <sip:gw%20user@192.0.2.1:5060>;expires=300', 'Expires: 1000'], 300],
    [['Contact: <sip:other@192.0.2.7>;expires=30, <sip:gw%20user@192.0.2.9>;expires=5, <sip:gw%20user@192.0.2.1>;expires=200'], 200],
    [['Contact: <sip:other@192.0.2.7>;expires=30', 'Expires: 90'], 90],
    [['Contact: <sip:gw%20user@192.0.2.1>', 'Expires: 77'], 77],
    [[], 600],
  ])('%j grants %i s', (headers, expected) => {
    agent.answer(response(200, ...headers));
    expect(agent.notes).toEqual([`registered ${expected}`]);
  });

  test('a grant of nothing does not make a storm', () => {
    agent.answer(response(200, 'Expires: 0'));
    expect(elapse()).toBeGreaterThanOrEqual(1);
  });
});

describe('failure', () => {
  test('423 is asked again at once with the time that it names', () => {
    agent.answer(response(423, 'Min-Expires: 1800'));
    expect(agent.header('Expires')).toBe('1800');
    agent.answer(response(200));
    expect(agent.notes).toEqual(['registered 1800']);
  });

  test.each(['Min-Expires: 600', 'Min-Expires: 99999999', 'X: y'])('423 with %s is a failure like others', (header) => {
    agent.answer(response(423, header));
    expect(agent.requests).toHaveLength(1);
    expect(agent.notes).toEqual(['unregistered 423 Because']);
  });

  test('pauses grow, up to ten minutes', () => {
    const pauses = Array.from({ length: 9 }, () => {
      agent.answer('timeout');
      return elapse();
    });
    pauses.forEach((pause, at) => {
      const full = Math.min(600, 10 * 2 ** at);
      expect(pause).toBeGreaterThanOrEqual(full / 2);
      expect(pause).toBeLessThanOrEqual(full);
    });
    agent.answer(response(200));
    elapse();
    agent.answer('transport');
    expect(elapse()).toBeLessThanOrEqual(10);
    expect(agent.notes.at(-1)).toBe('unregistered transport');
  });

  test('refused credentials wait five minutes', () => {
    agent.answer(response(403));
    expect(elapse()).toBe(300);
    agent.answer(response(401));
    expect(elapse()).toBe(300);
  });

  test('Retry-After is honoured, within reason', () => {
    agent.answer(response(503, 'Retry-After: 120 (maintenance)'));
    expect(elapse()).toBe(120);
    agent.answer(response(503, 'Retry-After: 86400'));
    expect(elapse()).toBe(3600);
    agent.answer(response(503, 'Retry-After: soon'));
    expect(elapse()).toBeLessThanOrEqual(40);
  });
});

describe('stop', () => {
  test('removes the registration and waits for the answer', () => {
    agent.answer(response(200));
    let stopped = 0;
    registration.stop(() => stopped++);
    expect(agent.header('Expires')).toBe('0');
    expect(stopped).toBe(0);
    agent.answer(response(200));
    expect(stopped).toBe(1);
    expect(registration.deadline).toBe(Number.POSITIVE_INFINITY);
  });

  test('waits no longer than two seconds', () => {
    agent.answer(response(200));
    let stopped = 0;
    registration.stop(() => stopped++);
    expect(elapse()).toBe(2);
    expect([stopped, agent.cancelled]).toEqual([1, 1]);
    agent.answer('timeout');
    expect(stopped).toBe(1);
    expect(registration.deadline).toBe(Number.POSITIVE_INFINITY);
  });

  test('has nothing to do before the first answer, which then changes nothing', () => {
    let stopped = 0;
    registration.stop(() => stopped++);
    expect([stopped, agent.cancelled]).toEqual([1, 1]);
    agent.answer(response(200));
    expect(agent.notes).toEqual([]);
    expect(registration.deadline).toBe(Number.POSITIVE_INFINITY);
  });
});
