/** What goes on for one trunk as long as it is configured: its addresses are looked up, its registration kept, its health watched. */

import type { Clock } from '../base/clock.ts';
import type { Log } from '../base/log.ts';
import type { Random } from '../base/random.ts';
import { Health, type HealthOut } from './health.ts';
import { Registration, type RegistrationOut } from './registration.ts';
import { TargetAddresses, type TargetAddressesOut } from './target-addresses.ts';
import type { Trunk } from './trunk.ts';

export interface UpkeepOptions {
  readonly trunk: Trunk;
  readonly clock: Pick<Clock, 'now'>;
  readonly random: Random;
  readonly log: Log;
}

export interface UpkeepOut extends RegistrationOut, HealthOut, TargetAddressesOut {}

export class Upkeep {
  readonly trunk: Trunk;
  readonly #addresses: TargetAddresses;
  readonly #registration: Registration | null;
  readonly #health: Health | null;
  #stopping: Promise<void> | null = null;

  constructor(options: UpkeepOptions, out: UpkeepOut) {
    const { trunk } = options;
    this.trunk = trunk;
    this.#addresses = new TargetAddresses(trunk, options, out);
    this.#registration = trunk.options.register ? new Registration(options, out) : null;
    this.#health = trunk.options.pingSec > 0 ? new Health(options, out) : null;
  }

  /** Null: the trunk wants no registration. */
  get registered(): boolean | null {
    return this.#registration?.registered ?? null;
  }

  get deadline(): number {
    return Math.min(
      this.#addresses.deadline,
      this.#registration?.deadline ?? Number.POSITIVE_INFINITY,
      this.#health?.deadline ?? Number.POSITIVE_INFINITY,
    );
  }

  expire(now: number): void {
    this.#addresses.expire(now);
    this.#registration?.expire(now);
    this.#health?.expire(now);
  }

  /** What asks the trunk waits for its addresses; resolves when that is under way. */
  async start(): Promise<void> {
    await this.#addresses.start();
    if (this.#stopping) return;
    this.#registration?.start();
    this.#health?.start();
  }

  /** Resolves when the registration is removed, in two seconds at the latest; its deadline counts until then. Idempotent. */
  stop(): Promise<void> {
    this.#stopping ??= this.#stop();
    return this.#stopping;
  }

  async #stop(): Promise<void> {
    this.#addresses.stop();
    this.#health?.stop();
    await new Promise<void>((resolve) => (this.#registration ? this.#registration.stop(resolve) : resolve()));
  }
}
