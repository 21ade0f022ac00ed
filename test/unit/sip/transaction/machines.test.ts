import { describe, expect, test } from 'vitest';
import { inviteClient, inviteServer, nonInviteClient, nonInviteServer } from '../../../../src/sip/transaction/machines.ts';

type Table = Readonly<Record<string, Readonly<Record<string, readonly [string, string]>>>>;

const machines: ReadonlyArray<readonly [string, Table, string]> = [
  ['INVITE client', inviteClient as Table, 'calling'],
  ['non-INVITE client', nonInviteClient as Table, 'trying'],
  ['INVITE server', inviteServer as Table, 'proceeding'],
  ['non-INVITE server', nonInviteServer as Table, 'trying'],
];

function reachable(machine: Table, start: string): Set<string> {
  const seen = new Set([start]);
  for (const state of seen) for (const [next] of Object.values(machine[state] ?? {})) seen.add(next);
  return seen;
}

describe.each(machines)('%s', (_name, machine, start) => {
  test('every state can be reached, and every state can end', () => {
    expect([...reachable(machine, start)].sort()).toEqual(Object.keys(machine).sort());
    for (const state of Object.keys(machine)) expect(reachable(machine, state)).toContain('terminated');
  });

  test('terminated stays so', () => {
    expect(machine['terminated']).toEqual({});
  });
});

test('a final response reaches the user of a client transaction once, a 2xx to INVITE each time', () => {
  expect(inviteClient.completed['300-699']).toEqual(['completed', 'acknowledge']);
  expect(inviteClient.completed['2xx']).toBeUndefined();
  expect(inviteClient.accepted['2xx']).toEqual(['accepted', 'pass']);
  expect(inviteClient.accepted['300-699']).toBeUndefined();
  expect(nonInviteClient.completed['2xx']).toBeUndefined();
});

test('once a final response is sent no other can be, except the 2xx again', () => {
  for (const state of ['accepted', 'completed', 'confirmed'] as const) {
    expect(inviteServer[state]['send 1xx']).toBeUndefined();
    expect(inviteServer[state]['send 300-699']).toBeUndefined();
  }
  expect(inviteServer.completed['send 2xx']).toBeUndefined();
  expect(inviteServer.accepted['send 2xx']).toEqual(['accepted', 'send']);
  expect(nonInviteServer.completed).toEqual({ request: ['completed', 'repeat'], J: ['terminated', 'none'] });
});
