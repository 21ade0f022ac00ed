/** All trunks with their upkeep: addresses, registration, health. One deadline for all of them. */

import type { SocketAddress } from '../base/address.ts';
import type { Clock } from '../base/clock.ts';
import type { Log } from '../base/log.ts';
import type { Random } from '../base/random.ts';
import { Health } from './health.ts';
import { Registration } from './registration.ts';
import type { Requester } from './requester.ts';
import { TargetAddresses, type TargetAddressesOut } from './target-addresses.ts';
import { Trunk, type TrunkOptions } from './trunk.ts';

export type TrunkState = 'up' | 'down' | 'registered' | 'unregistered';

export interface TrunksOptions {
  readonly trunks: readonly TrunkOptions[];
  readonly clock: Pick<Clock, 'now'>;
  readonly random: Random;
  readonly log: Log;
}

export interface TrunksOut extends Requester, TargetAddressesOut {
  /** Our own host as a peer at `trunkHost` sees it. */
  ownHost(trunkHost: string): string;
  stateChanged(trunk: string, state: TrunkState, detail: string): void;
}

interface Upkeep {
  readonly deadline: number;
  expire(now: number): void;
}

export class Trunks {
  readonly #trunks = new Map<string, Trunk>();
  readonly #addresses: TargetAddresses[] = [];
  readonly #registrations: Registration[] = [];
  readonly #checks: Health[] = [];
  readonly #starts: Array<() => Promise<void>> = [];
  #stopped = false;

  constructor(options: TrunksOptions, out: TrunksOut) {
    for (const trunkOptions of options.trunks) {
      const trunk = new Trunk(trunkOptions, (host) => out.ownHost(host));
      this.#trunks.set(trunk.name, trunk);
      const addresses = new TargetAddresses(trunk, options, out);
      const registrations = trunkOptions.register ? [new Registration({ ...options, trunk }, registrationOut(out))] : [];
      const checks = trunkOptions.pingSec > 0 ? [new Health({ ...options, trunk }, healthOut(out))] : [];
      this.#addresses.push(addresses);
      this.#registrations.push(...registrations);
      this.#checks.push(...checks);
      this.#starts.push(() => this.#start(addresses, [...registrations, ...checks]));
    }
  }

  get deadline(): number {
    return Math.min(...this.#upkeep().map(({ deadline }) => deadline), Number.POSITIVE_INFINITY);
  }

  expire(now: number): void {
    for (const upkeep of this.#upkeep()) upkeep.expire(now);
  }

  /** Resolves when every target has been looked up once; its registration and pings are then under way. */
  async start(): Promise<void> {
    await Promise.all(this.#starts.map((start) => start()));
  }

  /** What asks a trunk waits for its addresses, and not for those of any other. */
  async #start(addresses: TargetAddresses, asking: readonly { start(): void }[]): Promise<void> {
    await addresses.start();
    if (!this.#stopped) for (const upkeep of asking) upkeep.start();
  }

  /** Ends the upkeep and removes the registrations; resolves when the trunks have answered that, in two seconds at the latest. */
  async stop(): Promise<void> {
    this.#stopped = true;
    for (const addresses of this.#addresses) addresses.stop();
    for (const check of this.#checks) check.stop();
    await Promise.all(this.#registrations.map((registration) => new Promise<void>((resolve) => registration.stop(resolve))));
  }

  byName(name: string): Trunk | undefined {
    return this.#trunks.get(name);
  }

  /** Whether any trunk sends from this host. */
  admits(host: string): boolean {
    return this.all().some((trunk) => trunk.isSourceHost(host));
  }

  /** The trunk that sends from this address. Of several at one host the one whose target has this port, else the first. */
  bySource(remote: SocketAddress): Trunk | undefined {
    const here = this.all().filter((trunk) => trunk.isSourceHost(remote.host));
    return here.find((trunk) => trunk.addresses.some(({ host, port }) => host === remote.host && port === remote.port)) ?? here[0];
  }

  all(): readonly Trunk[] {
    return [...this.#trunks.values()];
  }

  #upkeep(): readonly Upkeep[] {
    return [...this.#addresses, ...this.#registrations, ...this.#checks];
  }
}

function requesterOf(out: TrunksOut): Requester {
  return { request: (options, done) => out.request(options, done), deadlineMoved: () => out.deadlineMoved() };
}

function registrationOut(out: TrunksOut) {
  return {
    ...requesterOf(out),
    registered: (trunk: Trunk, expiresSec: number) => out.stateChanged(trunk.name, 'registered', `for ${expiresSec} s`),
    unregistered: (trunk: Trunk, detail: string) => out.stateChanged(trunk.name, 'unregistered', detail),
  };
}

function healthOut(out: TrunksOut) {
  return {
    ...requesterOf(out),
    changed: (trunk: Trunk, detail: string) => out.stateChanged(trunk.name, trunk.available ? 'up' : 'down', detail),
  };
}
