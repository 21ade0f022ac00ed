/** Words for a page that has nothing to show: not yet, nothing there, or not to be had. */

import type { ComponentChildren, JSX } from 'preact';
import type { ApiFailure } from '../data/client.ts';
import type { Resource } from '../data/resource.ts';
import { Icon } from './icon.tsx';

export function Empty({ title, children }: { title: string; children?: ComponentChildren }): JSX.Element {
  return (
    <div class="empty">
      <p class="empty-title">{title}</p>
      {children !== undefined && <p class="empty-advice">{children}</p>}
    </div>
  );
}

/** What failed, and what to do about it. */
export function Failure({ failure, retry }: { failure: ApiFailure; retry?: () => void }): JSX.Element {
  return (
    <div class="failure" role="alert">
      <Icon name="warning" />
      <p>
        <strong>{titleOf(failure)}</strong> {adviceOf(failure)}
      </p>
      {retry && (
        <button type="button" class="button" onClick={retry}>
          Try again
        </button>
      )}
    </div>
  );
}

/** Its content once it is there; above it what went wrong since. */
export function Loaded<T>({ of, children }: { of: Resource<T>; children: (data: T) => ComponentChildren }): JSX.Element {
  return (
    <>
      {of.failure && <Failure failure={of.failure} retry={of.reload} />}
      {of.data !== null && children(of.data)}
      {of.data === null && !of.failure && <Waiting />}
    </>
  );
}

export function Waiting(): JSX.Element {
  return (
    <p class="waiting" role="status">
      Loading …
    </p>
  );
}

function titleOf({ status, message }: ApiFailure): string {
  if (status === 0) return 'No connection to the gateway.';
  if (status === 403) return 'Not allowed.';
  if (status === 404) return 'Not found.';
  return message.endsWith('.') ? message : `${message}.`;
}

function adviceOf({ status, message }: ApiFailure): string {
  if (status === 0) return 'Is it running, and this machine on its network? This page goes on trying.';
  if (status === 403) return `${message} Ask for a token with a higher role: offhook token.`;
  if (status === 404) return message;
  return status >= 500 ? 'The log of the gateway says more.' : '';
}
