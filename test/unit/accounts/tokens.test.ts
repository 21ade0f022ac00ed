import { expect, test } from 'vitest';
import { Tokens } from '../../../src/accounts/tokens.ts';
import { silentLog } from '../../../src/base/log.ts';
import { seededRandom } from '../../../src/base/random.ts';
import type { Store } from '../../../src/store/store.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { memoryStore } from '../../support/stores.ts';

async function setUp() {
  const store = await memoryStore();
  const clock = new FakeClock();
  const open = (of: Store = store) => Tokens.open({ store: of, clock, random: seededRandom(1), log: silentLog });
  return { store, clock, open, tokens: await open() };
}

test('is known by its secret alone, which is nowhere in the store', async () => {
  const { store, clock, tokens } = await setUp();
  expect(await tokens.any()).toBe(false);
  const { token, ...rest } = await tokens.create('ops', 'admin');
  expect(rest).toEqual({ name: 'ops', role: 'admin', createdAt: clock.wallTime(), lastUsedAt: null });
  expect([await tokens.any(), await tokens.verify(token)]).toMatchObject([true, { name: 'ops', role: 'admin' }]);
  for (const wrong of ['', 'ops', token.slice(1), `${token} `, token.toUpperCase(), '\0', 'x'.repeat(100_000)]) {
    expect(await tokens.verify(wrong)).toBeNull();
  }
  const rows = await store.query({ sql: 'SELECT * FROM tokens', values: [] });
  expect(JSON.stringify(rows)).not.toContain(token.slice(8));
});

test('names are taken once', async () => {
  const { tokens } = await setUp();
  await tokens.create('ops', 'read');
  await expect(tokens.create('ops', 'read')).rejects.toMatchObject({ name: 'AccountError', reason: 'exists' });
  await expect(tokens.revoke('nobody')).rejects.toMatchObject({ reason: 'unknown' });
});

test('what another process made or revoked counts within a second', async () => {
  const { clock, open, tokens } = await setUp();
  const other = await open();
  expect(await tokens.any()).toBe(false);
  const { token } = await other.create('ops', 'read');
  await clock.advance(1000);
  expect(await tokens.verify(token)).toMatchObject({ name: 'ops' });
  await other.revoke('ops');
  await clock.advance(1000);
  expect(await tokens.verify(token)).toBeNull();
});

test('its use is noted, once a minute at most', async () => {
  const { clock, tokens } = await setUp();
  const { token } = await tokens.create('ops', 'read');
  const first = clock.wallTime();
  await tokens.verify(token);
  await clock.advance(30_000);
  await tokens.verify(token);
  expect((await tokens.list())[0]?.lastUsedAt).toBe(first);
  await clock.advance(30_000);
  await tokens.verify(token);
  expect((await tokens.list())[0]?.lastUsedAt).toBe(first + 60_000);
});

test('a store that cannot be read leaves in force what was known', async () => {
  const { store, clock, open } = await setUp();
  let broken = false;
  const query: Store['query'] = async (statement) => {
    if (broken) throw new Error('disk error');
    return store.query(statement);
  };
  const tokens = await open({ write: (s) => store.write(s), commit: (s) => store.commit(s), query, lost: 0, close: async () => {} });
  const { token } = await tokens.create('ops', 'read');
  broken = true;
  await clock.advance(5000);
  expect(await tokens.verify(token)).toMatchObject({ name: 'ops' });
  await expect(tokens.list()).rejects.toThrow('disk error');
});

test('a store that hangs holds nobody up, and leaves in force what was known', async () => {
  const { store, clock, open } = await setUp();
  let hangs = false;
  const query: Store['query'] = (statement) => (hangs ? new Promise(() => {}) : store.query(statement));
  const tokens = await open({ write: (s) => store.write(s), commit: (s) => store.commit(s), query, lost: 0, close: async () => {} });
  const { token } = await tokens.create('ops', 'read');
  hangs = true;
  await clock.advance(5000);
  const answers = Promise.all([tokens.verify(token), tokens.verify('wrong'), tokens.any()]);
  await clock.advance(1000);
  expect(await answers).toMatchObject([{ name: 'ops' }, null, true]);
});

test('tokens that cannot be read do not count as none', async () => {
  const { open } = await setUp();
  const query = () => Promise.reject(new Error('disk error'));
  await expect(open({ write: () => {}, commit: async () => {}, query, lost: 0, close: async () => {} })).rejects.toThrow('disk error');
});

test('a role of a later version may the least', async () => {
  const { store, tokens } = await setUp();
  const { token } = await tokens.create('ops', 'admin');
  await store.commit([{ sql: "UPDATE tokens SET role = 'emperor'", values: [] }]);
  expect((await tokens.list())[0]?.role).toBe('read');
  expect(await tokens.verify(token)).toMatchObject({ role: 'read' });
});
