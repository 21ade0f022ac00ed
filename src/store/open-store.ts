/** Opens the store: a file on a thread of its own, or the memory of this one. */

import type { Clock } from '../base/clock.ts';
import type { Log } from '../base/log.ts';
import { BatchedStore } from './batched-store.ts';
import { bestDriver } from './driver.ts';
import { inMemory, openDatabase } from './open-database.ts';
import type { Store } from './store.ts';
import { ThreadWriter } from './thread-writer.ts';
import { localWriter } from './writer.ts';

export interface StoreOptions {
  /** null: in memory; it ends with the process, and is small enough to be asked on this thread. */
  readonly path: string | null;
  /** Scripts in the order in which they were ever added. */
  readonly migrations: readonly string[];
  readonly clock: Clock;
  readonly log: Log;
}

/** Rejects with StoreError when the file is not to be had or not ours; then nothing stays open. */
export async function openStore({ path, migrations, clock, log }: StoreOptions): Promise<Store> {
  const writer =
    path === null
      ? localWriter(openDatabase(await bestDriver(), inMemory, migrations))
      : await ThreadWriter.open({ path, migrations }, clock);
  return new BatchedStore(writer, { clock, log });
}
