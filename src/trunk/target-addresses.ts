/** Keeps what a trunk's target resolves to: its requests are known by it, unless the configuration lists sources. */

import type { SocketAddress } from '../base/address.ts';
import type { Clock } from '../base/clock.ts';
import { errorText } from '../base/errors.ts';
import type { Log } from '../base/log.ts';
import type { SipUri } from '../sip/message/uri.ts';
import type { Trunk } from './trunk.ts';

export interface TargetAddressesOut {
  /** The addresses of a URI (RFC 3263); rejects when there are none. */
  resolve(uri: SipUri): Promise<readonly SocketAddress[]>;
  deadlineMoved(): void;
}

const refreshMs = 60_000;
const retryMs = 5000;

export class TargetAddresses {
  readonly #trunk: Trunk;
  readonly #clock: Pick<Clock, 'now'>;
  readonly #log: Log;
  readonly #out: TargetAddressesOut;
  #deadline = Number.POSITIVE_INFINITY;
  #stopped = false;

  constructor(trunk: Trunk, options: { clock: Pick<Clock, 'now'>; log: Log }, out: TargetAddressesOut) {
    this.#trunk = trunk;
    this.#clock = options.clock;
    this.#log = options.log;
    this.#out = out;
  }

  get deadline(): number {
    return this.#deadline;
  }

  /** Resolves once; the addresses are known, or the attempt has failed, when the promise resolves. */
  async start(): Promise<void> {
    this.#deadline = Number.POSITIVE_INFINITY;
    const delayMs = (await this.#refresh()) ? refreshMs : retryMs;
    if (this.#stopped) return;
    this.#deadline = this.#clock.now() + delayMs;
    this.#out.deadlineMoved();
  }

  expire(now: number): void {
    if (now >= this.#deadline) void this.start();
  }

  stop(): void {
    this.#stopped = true;
    this.#deadline = Number.POSITIVE_INFINITY;
  }

  /** A failure keeps the addresses known so far. */
  async #refresh(): Promise<boolean> {
    try {
      this.#trunk.addresses = await this.#out.resolve(this.#trunk.target);
      return true;
    } catch (error) {
      this.#log.warn(
        { trunk: this.#trunk.name, target: this.#trunk.options.target, error: errorText(error) },
        'trunk target does not resolve',
      );
      return false;
    }
  }
}
