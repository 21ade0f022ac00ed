/** The keeping half of the composition root: the store, and what is kept in it. */

import type { EventEmitter } from 'node:events';
import { DisabledTrunks } from './accounts/disabled-trunks.ts';
import { accountTables } from './accounts/schema.ts';
import { Tokens } from './accounts/tokens.ts';
import { Users } from './accounts/users.ts';
import type { Clock } from './base/clock.ts';
import type { Log } from './base/log.ts';
import type { Random } from './base/random.ts';
import type { Config } from './config/schema.ts';
import type { GatewayEvents } from './events/gateway-events.ts';
import type { RecordFinding, RecordStore } from './records/record-store.ts';
import { Recorder } from './records/recorder.ts';
import { recordTables } from './records/schema.ts';
import { SqliteRecordStore } from './records/sqlite-record-store.ts';
import { openStore } from './store/open-store.ts';
import type { Store } from './store/store.ts';

interface Shared {
  readonly config: Pick<Config, 'store' | 'records' | 'domain' | 'users' | 'auth'>;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
}

export interface PersistenceOptions extends Shared {
  readonly events: EventEmitter<GatewayEvents>;
  /** What is known about a call when it ends. */
  findings(callId: string): readonly RecordFinding[];
}

/** In the order in which they were ever added: their number is the version of a file. */
const migrations = [recordTables, accountTables];

/** What is kept in memory is asked on the main thread, so there is little of it. */
const rowsInMemory = 10_000;

export class Persistence {
  readonly records: RecordStore;
  readonly users: Users;
  readonly tokens: Tokens;
  readonly switches: DisabledTrunks;
  readonly #store: Store;
  readonly #recorder: Recorder;

  /** Rejects with StoreError when the file is not to be had or not ours; then nothing stays open. */
  static async open(options: PersistenceOptions): Promise<Persistence> {
    const store = await openConfigured(options);
    try {
      return new Persistence(options, store, await openKeepers(options, store));
    } catch (error) {
      await store.close();
      throw error;
    }
  }

  private constructor({ config, events, clock, log, findings }: PersistenceOptions, store: Store, keepers: Keepers) {
    this.records = keepers.records;
    this.users = keepers.users;
    this.tokens = keepers.tokens;
    this.switches = keepers.switches;
    this.#store = store;
    this.#recorder = new Recorder({ records: this.records, checkpoints: config.store.path !== null, findings, clock, log });
    this.#recorder.follow(events);
  }

  /** Statements that could not be written. */
  get lost(): number {
    return this.#store.lost;
  }

  /** Writes what waits. Idempotent. */
  async close(): Promise<void> {
    this.#recorder.close();
    await this.records.close();
    await this.#store.close();
  }
}

type Keepers = Awaited<ReturnType<typeof openKeepers>>;

async function openKeepers(options: Shared, store: Store) {
  const { config, clock, log } = options;
  const { path } = config.store;
  const { maxDays, maxRows } = config.records;
  const bound = path === null ? Math.min(maxRows, rowsInMemory) : maxRows;
  return {
    records: await SqliteRecordStore.open({ store, maxDays, maxRows: bound, clock, log }),
    users: await Users.open({ store, realm: config.domain, algorithms: config.auth.algorithms, configured: config.users, clock, log }),
    tokens: await Tokens.open({ ...options, store }),
    switches: await DisabledTrunks.open(store, clock),
  };
}

/** The tokens alone, of a gateway that runs or does not. Rejects with StoreError. */
export async function openTokens(options: Shared): Promise<{ readonly tokens: Tokens; close(): Promise<void> }> {
  const store = await openConfigured(options);
  return { tokens: await Tokens.open({ ...options, store }), close: () => store.close() };
}

function openConfigured({ config, clock, log }: Shared): Promise<Store> {
  return openStore({ path: config.store.path, migrations, clock, log });
}
