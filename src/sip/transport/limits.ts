/** Bounds on what peers may take of a transport, and reports that refusals cannot flood. */

import type { Clock } from '../../base/clock.ts';

export interface ConnectionLimits {
  /** Bytes of one SIP message. */
  readonly messageBytes: number;
  /** Of one WebSocket connection on average; twice as many may come at once. */
  readonly messagesPerSec: number;
  /** The same of one TCP connection, and of one host over UDP. */
  readonly trunkMessagesPerSec: number;
  readonly connections: number;
  readonly connectionsPerAddress: number;
  /** How long a WebSocket may stay open before the first request that its user is known by. */
  readonly anonymousSec: number;
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

/** A token bucket: `perSec` on average, twice as many at once. */
export class RateLimit {
  readonly #perMs: number;
  readonly #burst: number;
  /** Below zero when more was charged than there was. */
  #tokens: number;
  #filledMs: number;

  constructor(perSec: number, now: number) {
    this.#perMs = perSec / 1000;
    this.#burst = 2 * perSec;
    this.#tokens = this.#burst;
    this.#filledMs = now;
  }

  /** Whether one more is within the limit at `now` (milliseconds). */
  take(now: number): boolean {
    this.#fill(now);
    if (this.#tokens < 1) return false;
    this.#tokens--;
    return true;
  }

  /** Counts what has been taken already; returns the milliseconds until the limit is kept again. */
  charge(count: number, now: number): number {
    this.#fill(now);
    this.#tokens -= count;
    return Math.max(0, -this.#tokens / this.#perMs);
  }

  #fill(now: number): void {
    this.#tokens = Math.min(this.#burst, this.#tokens + (now - this.#filledMs) * this.#perMs);
    this.#filledMs = now;
  }
}

/** `source`: no trunk's address. `rate`: messages faster than allowed. `limit`: too many connections. */
export type RefusalKind = 'source' | 'origin' | 'handshake' | 'rate' | 'limit';

export interface Refusal {
  readonly kind: RefusalKind;
  /** Of the last one. */
  readonly host: string;
  readonly reason: string;
  /** How many of this kind there were since the report before. */
  readonly count: number;
}

const reportEveryMs = 10_000;

/** Counts refusals; of each kind the first is reported at once, and from then on one in ten seconds for all of them. */
export class Refusals {
  readonly #clock: Pick<Clock, 'now'>;
  readonly #report: (refusal: Refusal) => void;
  readonly #kinds = new Map<RefusalKind, { unreported: number; quietUntilMs: number }>();
  #total = 0;

  constructor(clock: Pick<Clock, 'now'>, report: (refusal: Refusal) => void) {
    this.#clock = clock;
    this.#report = report;
  }

  get total(): number {
    return this.#total;
  }

  count(kind: RefusalKind, reason: string, host: string): void {
    this.#total++;
    const now = this.#clock.now();
    const { unreported, quietUntilMs } = this.#kinds.get(kind) ?? { unreported: 0, quietUntilMs: now };
    const due = now >= quietUntilMs;
    const count = unreported + 1;
    this.#kinds.set(kind, due ? { unreported: 0, quietUntilMs: now + reportEveryMs } : { unreported: count, quietUntilMs });
    if (due) this.#report({ kind, host, reason, count });
  }
}
