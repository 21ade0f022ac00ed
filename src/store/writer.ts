/** Whoever has the file open, on this thread or another. */

import { errorText } from '../base/errors.ts';
import type { Database } from './database.ts';
import { rollBack } from './open-database.ts';
import { type Row, type Statement, StoreError } from './store.ts';

export interface Writer {
  /**
   * One transaction. Resolves with the number of statements that were refused for what they say; rejects with StoreError when the disk
   * refuses, and has written nothing then.
   */
  write(statements: readonly Statement[]): Promise<number>;
  /** All or nothing, on the disk when it resolves. */
  commit(statements: readonly Statement[]): Promise<void>;
  query(statement: Statement): Promise<readonly Row[]>;
  close(): Promise<void>;
}

/** The synchronous half: what a worker thread does, and what unit tests and memory do without one. Throws StoreError. */
export class DatabaseWriter {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  write(statements: readonly Statement[]): number {
    return this.#transaction(() => {
      let refused = 0;
      for (const statement of statements) if (!this.#attempt(statement)) refused += 1;
      return refused;
    });
  }

  /** What is promised to be kept survives a power cut too. */
  commit(statements: readonly Statement[]): void {
    this.#database.exec('PRAGMA synchronous = FULL');
    try {
      this.#transaction(() => {
        for (const statement of statements) this.#database.run(statement);
      });
    } finally {
      this.#database.exec('PRAGMA synchronous = NORMAL');
    }
  }

  query(statement: Statement): Row[] {
    return asStoreError(() => this.#database.all(statement));
  }

  close(): void {
    this.#database.close();
  }

  /** A statement that breaks a rule undoes itself alone; a disk that refuses is everybody's trouble. */
  #attempt(statement: Statement): boolean {
    try {
      this.#database.run(statement);
      return true;
    } catch (error) {
      if (isOfStatement(error)) return false;
      throw error;
    }
  }

  #transaction<Result>(work: () => Result): Result {
    return asStoreError(() => {
      this.#database.exec('BEGIN IMMEDIATE');
      try {
        const result = work();
        this.#database.exec('COMMIT');
        return result;
      } catch (error) {
        rollBack(this.#database);
        throw error;
      }
    });
  }
}

export function localWriter(database: Database): Writer {
  const writer = new DatabaseWriter(database);
  return {
    write: async (statements) => writer.write(statements),
    commit: async (statements) => writer.commit(statements),
    query: async (statement) => writer.query(statement),
    close: async () => writer.close(),
  };
}

function isOfStatement(error: unknown): boolean {
  return error instanceof TypeError || /constraint|datatype mismatch|too big/i.test(errorText(error));
}

function asStoreError<Result>(work: () => Result): Result {
  try {
    return work();
  } catch (error) {
    throw new StoreError(errorText(error));
  }
}
