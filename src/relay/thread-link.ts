/** One relay thread as the main thread talks to it: commands, and questions that are answered in their own time. */

import type { FromThread, Refusal, RelayAnswers, RelayRequest, RequestId, ToThread } from './messages.ts';

/** A thread, or what stands for one. */
export interface RelayThread {
  post(message: ToThread): void;
  /** Ends the thread. Resolves when it is gone. Idempotent. */
  stop(): Promise<void>;
}

/** Why a question was not answered. */
export class Refused extends Error {
  readonly refusal: Refusal;

  constructor(refusal: Refusal, detail: string) {
    super(detail);
    this.name = 'Refused';
    this.refusal = refusal;
  }
}

interface Asker {
  resolve(value: never): void;
  reject(error: Refused): void;
}

export class ThreadLink {
  readonly #thread: RelayThread;
  readonly #askers = new Map<RequestId, Asker>();
  #lastRequest: RequestId = 0;
  #gone = false;

  constructor(thread: RelayThread) {
    this.#thread = thread;
  }

  post(message: ToThread): void {
    if (!this.#gone) this.#thread.post(message);
  }

  /** Rejects with `Refused`. */
  ask<Question extends RelayRequest>(question: Question): Promise<RelayAnswers[Question['type']]> {
    if (this.#gone) return Promise.reject(new Refused('gone', 'the relay thread has ended'));
    const request = ++this.#lastRequest;
    return new Promise((resolve, reject) => {
      this.#askers.set(request, { resolve, reject });
      this.#thread.post({ type: 'ask', request, question });
    });
  }

  receive(message: Extract<FromThread, { type: 'answer' | 'refused' }>): void {
    const asker = this.#askers.get(message.request);
    this.#askers.delete(message.request);
    if (message.type === 'answer') asker?.resolve(message.value as never);
    else asker?.reject(new Refused(message.refusal, message.detail));
  }

  /** No answer will come any more. */
  close(): void {
    this.#gone = true;
    for (const asker of this.#askers.values()) asker.reject(new Refused('gone', 'the relay thread has ended'));
    this.#askers.clear();
  }

  async stop(): Promise<void> {
    await this.#thread.stop();
    this.close();
  }
}
