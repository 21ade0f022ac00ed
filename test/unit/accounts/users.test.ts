import { expect, test } from 'vitest';
import type { NewUser } from '../../../src/accounts/account.ts';
import { DisabledTrunks } from '../../../src/accounts/disabled-trunks.ts';
import { Users, type UsersOptions } from '../../../src/accounts/users.ts';
import { type Log, silentLog } from '../../../src/base/log.ts';
import { ha1 } from '../../../src/sip/message/digest.ts';
import { type Store, StoreError } from '../../../src/store/store.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { memoryStore } from '../../support/stores.ts';

const realm = 'example.com';
const alice: NewUser = { name: 'alice', password: 'secret of alice', callerId: '+15550100', dtmf: 'rfc4733' };
const bob: NewUser = { name: 'bob', password: 'secret of bob', callerId: null, dtmf: 'info' };

async function setUp(store?: Store) {
  const kept = store ?? (await memoryStore());
  const open = (options: Partial<UsersOptions> = {}) =>
    Users.open({
      store: kept,
      realm,
      algorithms: ['MD5', 'SHA-256'],
      configured: [alice],
      clock: new FakeClock(),
      log: silentLog,
      ...options,
    });
  const users = await open();
  const revoked: string[] = [];
  users.whenRevoked((name) => revoked.push(name));
  return { store: kept, open, users, revoked };
}

test('configured and added users prove themselves alike, by the algorithms that count', async () => {
  const { users } = await setUp();
  await users.create(bob);
  for (const user of [alice, bob]) {
    expect(users.ha1(user.name, 'MD5')).toBe(ha1('MD5', user.name, realm, user.password));
    expect(users.ha1(user.name, 'SHA-256')).toBe(ha1('SHA-256', user.name, realm, user.password));
    expect(users.ha1(user.name, 'SHA-512-256')).toBeNull();
  }
  expect(users.ha1('carol', 'MD5')).toBeNull();
  expect(users.list()).toEqual([
    { name: 'alice', callerId: '+15550100', dtmf: 'rfc4733', source: 'configuration' },
    { name: 'bob', callerId: null, dtmf: 'info', source: 'api' },
  ]);
});

test('added users are there after a start, their passwords nowhere', async () => {
  const { store, open, users } = await setUp();
  await users.create(bob);
  const rows = await store.query({ sql: 'SELECT * FROM users JOIN user_secrets ON user = name', values: [] });
  expect(rows).toHaveLength(2);
  expect(JSON.stringify(rows)).not.toContain(bob.password);
  const again = await open();
  expect(again.list()).toEqual(users.list());
  expect(again.ha1('bob', 'SHA-256')).toBe(users.ha1('bob', 'SHA-256'));
});

test('a new password revokes the old one, other changes do not', async () => {
  const { open, users, revoked } = await setUp();
  await users.create(bob);
  expect(await users.change('bob', { callerId: '4711', dtmf: 'rfc4733' })).toEqual({
    name: 'bob',
    callerId: '4711',
    dtmf: 'rfc4733',
    source: 'api',
  });
  expect(revoked).toEqual([]);
  await users.change('bob', { password: 'another secret' });
  expect(revoked).toEqual(['bob']);
  await users.change('bob', { callerId: null });
  for (const each of [users, await open()]) {
    expect(each.ha1('bob', 'MD5')).toBe(ha1('MD5', 'bob', realm, 'another secret'));
    expect(each.get('bob')?.callerId).toBeNull();
  }
});

test('a removed user is gone, here and after a start, and may be made again', async () => {
  const { store, open, users, revoked } = await setUp();
  await users.create(bob);
  await users.remove('bob');
  expect([users.get('bob'), users.ha1('bob', 'MD5'), revoked]).toEqual([undefined, null, ['bob']]);
  expect((await open()).get('bob')).toBeUndefined();
  expect(await store.query({ sql: 'SELECT * FROM user_secrets', values: [] })).toEqual([]);
  await users.create(bob);
  expect(users.get('bob')).toBeDefined();
});

