/**
 * Nonces that need no memory until they are used: time, salt and a keyed digest over both and the connection. A used one is
 * remembered with its highest count while it lives (RFC 7616 section 3.3: `nc` must rise).
 */

import { createHmac, timingSafeEqual } from 'node:crypto';
import { ownCopy } from '../base/own-copy.ts';
import type { Random } from '../base/random.ts';

export interface NonceOptions {
  readonly random: Random;
  readonly ttlMs: number;
  /** Used nonces remembered at once. Beyond it the oldest lose their life early, and nothing can be replayed. */
  readonly maxUsed?: number;
}

export class Nonces {
  readonly #random: Random;
  readonly #ttlMs: number;
  readonly #maxUsed: number;
  readonly #key: Uint8Array;
  /** nonce -> highest count, in the order of first use. */
  readonly #used = new Map<string, number>();
  /** Nonces issued up to here are refused: what was known about some of them was dropped. */
  #floor = Number.NEGATIVE_INFINITY;

  constructor({ random, ttlMs, maxUsed = 100_000 }: NonceOptions) {
    this.#random = random;
    this.#ttlMs = ttlMs;
    this.#maxUsed = maxUsed;
    this.#key = random.bytes(32);
  }

  /** Good on the connection `flowId` alone. */
  issue(flowId: string, now: number): string {
    const stamp = `${Math.floor(now).toString(36)}.${this.#random.token(12)}`;
    return `${stamp}.${this.#sign(stamp, flowId)}`;
  }

  /** Counts one use; false when the nonce is not ours, not of this connection or too old, or when `count` does not rise. */
  use(nonce: string, count: number, flowId: string, now: number): boolean {
    this.#forget(now);
    const issued = this.#issuedAt(nonce, flowId);
    if (issued === undefined || issued <= this.#floor || now - issued >= this.#ttlMs) return false;
    if (count <= (this.#used.get(nonce) ?? 0)) return false;
    this.#used.set(ownCopy(nonce), count);
    return true;
  }

  get usedCount(): number {
    return this.#used.size;
  }

  #issuedAt(nonce: string, flowId: string): number | undefined {
    const end = nonce.lastIndexOf('.');
    if (end < 0) return undefined;
    const stamp = nonce.slice(0, end);
    const expected = Buffer.from(this.#sign(stamp, flowId));
    const received = Buffer.from(nonce.slice(end + 1));
    if (expected.length !== received.length || !timingSafeEqual(expected, received)) return undefined;
    return issueTime(nonce);
  }

  /** Drops what has expired, and the oldest beyond the limit. First use follows issue by less than a life, so the front is old enough. */
  #forget(now: number): void {
    for (const nonce of this.#used.keys()) {
      const issued = issueTime(nonce);
      const expired = now - issued >= this.#ttlMs;
      if (!expired && this.#used.size < this.#maxUsed) return;
      if (!expired) this.#floor = Math.max(this.#floor, issued);
      this.#used.delete(nonce);
    }
  }

  #sign(stamp: string, flowId: string): string {
    return createHmac('sha256', this.#key).update(`${stamp}.${flowId}`).digest('base64url').slice(0, 22);
  }
}

function issueTime(nonce: string): number {
  return Number.parseInt(nonce.slice(0, nonce.indexOf('.')), 36);
}
