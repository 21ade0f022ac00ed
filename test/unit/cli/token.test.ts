import { expect, test } from 'vitest';
import { Tokens } from '../../../src/accounts/tokens.ts';
import { systemClock } from '../../../src/base/clock.ts';
import { silentLog } from '../../../src/base/log.ts';
import { systemRandom } from '../../../src/base/random.ts';
import { runCommandLine } from '../../../src/cli/program.ts';
import { memoryStore } from '../../support/stores.ts';
import { FakeEnvironment } from './fake-environment.ts';

async function setUp() {
  const environment = new FakeEnvironment();
  const tokens = await Tokens.open({ store: await memoryStore(), clock: systemClock, random: systemRandom, log: silentLog });
  let closed = 0;
  environment.variables = { OFFHOOK_STORE_PATH: '/nowhere/offhook.db' };
  environment.tokens = {
    create: (name, role) => tokens.create(name, role),
    list: () => tokens.list(),
    revoke: (name) => tokens.revoke(name),
    close: async () => {
      closed += 1;
    },
  };
  const run = (...words: string[]) => {
    environment.printed = '';
    environment.complaints = '';
    return runCommandLine(['token', ...words], environment);
  };
  return { environment, tokens, run, closed: () => closed };
}

test('a token is made, works, is listed without its secret, and revoked', async () => {
  const { environment, tokens, run, closed } = await setUp();
  expect(await run('create', '--name', 'ops', '--role', 'operate')).toBe(0);
  const token = environment.printed.trim();
  expect(token).toMatch(/^offhook_[A-Za-z0-9_-]{43}$/);
  expect(environment.complaints).toContain('not shown again');
  expect(await tokens.verify(token)).toMatchObject({ name: 'ops', role: 'operate' });
  expect(await run('list')).toBe(0);
  expect(environment.printed).toMatch(/^name {2}role {5}created +last used\nops {3}operate {2}20\d\d-/);
  expect(environment.printed).not.toContain(token);
  expect(await run('revoke', 'ops')).toBe(0);
  expect(await run('list')).toBe(0);
  expect(environment.printed).toBe('There are no tokens.\n');
  expect(closed()).toBe(4);
});

test.each([
  [['create', '--role', 'read'], /--name/],
  [['create', '--name', 'x'], /--role/],
  [['create', '--name', 'x', '--role', 'root'], /read, operate, admin/],
  [['create', '--name', 'a b', '--role', 'read'], /1 to 64 letters/],
  [['revoke', 'nobody'], /no token nobody/],
])('%j is refused in words', async (words, complaint) => {
  const { environment, run } = await setUp();
  expect(await run(...words)).toBe(1);
  expect(environment.complaints).toMatch(complaint);
  expect(environment.complaints).not.toContain('    at ');
});

test('a name that is taken is refused', async () => {
  const { environment, run } = await setUp();
  await run('create', '--name', 'ops', '--role', 'read');
  expect(await run('create', '--name', 'ops', '--role', 'admin')).toBe(1);
  expect(environment.complaints).toContain('there is a token ops already');
});

test('without a store there is nowhere to keep them', async () => {
  const { environment, run } = await setUp();
  environment.variables = {};
  expect(await run('list')).toBe(1);
  expect(environment.complaints).toContain('store.path is null');
});
