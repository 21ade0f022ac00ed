/** One resource of the API as state: loaded, loaded again when an event says that it changed, and at intervals. */

import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import { useAccount } from './account.ts';
import { ApiFailure } from './client.ts';
import type { LiveEvent } from './live-events.ts';

export interface Resource<T> {
  /** The last that came, also while `failure` says that there is no newer one. */
  readonly data: T | null;
  readonly failure: ApiFailure | null;
  readonly reload: () => void;
}

export interface Refresh {
  /** Events after which it is loaded again; at most once a second. */
  readonly on?: (event: LiveEvent) => boolean;
  /** Milliseconds between two looks while events come; without events it is looked at every two seconds. */
  readonly everyMs?: number;
}

const withoutEventsMs = 2000;
const atMostEveryMs = 1000;
const usuallyEveryMs = 15_000;

interface Loaded<T> {
  readonly path: string | null;
  readonly data: T | null;
  readonly failure: ApiFailure | null;
}

/** A path of null loads nothing. */
export function useResource<T>(path: string | null, refresh: Refresh = {}): Resource<T> {
  const { client, live } = useAccount();
  const [loaded, setLoaded] = useState<Loaded<T>>({ path, data: null, failure: null });
  const hint = useRef(refresh);
  hint.current = refresh;
  const soon = useRef(() => {});

  useEffect(() => {
    if (path === null) return;
    const wanted = path;
    const stop = new AbortController();
    let timer: ReturnType<typeof setTimeout> | undefined;
    let dueAt = Number.POSITIVE_INFINITY;
    let loadedAt = 0;

    async function load(): Promise<void> {
      loadedAt = Date.now();
      try {
        const data = await client.get<T>(wanted, stop.signal);
        setLoaded({ path: wanted, data, failure: null });
      } catch (error) {
        if (stop.signal.aborted) return;
        const failure = error instanceof ApiFailure ? error : new ApiFailure(0, String(error));
        setLoaded((before) => ({ path: wanted, data: before.path === wanted ? before.data : null, failure }));
      }
    }
    /** The earliest of all wishes counts. */
    function within(ms: number): void {
      if (Date.now() + ms >= dueAt) return;
      dueAt = Date.now() + ms;
      clearTimeout(timer);
      timer = setTimeout(() => {
        dueAt = Number.POSITIVE_INFINITY;
        if (document.hidden) within(withoutEventsMs);
        else load().then(next, next);
      }, ms);
    }
    function next(): void {
      if (!stop.signal.aborted) within(live.state === 'live' ? (hint.current.everyMs ?? usuallyEveryMs) : withoutEventsMs);
    }

    soon.current = () => within(0);
    const forget = live.onEvent((event) => {
      if (hint.current.on?.(event)) within(Math.max(0, loadedAt + atMostEveryMs - Date.now()));
    });
    load().then(next, next);
    return () => {
      stop.abort();
      clearTimeout(timer);
      forget();
    };
  }, [client, live, path]);

  const reload = useCallback(() => soon.current(), []);
  const fresh = loaded.path === path;
  return { data: fresh ? loaded.data : null, failure: fresh ? loaded.failure : null, reload };
}
