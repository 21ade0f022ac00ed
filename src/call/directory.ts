/** Who is who: users, trunks, and the dial plan between them. */

import type { Flow } from '../sip/message/flow.ts';
import { DialPlan, type InboundRoute, type OutboundRoute } from '../trunk/route.ts';
import type { Trunks } from '../trunk/trunks.ts';
import type { CallTrunk, CallUser, Directory } from './routing.ts';

export interface Routes {
  readonly outbound: readonly OutboundRoute[];
  readonly inbound: readonly InboundRoute[];
}

export interface DirectoryOptions {
  readonly users: { get(name: string): UserEntry | undefined };
  readonly routes: Routes;
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
  #plan: DialPlan;

  constructor(options: DirectoryOptions) {
    this.#options = options;
    this.#plan = new DialPlan(options.routes);
  }

  /** For the calls to come. */
  replaceRoutes(routes: Routes): void {
    this.#plan = new DialPlan(routes);
  }

  user(name: string): CallUser | undefined {
    const user = this.#options.users.get(name);
    return user && { name, callerId: user.callerId ?? name, dtmfByInfo: user.dtmf === 'info' };
  }

  trunk(name: string): CallTrunk | undefined {
    return this.#options.trunks.byName(name);
  }

  trunkFor(number: string): CallTrunk | undefined {
    const candidates = this.#plan.trunksFor(number).flatMap((name) => this.trunk(name) ?? []);
    const enabled = candidates.filter((trunk) => trunk.enabled);
    return enabled.find(({ available }) => available) ?? enabled[0] ?? candidates[0];
  }

  usersFor(number: string): readonly CallUser[] {
    return this.#plan.usersFor(number).flatMap((name) => this.user(name) ?? []);
  }

  flow(id: string): Flow | undefined {
    return this.#options.flow(id);
  }
}