test('users of the configuration are changed there', async () => {
  const { users } = await setUp();
  for (const change of [users.change('alice', { password: 'x' }), users.remove('alice')]) {
    await expect(change).rejects.toMatchObject({ reason: 'configured' });
  }
  await expect(users.create(alice)).rejects.toMatchObject({ reason: 'exists' });
  await expect(users.change('carol', {})).rejects.toMatchObject({ reason: 'unknown' });
  await expect(users.remove('carol')).rejects.toMatchObject({ reason: 'unknown' });
});

test('of two that make the same user at once, one succeeds', async () => {
  const { users } = await setUp();
  const both = await Promise.allSettled([users.create(bob), users.create({ ...bob, password: 'other' })]);
  expect(both.map(({ status }) => status)).toEqual(['fulfilled', 'rejected']);
  expect(users.ha1('bob', 'MD5')).toBe(ha1('MD5', 'bob', realm, bob.password));
});

test('another configuration revokes who is gone or has another password, and nobody else', async () => {
  const { users, revoked } = await setUp();
  await users.create(bob);
  users.replaceConfigured([alice, { ...bob, name: 'carol' }]);
  expect([revoked, users.list().map(({ name }) => name)]).toEqual([[], ['alice', 'bob', 'carol']]);
  users.replaceConfigured([{ ...alice, callerId: null }]);
  expect([revoked, users.get('alice')?.callerId]).toEqual([['carol'], null]);
  users.replaceConfigured([{ ...alice, password: 'changed' }]);
  users.replaceConfigured([]);
  expect([revoked, users.list().map(({ name }) => name)]).toEqual([['carol', 'alice', 'alice'], ['bob']]);
});

test('a user of the configuration goes before an added one of the same name', async () => {
  const { users, revoked } = await setUp();
  await users.create(bob);
  users.replaceConfigured([alice, { ...bob, password: 'configured' }]);
  expect([users.get('bob')?.source, users.ha1('bob', 'MD5')]).toEqual(['configuration', ha1('MD5', 'bob', realm, 'configured')]);
  expect(revoked).toEqual(['bob']);
  users.replaceConfigured([alice]);
  expect([users.get('bob')?.source, users.ha1('bob', 'MD5')]).toEqual(['api', ha1('MD5', 'bob', realm, bob.password)]);
});

test('a password for another domain is worth nothing, and that is said', async () => {
  const { open, users } = await setUp();
  await users.create(bob);
  const warnings: object[] = [];
  const log: Log = { ...silentLog, warn: (fields) => warnings.push(fields) };
  const moved = await open({ realm: 'example.org', log });
  expect([moved.ha1('bob', 'MD5'), warnings]).toEqual([null, [{ users: ['bob'], realm: 'example.org' }]]);
  await moved.change('bob', { password: 'new secret' });
  expect((await open({ realm: 'example.org' })).ha1('bob', 'MD5')).toBe(ha1('MD5', 'bob', 'example.org', 'new secret'));
});

test('what the store refuses is not in force', async () => {
  const store = await memoryStore();
  const full: Store = {
    write: () => {},
    commit: async () => {
      throw new StoreError('disk full');
    },
    query: (statement) => store.query(statement),
    lost: 0,
    close: async () => {},
  };
  const { users, revoked } = await setUp(full);
  await expect(users.create(bob)).rejects.toThrow('disk full');
  await expect(users.create(bob)).rejects.toThrow('disk full');
  expect([users.get('bob'), revoked]).toEqual([undefined, []]);
});

test('names of object properties are names like any other', async () => {
  const { users } = await setUp();
  await users.create({ ...bob, name: '__proto__' });
  expect([users.get('__proto__')?.name, users.get('constructor'), users.ha1('toString', 'MD5')]).toEqual(['__proto__', undefined, null]);
});

test('trunks that are switched off stay so', async () => {
  const store = await memoryStore();
  const clock = new FakeClock();
  const trunks = await DisabledTrunks.open(store, clock);
  expect(trunks.isEnabled('carrier')).toBe(true);
  await trunks.setEnabled('carrier', false);
  await trunks.setEnabled('carrier', false);
  expect([trunks.isEnabled('carrier'), (await DisabledTrunks.open(store, clock)).isEnabled('carrier')]).toEqual([false, false]);
  await trunks.setEnabled('carrier', true);
  expect([trunks.isEnabled('carrier'), (await DisabledTrunks.open(store, clock)).isEnabled('carrier')]).toEqual([true, true]);
});
