/** SIP messages of which no call is known yet: they wait for theirs a short time, within bounds. */

import type { CapturedMessage } from './captured-message.ts';

export interface UnclaimedLimits {
  readonly dialogs: number;
  readonly messagesPerDialog: number;
  readonly bytes: number;
  readonly ageMs: number;
}

/** A browser that is challenged comes back within the life of a transaction (64*T1), and a flood takes no more than a megabyte. */
const usualLimits: UnclaimedLimits = { dialogs: 1000, messagesPerDialog: 20, bytes: 1_048_576, ageMs: 32_000 };

interface Waiting {
  readonly since: number;
  readonly messages: CapturedMessage[];
  bytes: number;
}

export class Unclaimed {
  readonly #limits: UnclaimedLimits;
  /** By leg, those that have waited longest first. */
  readonly #waiting = new Map<string, Waiting>();
  #bytes = 0;

  constructor(limits: UnclaimedLimits = usualLimits) {
    this.#limits = limits;
  }

  get size(): number {
    return this.#waiting.size;
  }

  get bytes(): number {
    return this.#bytes;
  }

  add(key: string, message: CapturedMessage): void {
    const { dialogs, messagesPerDialog, bytes, ageMs } = this.#limits;
    const waiting = this.#waiting.get(key) ?? this.#open(key, message.at);
    if (waiting.messages.length < messagesPerDialog) {
      waiting.messages.push(message);
      waiting.bytes += message.octets.length;
      this.#bytes += message.octets.length;
    }
    for (const [oldest, { since }] of this.#waiting) {
      if (this.#waiting.size <= dialogs && this.#bytes <= bytes && message.at - since < ageMs) return;
      this.take(oldest);
    }
  }

  /** Removes and returns what waits under this key, the oldest first. */
  take(key: string): readonly CapturedMessage[] {
    const waiting = this.#waiting.get(key);
    if (!waiting) return [];
    this.#waiting.delete(key);
    this.#bytes -= waiting.bytes;
    return waiting.messages;
  }

  #open(key: string, since: number): Waiting {
    const waiting = { since, messages: [], bytes: key.length };
    this.#waiting.set(key, waiting);
    this.#bytes += key.length;
    return waiting;
  }
}
