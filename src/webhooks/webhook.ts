/** One receiver of events: what waits for it, the next try, and what was given up. */

import type { Clock } from '../base/clock.ts';
import { errorText } from '../base/errors.ts';
import type { Random } from '../base/random.ts';
import type { EventNotice } from '../events/event-feed.ts';
import { signatureOf } from './signature.ts';

/** Posts once. Resolves with the status of the answer; rejects when there is none. Redirects are not followed. */
export type Post = (
  url: string,
  headers: Readonly<Record<string, string>>,
  body: string,
  signal: AbortSignal,
) => Promise<{ readonly status: number }>;

export interface WebhookTarget {
  readonly id: string;
  /** http or https. */
  readonly url: string;
  readonly secret: string;
  /** As of event-filter. */
  readonly filter: string;
  readonly source: 'configuration' | 'api';
}

export interface WebhookOptions {
  readonly target: WebhookTarget;
  readonly post: Post;
  readonly clock: Pick<Clock, 'after' | 'wallTime'>;
  readonly random: Random;
  /** Given up: after the last try, or because too many wait. */
  gaveUp(notice: EventNotice, detail: string): void;
}

const mostWaiting = 1000;
const mostTries = 8;
const firstPauseMs = 1000;
const longestPauseMs = 300_000;
const patienceMs = 10_000;

export class Webhook {
  readonly target: WebhookTarget;
  readonly #options: WebhookOptions;
  /** The first is being delivered. */
  readonly #queue: EventNotice[] = [];
  readonly #closing = new AbortController();
  #tries = 0;
  #delivered = 0;
  #deadLetters = 0;
  #lastError: string | null = null;
  #isBusy = false;
  #cancelPause = (): void => {};

  constructor(options: WebhookOptions) {
    this.target = options.target;
    this.#options = options;
  }

  get queued(): number {
    return this.#queue.length;
  }

  get delivered(): number {
    return this.#delivered;
  }

  get deadLetters(): number {
    return this.#deadLetters;
  }

  /** Of the latest try that failed; null when the latest succeeded. */
  get lastError(): string | null {
    return this.#lastError;
  }

  /** In the order of time: one that cannot be delivered holds up the others until it is given up. */
  add(notice: EventNotice): void {
    if (this.#closing.signal.aborted) return;
    if (this.#queue.length >= mostWaiting) {
      this.#giveUp(notice, `${mostWaiting} events wait already`);
      return;
    }
    this.#queue.push(notice);
    this.#next();
  }

  /** What waits is lost. Idempotent. */
  close(): void {
    this.#closing.abort();
    this.#cancelPause();
    this.#queue.length = 0;
  }

  #next(): void {
    const [notice] = this.#queue;
    if (!notice || this.#isBusy) return;
    this.#isBusy = true;
    this.#tries += 1;
    void this.#try(notice).then((error) => this.#tried(notice, error));
  }

  /** What went wrong; null when it was taken. Never rejects. */
  async #try(notice: EventNotice): Promise<string | null> {
    const { target, post, clock } = this.#options;
    const body = JSON.stringify(notice);
    const headers = {
      'Content-Type': 'application/json',
      'Offhook-Event': notice.event,
      'Offhook-Delivery': notice.id,
      'Offhook-Signature': signatureOf(target.secret, Math.floor(clock.wallTime() / 1000), body),
    };
    const timeout = new AbortController();
    const cancel = clock.after(patienceMs, () => timeout.abort(new Error(`no answer within ${patienceMs / 1000} s`)));
    try {
      const { status } = await post(target.url, headers, body, AbortSignal.any([timeout.signal, this.#closing.signal]));
      return status >= 200 && status < 300 ? null : `the answer was ${status}`;
    } catch (error) {
      return errorText(error);
    } finally {
      cancel();
    }
  }

  #tried(notice: EventNotice, error: string | null): void {
    if (this.#closing.signal.aborted) return;
    this.#lastError = error;
    if (error !== null && this.#tries < mostTries) {
      this.#cancelPause = this.#options.clock.after(this.#pauseMs(), () => this.#again());
      return;
    }
    this.#queue.shift();
    this.#tries = 0;
    if (error === null) this.#delivered += 1;
    else this.#giveUp(notice, error);
    this.#again();
  }

  #again(): void {
    this.#isBusy = false;
    this.#next();
  }

  /** Doubles with each try; between half and all of it, so that many gateways do not come at once. */
  #pauseMs(): number {
    const longest = Math.min(longestPauseMs, firstPauseMs * 2 ** (this.#tries - 1));
    return longest * (0.5 + this.#options.random.uint32() / 2 ** 33);
  }

  #giveUp(notice: EventNotice, detail: string): void {
    this.#deadLetters += 1;
    this.#options.gaveUp(notice, detail);
  }
}
