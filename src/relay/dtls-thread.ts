/** The DTLS thread, as the relay thread that owns it sees it. Runs from dist/ only: a worker cannot be loaded from TypeScript. */

import { Worker } from 'node:worker_threads';
import { errorText } from '../base/errors.ts';
import type { Log } from '../base/log.ts';
import type { ChosenDtlsDriver } from '../dtls/driver.ts';
import type { DtlsSetup, FromDtlsThread, ToDtlsThread } from './dtls-messages.ts';
import { RemoteDtls } from './remote-dtls.ts';

/** Of new objects, MB: handshakes make few, and V8 would let this grow to 48 MB. */
const youngGenerationMb = 1;

export class DtlsThread {
  readonly #setup: DtlsSetup;
  readonly #log: Log;
  #worker: Worker | null = null;
  #driver: RemoteDtls | null = null;
  #stopped = false;

  private constructor(setup: DtlsSetup, log: Log) {
    this.#setup = setup;
    this.#log = log;
  }

  /** Rejects when the driver that was asked for by name cannot work here. */
  static async start(setup: DtlsSetup, log: Log): Promise<{ thread: DtlsThread; chosen: ChosenDtlsDriver }> {
    const thread = new DtlsThread(setup, log);
    return { thread, chosen: await thread.#begin() };
  }

  /** Its endpoints are freed, and it ends in its own time. Idempotent. */
  stop(): void {
    this.#stopped = true;
    this.#worker?.postMessage('stop');
  }

  #begin(): Promise<ChosenDtlsDriver> {
    return new Promise((resolve, reject) => {
      this.#worker = this.#spawn((word) => {
        if (word.type === 'start-failed') reject(new Error(word.detail));
        else if (word.type === 'started') resolve({ driver: this.#remote(word.driver), reason: word.reason });
      });
      this.#worker.once('error', reject);
      this.#worker.once('exit', () => reject(new Error('the DTLS thread ended by itself')));
    });
  }

  #remote(name: RemoteDtls['name']): RemoteDtls {
    this.#driver = new RemoteDtls({ name, certificate: this.#setup.certificate, post: (message) => this.#post(message) });
    return this.#driver;
  }

  /** To the thread, or to another in its place: what is said to one that is not ready waits there. */
  #post(message: ToDtlsThread): void {
    if (this.#stopped) return;
    this.#worker ??= this.#spawn(() => {});
    this.#worker.postMessage(message);
  }

  #spawn(first: (word: FromDtlsThread) => void): Worker {
    const worker = new Worker(new URL('./dtls-worker.js', import.meta.url), {
      workerData: this.#setup,
      resourceLimits: { maxYoungGenerationSizeMb: youngGenerationMb },
    });
    let failure = 'it ended by itself';
    worker.on('message', (words: readonly FromDtlsThread[]) => {
      for (const word of words) {
        if (word.type === 'started' || word.type === 'start-failed') first(word);
        else this.#driver?.receive(word);
      }
    });
    worker.on('error', (error) => {
      failure = errorText(error);
    });
    worker.once('exit', () => {
      if (this.#stopped) return;
      this.#log.error({ detail: failure }, 'DTLS thread died');
      this.#worker = null;
      this.#driver?.lost(`the DTLS thread died: ${failure}`);
    });
    return worker;
  }
}
