/** Which SQLite: that of Node where it has one (22.13 and later without a flag), else libsql, which npm brings along. */

import { type Driver, type DriverDatabase, PreparedDatabase } from './database.ts';

interface NodeSqlite {
  readonly DatabaseSync: new (path: string) => DriverDatabase;
}

/** Undefined where Node has none. */
export function nodeDriver(): Driver | undefined {
  const sqlite = process.getBuiltinModule('node:sqlite') as NodeSqlite | undefined;
  if (!sqlite) return undefined;
  return { name: 'node:sqlite', open: (path) => new PreparedDatabase(new sqlite.DatabaseSync(path)) };
}

export async function libsqlDriver(): Promise<Driver> {
  const { default: Libsql } = await import('libsql');
  return { name: 'libsql', open: (path) => new PreparedDatabase(new Libsql(path)) };
}

export async function bestDriver(): Promise<Driver> {
  return nodeDriver() ?? (await libsqlDriver());
}
