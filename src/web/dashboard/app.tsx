/** Who may look: finds out whether a token is needed, asks for it, then shows the pages. */

import type { JSX } from 'preact';
import { useCallback, useEffect, useState } from 'preact/hooks';
import type { Session } from '../../api/resources/node.ts';
import { type Account, AccountContext } from './data/account.ts';
import { ApiFailure, Client } from './data/client.ts';
import { LiveEvents } from './data/live-events.ts';
import { forgetToken, storedToken, storeToken } from './data/token.ts';
import { Login } from './login.tsx';
import { Failure, Waiting } from './parts/state.tsx';
import { Shell } from './shell.tsx';

type State =
  | { readonly name: 'asking'; readonly byUser: boolean }
  | { readonly name: 'login'; readonly problem: string | null }
  | { readonly name: 'failed'; readonly failure: ApiFailure }
  | { readonly name: 'in'; readonly account: Account };

const askAgainMs = 3000;

/** What a token that was shown is told, by HTTP status. */
const refusals = new Map([
  [401, 'This token is not valid.'],
  [429, 'Too many wrong tokens: wait a moment.'],
]);

export function App(): JSX.Element {
  const [state, setState] = useState<State>({ name: 'asking', byUser: false });

  const enter = useCallback(async (token: string | null, keep: boolean | null): Promise<void> => {
    const leave = (problem: string | null): void => {
      forgetToken();
      live.stop();
      setState({ name: 'login', problem });
    };
    const client = new Client(token, () => leave('The token is no longer valid.'));
    const live = new LiveEvents(client);
    try {
      const session = await new Client(token).get<Session>('/session');
      if (token !== null && keep !== null) storeToken(token, keep);
      live.start();
      setState({ name: 'in', account: { client, live, session, signOut: token === null ? null : () => leave(null) } });
    } catch (error) {
      const failure = error instanceof ApiFailure ? error : new ApiFailure(0, String(error));
      if (failure.status === 401) forgetToken();
      const refusal = refusals.get(failure.status);
      if (refusal === undefined) setState({ name: 'failed', failure });
      else setState({ name: 'login', problem: token === null ? null : refusal });
    }
  }, []);

  const again = useCallback(() => {
    enter(storedToken(), null).catch(console.error);
  }, [enter]);
  useEffect(again, [again]);
  useEffect(() => {
    if (state.name !== 'failed') return;
    const timer = setTimeout(again, askAgainMs);
    return () => clearTimeout(timer);
  }, [state, again]);

  function signIn(token: string, keep: boolean): void {
    setState({ name: 'asking', byUser: true });
    enter(token, keep).catch(console.error);
  }

  if (state.name === 'in') {
    return (
      <AccountContext.Provider value={state.account}>
        <Shell />
      </AccountContext.Provider>
    );
  }
  if (state.name === 'failed') {
    return (
      <main class="login-place">
        <Failure failure={state.failure} retry={again} />
      </main>
    );
  }
  if (state.name === 'asking' && !state.byUser) return <Waiting />;
  return <Login problem={state.name === 'login' ? state.problem : null} busy={state.name === 'asking'} signIn={signIn} />;
}
