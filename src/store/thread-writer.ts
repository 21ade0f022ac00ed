/** The writer on a thread of its own, as the main thread talks to it. */

import { Worker } from 'node:worker_threads';
import type { Clock } from '../base/clock.ts';
import { errorText } from '../base/errors.ts';
import type { FromStore, StoreSetup, StoreTask, ToStore } from './messages.ts';
import { type Row, type Statement, StoreError } from './store.ts';
import type { Writer } from './writer.ts';

interface Asker {
  resolve(result: never): void;
  reject(error: StoreError): void;
}

/** For the last transaction; a disk that hangs is not waited for. */
const closingMs = 5000;

const workerUrl = new URL('./worker.js', import.meta.url);

export class ThreadWriter implements Writer {
  readonly #worker: Worker;
  readonly #clock: Clock;
  readonly #askers = new Map<number, Asker>();
  readonly #ended: Promise<void>;
  #lastId = 0;
  /** Why nothing is answered any more. */
  #gone: string | null = null;

  /** Rejects with StoreError. */
  static open(setup: StoreSetup, clock: Clock): Promise<ThreadWriter> {
    const worker = new Worker(workerUrl, { workerData: setup, name: 'store' });
    return new Promise((resolve, reject) => {
      const fail = (reason: string) => reject(new StoreError(`the store's thread did not start: ${reason}`));
      worker.once('error', (error) => fail(errorText(error)));
      worker.once('exit', () => fail('it has ended'));
      worker.once('message', (message: FromStore) => {
        if (message.type === 'opened') resolve(new ThreadWriter(worker, clock));
        else reject(new StoreError(message.type === 'not-opened' ? message.detail : 'unexpected message'));
      });
    });
  }

  private constructor(worker: Worker, clock: Clock) {
    this.#worker = worker;
    this.#clock = clock;
    worker.on('message', (message: FromStore) => this.#receive(message));
    worker.on('error', (error) => this.#end(errorText(error)));
    this.#ended = new Promise((resolve) => {
      worker.once('exit', () => {
        this.#end('the thread has ended');
        resolve();
      });
    });
  }

  write(statements: readonly Statement[]): Promise<number> {
    return this.#ask({ type: 'write', statements });
  }

  async commit(statements: readonly Statement[]): Promise<void> {
    await this.#ask({ type: 'commit', statements });
  }

  query(statement: Statement): Promise<readonly Row[]> {
    return this.#ask({ type: 'query', statement });
  }

  async close(): Promise<void> {
    const cancel = this.#clock.after(closingMs, () => void this.#worker.terminate());
    this.#ask({ type: 'close' }).catch(() => {});
    await this.#ended;
    cancel();
  }

  #ask<Result>(task: StoreTask): Promise<Result> {
    if (this.#gone !== null) return Promise.reject(new StoreError(this.#gone));
    const id = ++this.#lastId;
    return new Promise<Result>((resolve, reject) => {
      this.#askers.set(id, { resolve, reject });
      const message: ToStore = { ...task, id };
      this.#worker.postMessage(message);
    });
  }

  #receive(message: FromStore): void {
    if (message.type !== 'done' && message.type !== 'failed') return;
    const asker = this.#askers.get(message.id);
    this.#askers.delete(message.id);
    if (message.type === 'done') asker?.resolve(message.result as never);
    else asker?.reject(new StoreError(message.detail));
  }

  #end(reason: string): void {
    this.#gone ??= reason;
    for (const asker of this.#askers.values()) asker.reject(new StoreError(this.#gone));
    this.#askers.clear();
  }
}
