/** All trunks with their upkeep, replaceable while calls run. One deadline for all of them. */

import { isDeepStrictEqual } from 'node:util';
import type { SocketAddress } from '../base/address.ts';
import type { Clock } from '../base/clock.ts';
import type { Log } from '../base/log.ts';
import type { Random } from '../base/random.ts';
import { optionsTo } from './health.ts';
import type { Requester, RequestResult } from './requester.ts';
import type { TargetAddressesOut } from './target-addresses.ts';
import { Trunk, type TrunkOptions } from './trunk.ts';
import { Upkeep } from './upkeep.ts';

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
  /** Whether an operator lets this trunk be used. */
  isEnabled(trunk: string): boolean;
  /** Whether calls of this trunk are running. */
  hasCalls(trunk: string): boolean;
}

/** How a trunk stands at this moment. */
export interface TrunkStanding {
  readonly name: string;
  readonly available: boolean;
  /** Null: it wants no registration. */
  readonly registered: boolean | null;
}

export class Trunks {
  readonly #options: TrunksOptions;
  readonly #out: TrunksOut;
  #upkeeps = new Map<string, Upkeep>();
  /** No longer configured, or not in this way: their registrations are being removed. */
  readonly #leaving = new Set<Upkeep>();
  /** The same, for as long as calls of theirs run: what they send within those is still taken. */
  #retired: readonly Trunk[] = [];

  constructor(options: TrunksOptions, out: TrunksOut) {
    this.#options = options;
    this.#out = out;
    this.#upkeeps = new Map(options.trunks.map((trunk) => [trunk.name, this.#create(trunk)]));
  }

  get deadline(): number {
    let nearest = Number.POSITIVE_INFINITY;
    for (const { deadline } of this.#upkeeps.values()) nearest = Math.min(nearest, deadline);
    for (const { deadline } of this.#leaving) nearest = Math.min(nearest, deadline);
    return nearest;
  }

  expire(now: number): void {
    for (const upkeep of this.#all()) upkeep.expire(now);
  }

  /** Resolves when every target has been looked up once; its registration and pings are then under way. */
  async start(): Promise<void> {
    await Promise.all([...this.#upkeeps.values()].map((upkeep) => upkeep.start()));
  }

  /** Ends the upkeep and removes the registrations; resolves when the trunks have answered that, in two seconds at the latest. */
  async stop(): Promise<void> {
    await Promise.all(this.#all().map((upkeep) => upkeep.stop()));
  }

  /** A trunk that stays as it was is left alone, and calls of the others go on. Resolves when the new ones have been looked up. */
  async replace(trunks: readonly TrunkOptions[]): Promise<void> {
    const before = this.#upkeeps;
    const isSame = (options: TrunkOptions): boolean => isDeepStrictEqual(before.get(options.name)?.trunk.options, options);
    const kept = new Map(trunks.filter(isSame).map(({ name }) => [name, before.get(name)]));
    this.#upkeeps = new Map(trunks.map((options) => [options.name, kept.get(options.name) ?? this.#create(options)]));
    const gone = [...before].flatMap(([name, upkeep]) => (kept.has(name) ? [] : [upkeep]));
    this.#retired = [...this.#retired, ...gone.map(({ trunk }) => trunk)].filter(({ name }) => this.#out.hasCalls(name));
    const left = new Map(gone.map((upkeep) => [upkeep.trunk.name, this.#leave(upkeep)]));
    const added = [...this.#upkeeps].filter(([name]) => !kept.has(name));
    // A trunk under both registrations would take the end of the old one for that of the new.
    await Promise.all(added.map(([name, upkeep]) => Promise.resolve(left.get(name)).then(() => upkeep.start())));
  }

  byName(name: string): Trunk | undefined {
    return this.#upkeeps.get(name)?.trunk;
  }

  /** Whether any trunk sends from this host. */
  admits(host: string): boolean {
    if (this.all().some((trunk) => trunk.isSourceHost(host))) return true;
    return this.#retired.some((trunk) => trunk.isSourceHost(host) && this.#out.hasCalls(trunk.name));
  }

  /** The trunk that sends from this address. Of several at one host the one whose target has this port, else the first. */
  bySource(remote: SocketAddress): Trunk | undefined {
    const here = this.all().filter((trunk) => trunk.isSourceHost(remote.host));
    return here.find((trunk) => trunk.addresses.some(({ host, port }) => host === remote.host && port === remote.port)) ?? here[0];
  }

  all(): readonly Trunk[] {
    return [...this.#upkeeps.values()].map(({ trunk }) => trunk);
  }

  standings(): TrunkStanding[] {
    return [...this.#upkeeps.values()].map(({ trunk, registered }) => ({ name: trunk.name, available: trunk.available, registered }));
  }

  /** Sends OPTIONS once; what came back. 'transport' for a trunk that is not configured. */
  test(name: string): Promise<RequestResult> {
    const trunk = this.byName(name);
    return new Promise((resolve) => (trunk ? this.#out.request(optionsTo(trunk), resolve) : resolve('transport')));
  }

  #all(): readonly Upkeep[] {
    return [...this.#upkeeps.values(), ...this.#leaving];
  }

  async #leave(upkeep: Upkeep): Promise<void> {
    this.#leaving.add(upkeep);
    await upkeep.stop();
    this.#leaving.delete(upkeep);
  }

  #create(options: TrunkOptions): Upkeep {
    const out = this.#out;
    const { clock, random, log } = this.#options;
    const trunk = new Trunk(
      options,
      (host) => out.ownHost(host),
      () => out.isEnabled(options.name),
    );
    return new Upkeep(
      { clock, random, log, trunk },
      {
        request: (request, done) => out.request(request, done),
        resolve: (uri) => out.resolve(uri),
        deadlineMoved: () => out.deadlineMoved(),
        registered: ({ name }, expiresSec) => out.stateChanged(name, 'registered', `for ${expiresSec} s`),
        unregistered: ({ name }, detail) => out.stateChanged(name, 'unregistered', detail),
        changed: ({ name, available }, detail) => out.stateChanged(name, available ? 'up' : 'down', detail),
      },
    );
  }
}
