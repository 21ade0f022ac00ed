import { expect, test } from 'vitest';
import { DialPlan } from '../../../src/trunk/route.ts';

const plan = new DialPlan({
  outbound: [
    { match: /^\+49/, trunk: 'german' },
    { match: /^\+?[0-9]{3,15}$/, trunk: 'carrier' },
    { match: /^\+4930/, trunk: 'german' },
    { match: /x/g, trunk: 'stateful' },
  ],
  inbound: [
    { match: /^alice$/, users: ['alice'] },
    { match: /^\+15550100$/, users: ['alice', 'bob', 'alice'] },
    { match: /^\+1555/, users: ['reception'] },
  ],
});

test('trunks come in the order of the routes, each once', () => {
  expect(plan.trunksFor('+4930123456')).toEqual(['german', 'carrier']);
  expect(plan.trunksFor('911')).toEqual(['carrier']);
  expect(plan.trunksFor('alice')).toEqual([]);
  expect(plan.trunksFor('')).toEqual([]);
});

test('a pattern keeps no state from number to number', () => {
  expect([plan.trunksFor('xx'), plan.trunksFor('x')]).toEqual([['stateful'], ['stateful']]);
});

test('the first inbound route that matches names the users, each once', () => {
  expect(plan.usersFor('alice')).toEqual(['alice']);
  expect(plan.usersFor('+15550100')).toEqual(['alice', 'bob']);
  expect(plan.usersFor('+15550199')).toEqual(['reception']);
  expect(plan.usersFor('carol')).toEqual([]);
});

test('what is longer than any number matches nothing', () => {
  expect(plan.trunksFor(`+49${'1'.repeat(61)}`)).toEqual(['german']);
  expect(plan.trunksFor(`+49${'1'.repeat(62)}`)).toEqual([]);
});
