/**
 * The RTP ports that trunk legs may use: pairs of an even RTP port and the odd RTCP port above it (RFC 3550 section 11). The pair
 * that was given back longest ago goes out first, and none before its quarantine is over, so that what a peer still sends to an
 * ended call does not reach the next one.
 */

import type { Random } from '../base/random.ts';

export interface PortRangeOptions {
  /** First and last port, both inclusive. */
  readonly ports: readonly [number, number];
  readonly quarantineMs: number;
  readonly random: Random;
}

interface FreePair {
  readonly port: number;
  readonly usableAt: number;
}

export class PortRange {
  readonly #quarantineMs: number;
  readonly #free: FreePair[] = [];
  readonly #taken = new Set<number>();

  constructor(options: PortRangeOptions) {
    const [low, high] = options.ports;
    this.#quarantineMs = options.quarantineMs;
    for (let port = low + (low % 2); port + 1 <= high; port += 2) this.#free.push({ port, usableAt: Number.NEGATIVE_INFINITY });
    // A restarted process must not begin with the very ports that it used last.
    this.#free.push(...this.#free.splice(0, options.random.uint32() % Math.max(1, this.#free.length)));
  }

  /** All pairs. */
  get size(): number {
    return this.#taken.size + this.#free.length;
  }

  /** Pairs in use. */
  get taken(): number {
    return this.#taken.size;
  }

  /** The even port of a pair, or undefined when all are in use or in quarantine. */
  take(now: number): number | undefined {
    const next = this.#free[0];
    if (!next || next.usableAt > now) return undefined;
    this.#free.shift();
    this.#taken.add(next.port);
    return next.port;
  }

  /** Gives a pair back. Also for a pair that another process holds: it comes round again last. */
  release(port: number, now: number): void {
    if (this.#taken.delete(port)) this.#free.push({ port, usableAt: now + this.#quarantineMs });
  }
}
