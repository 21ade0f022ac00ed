/** Threads that were started since, the earliest first: those of code that keeps them to itself. */

import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { Worker } from 'node:worker_threads';

const channel = 'worker_threads';

export class StartedWorkers {
  readonly #all: Worker[] = [];
  readonly #remember = (message: unknown): void => void this.#all.push((message as { worker: Worker }).worker);

  constructor() {
    subscribe(channel, this.#remember);
  }

  get all(): readonly Worker[] {
    return this.#all;
  }

  stopWatching(): void {
    unsubscribe(channel, this.#remember);
  }
}
