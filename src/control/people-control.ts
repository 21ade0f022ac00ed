/** Users and their registrations, as the API sees and changes them. */

import { AccountError, type UserAccount, type UserAccounts } from '../accounts/account.ts';
import type { RegistrationControl, UserControl } from '../api/gateway-control.ts';
import { ApiProblem, notFound } from '../api/problem.ts';
import type { Registration } from '../api/resources/registrations.ts';
import type { User } from '../api/resources/users.ts';
import type { Clock } from '../base/clock.ts';
import type { Binding, LocationStore } from '../location/location-store.ts';

export interface RegistrationOptions {
  readonly location: Pick<LocationStore, 'all' | 'bindingsOf'>;
  /** Whether there was any. */
  remove(user: string, contact: string | null): boolean;
  readonly clock: Pick<Clock, 'now' | 'wallTime'>;
}

export function registrationControl({ location, remove, clock }: RegistrationOptions): RegistrationControl {
  return {
    all: () => [...location.all()].map((binding) => registrationOf(binding, clock)),
    remove(user, contact) {
      if (!remove(user, contact)) throw notFound('such registration');
    },
  };
}

function registrationOf(binding: Binding, clock: Pick<Clock, 'now' | 'wallTime'>): Registration {
  const { user, contactUri: contact, instanceId, remote, userAgent, flowId, expiresAt } = binding;
  const wallExpiresAt = Math.round(clock.wallTime() + expiresAt - clock.now());
  return { user, contact, instanceId, remote, userAgent, connected: flowId !== null, expiresAt: wallExpiresAt };
}

export interface UserOptions {
  readonly accounts: UserAccounts;
  contacts(user: string): number;
  calls(user: string): number;
}

export function userControl({ accounts, contacts, calls }: UserOptions): UserControl {
  const shown = ({ name, callerId, dtmf, source }: UserAccount): User => {
    return { name, callerId, dtmf, source, contacts: contacts(name), calls: calls(name) };
  };
  return {
    all: () => accounts.list().map(shown),
    one(name) {
      const account = accounts.get(name);
      if (!account) throw notFound('such user');
      return shown(account);
    },
    create: async (user) => shown(await answered(accounts.create(user))),
    change: async (name, change) => shown(await answered(accounts.change(name, change))),
    remove: (name) => answered(accounts.remove(name)),
  };
}

const statuses: Readonly<Record<AccountError['reason'], number>> = { exists: 409, unknown: 404, configured: 409 };

/** What the accounts refuse is the caller's fault, and told so. */
async function answered<Result>(change: Promise<Result>): Promise<Result> {
  try {
    return await change;
  } catch (error) {
    if (error instanceof AccountError) throw new ApiProblem(statuses[error.reason], error.message);
    throw error;
  }
}
