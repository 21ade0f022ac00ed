/** Stores for tests: files in folders of their own, opened on this thread or on one of their own (from dist/). */

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { accountTables } from '../../src/accounts/schema.ts';
import { systemClock } from '../../src/base/clock.ts';
import { type Log, silentLog } from '../../src/base/log.ts';
import { recordTables } from '../../src/records/schema.ts';
import { BatchedStore } from '../../src/store/batched-store.ts';
import type { Driver } from '../../src/store/database.ts';
import { libsqlDriver, nodeDriver } from '../../src/store/driver.ts';
import { inMemory, openDatabase } from '../../src/store/open-database.ts';
import type { Store } from '../../src/store/store.ts';
import { localWriter } from '../../src/store/writer.ts';

export interface StoreKind {
  readonly name: string;
  /** What is written is there again when the same path is opened anew. */
  readonly persistent: boolean;
  open(path: string, migrations: readonly string[], log?: Log): Promise<Store>;
}

/** Those that this machine has. */
export const drivers: readonly Driver[] = [nodeDriver(), await libsqlDriver()].filter((driver) => driver !== undefined);

const threadModule = new URL('../../dist/store/open-store.js', import.meta.url);

export const storeKinds: readonly StoreKind[] = [
  ...drivers.flatMap((driver) => [local(driver, true), local(driver, false)]),
  {
    name: 'a file on a thread of its own',
    persistent: true,
    async open(path, migrations, log = silentLog) {
      const { openStore } = (await import(threadModule.href)) as typeof import('../../src/store/open-store.ts');
      return openStore({ path, migrations, clock: systemClock, log });
    },
  },
];

function local(driver: Driver, persistent: boolean): StoreKind {
  return {
    name: `${persistent ? 'a file' : 'memory'} by ${driver.name}`,
    persistent,
    open: async (path, migrations, log = silentLog) =>
      new BatchedStore(localWriter(openDatabase(driver, persistent ? path : inMemory, migrations)), { clock: systemClock, log }),
  };
}

/** All tables, in memory; closed with the test. */
export async function memoryStore(): Promise<Store> {
  const [driver] = drivers;
  if (!driver) throw new Error('no driver');
  const store = new BatchedStore(localWriter(openDatabase(driver, inMemory, [recordTables, accountTables])), {
    clock: systemClock,
    log: silentLog,
  });
  onTestFinished(() => store.close());
  return store;
}

/** A path of which nothing exists yet; removed with the test. */
export function freshPath(): string {
  const folder = mkdtempSync(join(tmpdir(), 'offhook-store-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return join(folder, 'offhook.db');
}
