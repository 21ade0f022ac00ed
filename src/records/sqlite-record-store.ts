/** Records in the embedded database. */

import { Alarm, type Clock } from '../base/clock.ts';
import type { Log } from '../base/log.ts';
import type { Store } from '../store/store.ts';
import { cursorOf, select } from './query.ts';
import type { RecordPage, RecordQuery, RecordStore, RunningRecord, StoredRecord } from './record-store.ts';
import { closeKilled, deleteOld } from './retention.ts';
import { recordOf, saveEnded, saveRunning } from './row.ts';

export interface RecordStoreOptions {
  readonly store: Store;
  readonly maxDays: number;
  readonly maxRows: number;
  readonly clock: Clock;
  readonly log: Log;
}

const retentionMs = 600_000;

export class SqliteRecordStore implements RecordStore {
  readonly #options: RecordStoreOptions;
  readonly #store: Store;
  readonly #alarm: Alarm;

  /** Calls that a killed gateway left behind become records. Rejects with StoreError. */
  static async open(options: RecordStoreOptions): Promise<SqliteRecordStore> {
    const { store, log } = options;
    const [row] = await store.query({ sql: 'SELECT count(*) AS calls FROM calls WHERE ended_at IS NULL', values: [] });
    if (row?.['calls']) {
      await store.commit([closeKilled]);
      log.warn({ calls: row['calls'] }, 'the gateway was killed during these calls; their records end where they were last seen');
    }
    return new SqliteRecordStore(options);
  }

  private constructor(options: RecordStoreOptions) {
    this.#options = options;
    this.#store = options.store;
    this.#alarm = new Alarm(options.clock, () => this.#retain());
    this.#retain();
  }

  add(record: StoredRecord): void {
    this.#store.write(saveEnded(record));
  }

  checkpoint(record: RunningRecord): void {
    this.#store.write(saveRunning(record, this.#options.clock.wallTime()));
  }

  async find(query: RecordQuery): Promise<RecordPage> {
    const rows = await this.#store.query(select(query));
    const page = rows.slice(0, query.limit);
    const last = page.at(-1);
    return { records: page.map(recordOf), next: last && rows.length > page.length ? cursorOf(last) : null };
  }

  async get(callId: string): Promise<StoredRecord | null> {
    const [row] = await this.#store.query({ sql: 'SELECT * FROM calls WHERE call_id = ? AND ended_at IS NOT NULL', values: [callId] });
    return row ? recordOf(row) : null;
  }

  async close(): Promise<void> {
    this.#alarm.close();
  }

  #retain(): void {
    const { clock } = this.#options;
    for (const statement of deleteOld(this.#options, clock.wallTime())) this.#store.write(statement);
    this.#alarm.arm(clock.now() + retentionMs);
  }
}
