/** A SQLite database as its drivers give it: synchronous, on the thread that opened it. */

import type { Row, SqlValue, Statement } from './store.ts';

export interface Database {
  /** Any number of statements without values. */
  exec(sql: string): void;
  /** For statements that are repeated: the prepared form is kept. */
  run(statement: Statement): void;
  all(statement: Statement): Row[];
  /** Idempotent. */
  close(): void;
}

export interface Driver {
  readonly name: 'node:sqlite' | 'libsql';
  /** Throws the driver's own error. */
  open(path: string): Database;
}

/** What drivers have in common. */
export interface DriverStatement {
  run(...values: SqlValue[]): unknown;
  all(...values: SqlValue[]): unknown[];
}

export interface DriverDatabase {
  exec(sql: string): unknown;
  prepare(sql: string): DriverStatement;
  close(): void;
}

/** One database of a driver. */
export class PreparedDatabase implements Database {
  readonly #database: DriverDatabase;
  readonly #prepared = new Map<string, DriverStatement>();
  #open = true;

  constructor(database: DriverDatabase) {
    this.#database = database;
  }

  exec(sql: string): void {
    this.#database.exec(sql);
  }

  run({ sql, values }: Statement): void {
    const prepared = this.#prepared.get(sql) ?? this.#database.prepare(sql);
    this.#prepared.set(sql, prepared);
    prepared.run(...values.map(bindable));
  }

  all({ sql, values }: Statement): Row[] {
    return this.#database.prepare(sql).all(...values.map(bindable)) as Row[];
  }

  close(): void {
    if (!this.#open) return;
    this.#open = false;
    this.#prepared.clear();
    this.#database.close();
  }
}

/** libsql ends the process when it meets a kind of value that it does not know, and cuts text at NUL. */
function bindable(value: SqlValue): SqlValue {
  if (value === null) return value;
  if (typeof value === 'string') return value.includes('\0') ? value.replaceAll('\0', '\ufffd') : value;
  if (typeof value !== 'number' || !Number.isFinite(value)) throw new TypeError(`no value for a database: ${String(value)}`);
  return value;
}
