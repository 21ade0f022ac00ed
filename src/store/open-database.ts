/** Opens the file, or says plainly why it is not to be had, and brings its tables up to date. */

import { closeSync, openSync } from 'node:fs';
import { errorText } from '../base/errors.ts';
import type { Database, Driver } from './database.ts';
import { StoreError } from './store.ts';

/** `PRAGMA application_id` of our files: "ofhk". */
const applicationId = 0x6f66_686b;

/** Another program, such as sqlite3, may hold the file for so long. */
const busyMs = 2000;

/** In place of a path: the database lives in memory and ends with the process. */
export const inMemory = ':memory:';

/** `migrations`: scripts in the order in which they were ever added; their number is the version of a file. Throws StoreError. */
export function openDatabase(driver: Driver, path: string, migrations: readonly string[]): Database {
  let database: Database | undefined;
  try {
    if (path !== inMemory) createPrivately(path);
    database = driver.open(path);
    database.exec(`PRAGMA busy_timeout = ${busyMs}`);
    checkOwner(database);
    database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA foreign_keys = ON');
    migrate(database, migrations);
    return database;
  } catch (error) {
    database?.close();
    throw new StoreError(`the store ${path} ${meaningOf(error)}`);
  }
}

/** Digest secrets are in it: for our eyes only. SQLite gives its side files the mode of the file. */
function createPrivately(path: string): void {
  closeSync(openSync(path, 'a', 0o600));
}

class UnusableFile extends Error {}

function checkOwner(database: Database): void {
  const owner = numberOf(database, 'PRAGMA application_id');
  if (owner === applicationId) return;
  const tables = numberOf(database, 'SELECT count(*) FROM sqlite_schema');
  if (owner !== 0 || tables > 0) throw new UnusableFile('is the database of another program');
}

/** In one transaction: a start that fails, or another process that does the same, leaves nothing half done. */
function migrate(database: Database, migrations: readonly string[]): void {
  database.exec('BEGIN IMMEDIATE');
  try {
    const version = numberOf(database, 'PRAGMA user_version');
    if (version > migrations.length)
      throw new UnusableFile('was written by a newer version of offhook: run that one, or move the file away');
    for (const script of migrations.slice(version)) database.exec(script);
    database.exec(`PRAGMA application_id = ${applicationId}; PRAGMA user_version = ${migrations.length}; COMMIT`);
  } catch (error) {
    rollBack(database);
    throw error;
  }
}

/** SQLite may have rolled back by itself. */
export function rollBack(database: Database): void {
  try {
    database.exec('ROLLBACK');
  } catch {}
}

function numberOf(database: Database, sql: string): number {
  const [row = {}] = database.all({ sql, values: [] });
  return Number(Object.values(row)[0]);
}

const meanings: ReadonlyArray<readonly [RegExp, string]> = [
  [/^ENOENT/, 'cannot be created: its folder does not exist'],
  [/^(EACCES|EPERM|EROFS)/, 'cannot be opened: this user may not write there'],
  [/^EISDIR/, 'is a folder'],
  [/not a database/, 'is no database: move the file away, or name another'],
  [/malformed|disk image/, 'is damaged: bring back a copy, or move the file away'],
  [/locked|busy/, 'is held by another program'],
  [/readonly|read-only/, 'cannot be written'],
];

function meaningOf(error: unknown): string {
  const text = errorText(error);
  if (error instanceof UnusableFile) return text;
  return meanings.find(([pattern]) => pattern.test(text))?.[1] ?? `cannot be opened: ${text}`;
}
