/** Whether a trunk answers: OPTIONS every so often (RFC 3261 section 11); any answer but 408 and 503 is a sign of life. */

import { formatHost } from '../base/address.ts';
import type { Clock } from '../base/clock.ts';
import type { Log } from '../base/log.ts';
import type { Random } from '../base/random.ts';
import type { OutgoingRequestOptions } from '../sip/user-agent.ts';
import { type Requester, type RequestResult, resultText } from './requester.ts';
import type { Trunk } from './trunk.ts';

export interface HealthOptions {
  readonly trunk: Trunk;
  readonly clock: Pick<Clock, 'now'>;
  readonly random: Random;
  readonly log: Log;
}

export interface HealthOut extends Requester {
  /** `trunk.available` has changed. */
  changed(trunk: Trunk, detail: string): void;
}

/** Are you there? */
export function optionsTo({ target, tcpFallback, localHost }: Trunk): OutgoingRequestOptions {
  return {
    method: 'OPTIONS',
    uri: target,
    from: `<sip:${formatHost(localHost)}>`,
    to: `<sip:${formatHost(target.host)}>`,
    headers: [],
    destination: { uri: target, tcpFallback },
  };
}

/** A trunk that is down is asked less and less often, down to this share of the usual. */
const longestBackoff = 8;

export class Health {
  readonly #options: HealthOptions;
  readonly #out: HealthOut;
  #failures = 0;
  #deadline = Number.POSITIVE_INFINITY;
  #pending: { cancel(): void } | undefined;
  #stopped = false;

  /** The trunk's `pingSec` is above 0. */
  constructor(options: HealthOptions, out: HealthOut) {
    this.#options = options;
    this.#out = out;
  }

  get deadline(): number {
    return this.#deadline;
  }

  start(): void {
    this.#pending = this.#out.request(optionsTo(this.#options.trunk), (result) => this.#answered(result));
  }

  expire(now: number): void {
    if (now < this.#deadline) return;
    this.#deadline = Number.POSITIVE_INFINITY;
    this.start();
  }

  stop(): void {
    this.#stopped = true;
    this.#pending?.cancel();
    this.#deadline = Number.POSITIVE_INFINITY;
  }

  #answered(result: RequestResult): void {
    this.#pending = undefined;
    if (this.#stopped) return;
    const alive = typeof result !== 'string' && result.status !== 503 && result.status !== 408;
    this.#failures = alive ? 0 : this.#failures + 1;
    this.#judge(alive, resultText(result));
    const { clock, random, trunk } = this.#options;
    const backoff = alive ? 1 : Math.min(longestBackoff, 2 ** (this.#failures - 1));
    const spread = 0.9 + (0.2 * random.uint32()) / 2 ** 32;
    this.#deadline = clock.now() + trunk.options.pingSec * backoff * spread * 1000;
    this.#out.deadlineMoved();
  }

  #judge(alive: boolean, detail: string): void {
    const { trunk, log } = this.#options;
    if (alive === trunk.available) return;
    trunk.available = alive;
    if (alive) log.info({ trunk: trunk.name, result: detail }, 'trunk answers again');
    else log.warn({ trunk: trunk.name, result: detail }, 'trunk does not answer');
    this.#out.changed(trunk, detail);
  }
}
