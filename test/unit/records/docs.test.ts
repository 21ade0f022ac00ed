/** docs/records.md speaks of the tables as they are. */

import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { saveEnded } from '../../../src/records/row.ts';
import { storedRecord } from '../../support/call-records.ts';
import { memoryStore } from '../../support/stores.ts';

const page = readFileSync(new URL('../../../docs/records.md', import.meta.url), 'utf8');

const statements = [...page.matchAll(/```sql\n(.*?)```/gs)]
  .flatMap(([, block = '']) => block.split(';').map((sql) => sql.trim()))
  .filter(Boolean);

test.each(statements)('it can be asked: %s', async (sql) => {
  const store = await memoryStore();
  const now = Date.now();
  store.write(saveEnded(storedRecord({ invitedAt: now, answeredAt: now, endedAt: now + 60_000 })));
  expect(await store.query({ sql, values: [] })).not.toEqual([]);
});

test('there are statements', () => {
  expect(statements.length).toBeGreaterThanOrEqual(3);
});

test('the columns of calls are all explained, and no others', async () => {
  const store = await memoryStore();
  const section = page.slice(page.indexOf('### `calls`'), page.indexOf('### `call_quality`'));
  const rows = [...section.matchAll(/^\| (`.*?) \|/gm)].flatMap(([, cell = '']) => [...cell.matchAll(/`(\w+)`/g)].map(([, name]) => name));
  const columns = await store.query({ sql: "SELECT name FROM pragma_table_info('calls')", values: [] });
  expect(rows.sort()).toEqual(columns.map(({ name }) => name).sort());
});

test('the columns of call_quality are all named', async () => {
  const store = await memoryStore();
  const section = page.slice(page.indexOf('### `call_quality`'), page.indexOf('### `users`'));
  const columns = await store.query({ sql: "SELECT name FROM pragma_table_info('call_quality')", values: [] });
  expect(columns.length).toBeGreaterThan(0);
  for (const { name } of columns) expect(section).toContain(`\`${name}\``);
});
