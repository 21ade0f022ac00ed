/** The one place where a hostile description or a broken invariant ends a call, and this call alone. */

import { errorText } from '../base/errors.ts';
import type { Log } from '../base/log.ts';
import type { CallEnd } from '../events/call-end.ts';
import { endOfError } from './ending.ts';
import type { CallState } from './machine.ts';

export interface Guarded {
  readonly state: CallState;
  readonly log: Log;
  stop(end: CallEnd): void;
}

export function guarded(call: Guarded, action: () => void): void {
  try {
    action();
  } catch (error) {
    fail(call, error);
  }
}

/** What is still under way when the call ends may find its media gone. */
export function watch(call: Guarded, work: Promise<void> | undefined): void {
  work?.catch((error) => {
    if (call.state !== 'ended') fail(call, error);
  });
}

function fail(call: Guarded, error: unknown): void {
  const foreseen = endOfError(error);
  if (!foreseen) call.log.error({ err: error }, 'broken invariant');
  call.stop(foreseen ?? { cause: 'error', side: 'gateway', detail: errorText(error) });
}
