import { describe, expect, test } from 'vitest';
import { checkPeople } from '../../../../src/cli/checks/people.ts';
import { levels, local, trunk } from './local-config.ts';

const alice = { name: 'alice', password: 'a long one' };
const routes = { outbound: [{ match: '.', trunk: 'carrier' }], inbound: [{ match: '.', users: ['alice'] }] };

describe('people', () => {
  test('somebody must be there, and nobody else', () => {
    expect(levels(checkPeople(local()))).toEqual([
      expect.stringContaining('warning users: there are none'),
      expect.stringContaining('warning trunks: there are none'),
    ]);
    expect(levels(checkPeople(local({ users: [alice], trunks: [trunk], routes })))).toEqual([
      'ok users: 1',
      'ok routes: 1 outbound, 1 inbound',
    ]);
    const weak = local({ users: [{ name: 'alice', password: 'short' }, alice].slice(0, 1), trunks: [trunk], allowedOrigins: ['*'] });
    expect(levels(checkPeople(weak))).toEqual([
      'warning users: short passwords (alice)',
      expect.stringContaining('warning routes.outbound'),
      expect.stringContaining('warning routes.inbound'),
      expect.stringContaining('warning allowedOrigins'),
    ]);
  });
});
