/** What every part of the page needs: who is signed in, the API, the events. */

import { createContext } from 'preact';
import { useContext, useEffect, useState } from 'preact/hooks';
import type { Role, Session } from '../../../api/resources/node.ts';
import type { Client } from './client.ts';
import type { LiveEvents, LiveState } from './live-events.ts';

export interface Account {
  readonly client: Client;
  readonly live: LiveEvents;
  readonly session: Session;
  /** Null where the gateway asks for no token. */
  readonly signOut: (() => void) | null;
}

export const AccountContext = createContext<Account | null>(null);

/** Throws outside of a signed-in page: a defect. */
export function useAccount(): Account {
  const account = useContext(AccountContext);
  if (!account) throw new Error('nobody is signed in');
  return account;
}

const ranks: readonly Role[] = ['read', 'operate', 'admin'];

export function useMay(role: Role): boolean {
  return ranks.indexOf(useAccount().session.role) >= ranks.indexOf(role);
}

export function useLiveState(): LiveState {
  const { live } = useAccount();
  const [state, setState] = useState(live.state);
  useEffect(() => {
    setState(live.state);
    return live.onState(setState);
  }, [live]);
  return state;
}
