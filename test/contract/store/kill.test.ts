/** A process that is killed loses at most the last second of its running calls. */

import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { accountTables } from '../../../src/accounts/schema.ts';
import { systemClock } from '../../../src/base/clock.ts';
import { type Log, silentLog } from '../../../src/base/log.ts';
import { recordTables } from '../../../src/records/schema.ts';
import { SqliteRecordStore } from '../../../src/records/sqlite-record-store.ts';
import { Child } from '../../support/child.ts';
import { freshPath, storeKinds } from '../../support/stores.ts';
import { until } from '../../support/until.ts';

const script = fileURLToPath(new URL('../../support/record-writer.js', import.meta.url));

/** What the child has said: how many packets the call had, and when. */
function said(child: Child): Array<{ readonly packets: number; readonly at: number }> {
  const lines = child.output.trim().split('\n');
  return lines.map((line) => line.split(' ').map(Number)).map(([packets = 0, at = 0]) => ({ packets, at }));
}

async function reopened(path: string, log: Log) {
  const [kind] = storeKinds;
  const store = await kind?.open(path, [recordTables, accountTables]);
  if (!store) throw new Error('no store');
  onTestFinished(() => store.close());
  const records = await SqliteRecordStore.open({ store, maxDays: 90, maxRows: 1000, clock: systemClock, log });
  onTestFinished(() => records.close());
  return records;
}

test('calls that ran when the process was killed are records of the next start, a second short at most', async () => {
  const path = freshPath();
  const child = new Child(process.execPath, [script, path]);
  onTestFinished(async () => void (await child.stop()));
  await until('three seconds of a call', () => said(child).length > 30 || !child.running, 20_000);
  child.signal('SIGKILL');
  expect(await child.exited).toMatchObject({ signal: 'SIGKILL' });

  const warnings: object[] = [];
  const records = await reopened(path, { ...silentLog, warn: (fields) => warnings.push(fields) });
  expect(warnings).toEqual([{ calls: 2 }]);
  const [talking, ringing] = (await records.find({ limit: 10 })).records;
  const lastWord = said(child).at(-1)?.at ?? Number.NaN;
  const heard = said(child).findLast(({ at }) => at <= lastWord - 1000);
  expect(talking).toMatchObject({ callId: 'talking', user: 'alice', end: { cause: 'killed', side: 'gateway' } });
  expect(talking?.quality[0]?.received.packets).toBeGreaterThanOrEqual(heard?.packets ?? 1);
  expect(talking?.endedAt).toBeGreaterThan(lastWord - 1000);
  // Nothing was heard of this one, so it is noted each second.
  expect(ringing).toMatchObject({ callId: 'ringing', answeredAt: null, end: { cause: 'killed' } });
  expect(ringing?.ringingAt).not.toBeNull();
  expect(ringing?.endedAt).toBeGreaterThan(lastWord - 1100);
});
