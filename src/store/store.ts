/** One embedded database, as the layers above see it. Nothing here waits for the disk. */

/** Text holds no NUL: SQLite ends it there, so it becomes U+FFFD. */
export type SqlValue = string | number | null;

/** One statement with `?` for each of its values. */
export interface Statement {
  readonly sql: string;
  readonly values: readonly SqlValue[];
}

/** Column name -> value. */
export type Row = Readonly<Record<string, SqlValue>>;

export interface Store {
  /**
   * Queues the statement and returns. It is written with others in one transaction, soon, and tried again while the disk refuses; beyond
   * the bound of the queue it is counted as lost.
   */
  write(statement: Statement): void;
  /** One transaction, after everything queued before. Rejects with StoreError, and has written nothing then. */
  commit(statements: readonly Statement[]): Promise<void>;
  /** Sees everything queued before. Rejects with StoreError. */
  query(statement: Statement): Promise<readonly Row[]>;
  /** Statements that were never written. */
  readonly lost: number;
  /** Writes what is queued, then closes the file. Idempotent. */
  close(): Promise<void>;
}

/** The file is not ours, or the disk refuses: told without a stack. */
export class StoreError extends Error {
  readonly code = 'STORE';

  constructor(message: string) {
    super(message);
    this.name = 'StoreError';
  }
}
