/** What stands around every page: the way to the others, whether the gateway is heard, who is signed in. */

import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { useAccount, useLiveState } from './data/account.ts';
import type { LiveState } from './data/live-events.ts';
import { listenForKeys } from './keyboard.ts';
import { CallPage } from './pages/call.tsx';
import { CallsPage } from './pages/calls.tsx';
import { ConfigurationPage } from './pages/configuration.tsx';
import { EventsPage } from './pages/events.tsx';
import { NodePage } from './pages/node.tsx';
import { RecordsPage } from './pages/records.tsx';
import { RegistrationsPage } from './pages/registrations.tsx';
import { TrunksPage } from './pages/trunks.tsx';
import { Icon } from './parts/icon.tsx';
import { type PageName, pageNames, parseRoute, printRoute, type Route } from './route.ts';

const titles: Readonly<Record<PageName, string>> = {
  calls: 'Calls',
  registrations: 'Registrations',
  trunks: 'Trunks',
  records: 'Records',
  events: 'Events',
  node: 'Node',
  configuration: 'Configuration',
};

export function Shell(): JSX.Element {
  const route = useRoute();
  useEffect(listenForKeys, []);
  return (
    <div class="shell">
      <button type="button" class="button skip" onClick={skipToContent}>
        Skip to content
      </button>
      <header class="bar">
        <a class="brand" href={printRoute('calls')}>
          <Icon name="mark" />
          offhook
        </a>
        <nav aria-label="Pages">
          {pageNames.map((name) => (
            <a key={name} href={printRoute(name)} aria-current={name === route.page ? 'page' : undefined}>
              {titles[name]}
            </a>
          ))}
        </nav>
        <Connection />
        <SignOut />
      </header>
      <main id="content">
        <Outlet route={route} />
      </main>
      <footer class="keys">
        <kbd>/</kbd> filter <kbd>j</kbd> <kbd>k</kbd> move <kbd>Enter</kbd> open <kbd>Esc</kbd> back
      </footer>
    </div>
  );
}

function Outlet({ route }: { route: Route }): JSX.Element {
  const { page, id, query } = route;
  if (page === 'calls') return id === null ? <CallsPage /> : <CallPage key={id} id={id} />;
  if (page === 'registrations') return <RegistrationsPage />;
  if (page === 'trunks') return <TrunksPage />;
  if (page === 'records') return <RecordsPage query={query} />;
  if (page === 'events') return <EventsPage />;
  return page === 'node' ? <NodePage /> : <ConfigurationPage />;
}

const connectionWords: Readonly<Record<LiveState, string>> = {
  connecting: 'Connecting',
  live: 'Live',
  polling: 'Every 2 s',
  offline: 'No connection',
};

function Connection(): JSX.Element {
  const state = useLiveState();
  return (
    <p class="connection" role="status" data-state={state}>
      {connectionWords[state]}
    </p>
  );
}

function SignOut(): JSX.Element | null {
  const { session, signOut } = useAccount();
  if (!signOut) return null;
  return (
    <button type="button" class="button quiet" onClick={signOut} title={`Signed in as ${session.name ?? 'somebody'} (${session.role})`}>
      <Icon name="leave" />
      Sign out
    </button>
  );
}

function useRoute(): Route {
  const [route, setRoute] = useState(() => parseRoute(location.hash));
  useEffect(() => {
    const follow = (): void => setRoute(parseRoute(location.hash));
    follow();
    addEventListener('hashchange', follow);
    return () => removeEventListener('hashchange', follow);
  }, []);
  return route;
}

/** No link, because the fragment of the address is the route. */
function skipToContent(): void {
  document.querySelector<HTMLElement>('main h1')?.focus();
}
