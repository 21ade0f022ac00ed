/** Bounds on what peers may take of a transport, and a log that refusals cannot flood. */

import type { Clock } from '../../base/clock.ts';
import type { Log } from '../../base/log.ts';

export interface ConnectionLimits {
  /** Bytes of one SIP message. */
  readonly messageBytes: number;
  /** Of one connection on average; twice as many may come at once. */
  readonly messagesPerSec: number;
  readonly connections: number;
  readonly connectionsPerAddress: number;
}

/** Counts connections, in all and by remote address. */
export class ConnectionCounter {
  readonly #limits: Pick<ConnectionLimits, 'connections' | 'connectionsPerAddress'>;
  readonly #byHost = new Map<string, number>();
  #total = 0;

  constructor(limits: Pick<ConnectionLimits, 'connections' | 'connectionsPerAddress'>) {
    this.#limits = limits;
  }

  get total(): number {
    return this.#total;
  }

  /** Takes a place; says which limit forbids it otherwise. */
  enter(host: string): 'entered' | 'full' | 'address-full' {
    const ofHost = this.#byHost.get(host) ?? 0;
    if (this.#total >= this.#limits.connections) return 'full';
    if (ofHost >= this.#limits.connectionsPerAddress) return 'address-full';
    this.#total++;
    this.#byHost.set(host, ofHost + 1);
    return 'entered';
  }

  leave(host: string): void {
    const ofHost = this.#byHost.get(host) ?? 0;
    if (ofHost === 0) return;
    this.#total--;
    if (ofHost > 1) this.#byHost.set(host, ofHost - 1);
    else this.#byHost.delete(host);
  }
}

/** A token bucket: `perSec` on average, `burst` at once. */
export class RateLimit {
  readonly #perMs: number;
  readonly #burst: number;
  #tokens: number;
  #filledMs: number;

  constructor(perSec: number, burst: number, now: number) {
    this.#perMs = perSec / 1000;
    this.#burst = burst;
    this.#tokens = burst;
    this.#filledMs = now;
  }

  /** Whether one more is within the limit at `now` (milliseconds). */
  take(now: number): boolean {
    this.#tokens = Math.min(this.#burst, this.#tokens + (now - this.#filledMs) * this.#perMs);
    this.#filledMs = now;
    if (this.#tokens < 1) return false;
    this.#tokens--;
    return true;
  }
}

const logEveryMs = 10_000;

/** Counts refusals; logs the first at once, and from then on one line in ten seconds for all of them. */
export class Refusals {
  readonly #clock: Pick<Clock, 'now'>;
  readonly #log: Log;
  #total = 0;
  #unlogged = 0;
  #quietUntilMs = Number.NEGATIVE_INFINITY;

  constructor(clock: Pick<Clock, 'now'>, log: Log) {
    this.#clock = clock;
    this.#log = log;
  }

  get total(): number {
    return this.#total;
  }

  count(reason: string, host: string): void {
    this.#total++;
    this.#unlogged++;
    const now = this.#clock.now();
    if (now < this.#quietUntilMs) return;
    this.#log.warn({ reason, host, count: this.#unlogged, total: this.#total }, 'refused');
    this.#unlogged = 0;
    this.#quietUntilMs = now + logEveryMs;
  }
}
