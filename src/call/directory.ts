/** Who is who, from what the configuration lists: users, trunks, and the dial plan between them. */

import type { Flow } from '../sip/message/flow.ts';
import { DialPlan, type InboundRoute, type OutboundRoute } from '../trunk/route.ts';
import type { Trunks } from '../trunk/trunks.ts';
import type { CallTrunk, CallUser, Directory } from './routing.ts';

/** What may be replaced while calls run. */
export interface DirectoryEntries {
  readonly users: readonly UserEntry[];
  readonly routes: { readonly outbound: readonly OutboundRoute[]; readonly inbound: readonly InboundRoute[] };
}

export interface DirectoryOptions extends DirectoryEntries {
  readonly trunks: Pick<Trunks, 'byName'>;
  flow(id: string): Flow | undefined;
}

interface UserEntry {
  readonly name: string;
  /** Null: the name. */
  readonly callerId: string | null;
  readonly dtmf: 'rfc4733' | 'info';
}

export class ConfiguredDirectory implements Directory {
  readonly #options: DirectoryOptions;
  #users: ReadonlyMap<string, CallUser>;
  #plan: DialPlan;

  constructor(options: DirectoryOptions) {
    this.#options = options;
    this.#users = usersByName(options.users);
    this.#plan = new DialPlan(options.routes);
  }

  /** For the calls to come. */
  replace({ users, routes }: DirectoryEntries): void {
    this.#users = usersByName(users);
    this.#plan = new DialPlan(routes);
  }

  user(name: string): CallUser | undefined {
    return this.#users.get(name);
  }

  trunk(name: string): CallTrunk | undefined {
    return this.#options.trunks.byName(name);
  }

  trunkFor(number: string): CallTrunk | undefined {
    const candidates = this.#plan.trunksFor(number).flatMap((name) => this.trunk(name) ?? []);
    return candidates.find(({ available }) => available) ?? candidates[0];
  }

  usersFor(number: string): readonly CallUser[] {
    return this.#plan.usersFor(number).flatMap((name) => this.user(name) ?? []);
  }

  flow(id: string): Flow | undefined {
    return this.#options.flow(id);
  }
}

function usersByName(users: readonly UserEntry[]): ReadonlyMap<string, CallUser> {
  return new Map(users.map(({ name, callerId, dtmf }) => [name, { name, callerId: callerId ?? name, dtmfByInfo: dtmf === 'info' }]));
}
