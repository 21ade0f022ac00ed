/** Gathers what is to be written into transactions, keeps it while the disk refuses, and bounds it. */

import { Alarm, type Clock, within } from '../base/clock.ts';
import { errorText } from '../base/errors.ts';
import type { Log } from '../base/log.ts';
import { type Row, type Statement, type Store, StoreError } from './store.ts';
import type { Writer } from './writer.ts';

export interface BatchedStoreOptions {
  readonly clock: Clock;
  readonly log: Log;
  /** Statements that may wait; the bound on what a disk that refuses costs in memory. */
  readonly maxQueued?: number;
}

/** What one transaction holds at most. */
const batchSize = 500;
/** How long a statement waits for others. */
const gatherMs = 50;
/** Until the next attempt after the disk has refused. */
const retryMs = 1000;
/** Between two complaints. */
const complainMs = 10_000;
/** For what is still to be written at the end. */
const drainMs = 5000;

export class BatchedStore implements Store {
  readonly #writer: Writer;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #maxQueued: number;
  readonly #alarm: Alarm;
  #queue: Statement[] = [];
  #sending: Promise<boolean> | null = null;
  #lost = 0;
  #complainedAt = Number.NEGATIVE_INFINITY;
  #closing: Promise<void> | null = null;

  constructor(writer: Writer, { clock, log, maxQueued = 10_000 }: BatchedStoreOptions) {
    this.#writer = writer;
    this.#clock = clock;
    this.#log = log;
    this.#maxQueued = maxQueued;
    this.#alarm = new Alarm(clock, () => void this.#flush());
  }

  get lost(): number {
    return this.#lost;
  }

  write(statement: Statement): void {
    if (this.#closing || this.#queue.length >= this.#maxQueued) {
      this.#lose(1, 'too much waits to be written');
      return;
    }
    this.#queue.push(statement);
    if (this.#queue.length === 1) this.#alarm.arm(this.#clock.now() + gatherMs);
  }

  async commit(statements: readonly Statement[]): Promise<void> {
    this.#checkOpen();
    await this.#flush();
    await this.#writer.commit(statements);
  }

  async query(statement: Statement): Promise<readonly Row[]> {
    this.#checkOpen();
    await this.#flush();
    return this.#writer.query(statement);
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    await within(this.#clock, drainMs, this.#flush());
    this.#alarm.close();
    if (this.#queue.length > 0) this.#lose(this.#queue.length, 'the store closes');
    this.#queue = [];
    await this.#writer.close();
  }

  #checkOpen(): void {
    if (this.#closing) throw new StoreError('the store is closed');
  }

  /** Until nothing waits, or the disk refuses. */
  async #flush(): Promise<void> {
    while (this.#sending || this.#queue.length > 0) {
      this.#sending ??= this.#send();
      if (!(await this.#sending)) return;
    }
  }

  /** One transaction, one at a time; false when the disk refused it: then it waits in its place. */
  async #send(): Promise<boolean> {
    const batch = this.#queue.splice(0, batchSize);
    try {
      const refused = await this.#writer.write(batch);
      if (refused > 0) this.#lose(refused, 'the database does not take them');
      return true;
    } catch (error) {
      this.#queue.unshift(...batch);
      this.#complain({ error: errorText(error), waiting: this.#queue.length, lost: this.#lost }, 'the store cannot be written');
      if (!this.#closing) this.#alarm.arm(this.#clock.now() + retryMs);
      return false;
    } finally {
      this.#sending = null;
    }
  }

  #lose(count: number, reason: string): void {
    this.#lost += count;
    this.#complain({ reason, lost: this.#lost }, 'the store has lost what was to be written');
  }

  #complain(fields: object, message: string): void {
    const now = this.#clock.now();
    if (now - this.#complainedAt < complainMs) return;
    this.#complainedAt = now;
    this.#log.error(fields, message);
  }
}
