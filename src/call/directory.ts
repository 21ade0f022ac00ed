/** Who is who, from what the configuration lists: users, trunks, and the dial plan between them. */

import type { Flow } from '../sip/message/flow.ts';
import { DialPlan, type InboundRoute, type OutboundRoute } from '../trunk/route.ts';
import type { Trunks } from '../trunk/trunks.ts';
import type { CallUser, Directory } from './routing.ts';

export interface DirectoryOptions {
  readonly users: readonly UserEntry[];
  readonly routes: { readonly outbound: readonly OutboundRoute[]; readonly inbound: readonly InboundRoute[] };
  readonly trunks: Pick<Trunks, 'byName'>;
  flow(id: string): Flow | undefined;
}

interface UserEntry {
  readonly name: string;
  /** Null: the name. */
  readonly callerId: string | null;
  readonly dtmf: 'rfc4733' | 'info';
}

export function createDirectory({ users, routes, trunks, flow }: DirectoryOptions): Directory {
  const byName = new Map(users.map((user) => [user.name, callUser(user)]));
  const plan = new DialPlan(routes);
  return {
    user: (name) => byName.get(name),
    trunk: (name) => trunks.byName(name),
    trunkFor: (number) => {
      const candidates = plan.trunksFor(number).flatMap((name) => trunks.byName(name) ?? []);
      return candidates.find(({ available }) => available) ?? candidates[0];
    },
    usersFor: (number) => plan.usersFor(number).flatMap((name) => byName.get(name) ?? []),
    flow,
  };
}

function callUser({ name, callerId, dtmf }: UserEntry): CallUser {
  return { name, callerId: callerId ?? name, dtmfByInfo: dtmf === 'info' };
}
