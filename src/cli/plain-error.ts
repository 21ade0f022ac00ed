/** Errors of the operating system in words for whoever started the program. */

import { formatAddress } from '../base/address.ts';
import { errorText } from '../base/errors.ts';

const meanings = new Map<string, (place: string) => string>([
  ['EADDRINUSE', (place) => `${place} is in use by another program`],
  ['EADDRNOTAVAIL', (place) => `${place} is no address of this machine`],
  ['EACCES', (place) => `${place} is not allowed for this user (ports below 1024 need a privilege)`],
  ['EMFILE', () => 'too many open files: raise the limit, ulimit -n'],
]);

/** What the user can mend: told without a stack. */
export class UsageError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'UsageError';
  }
}

/** One sentence without a stack. */
export function plainError(error: unknown): string {
  const meaning = meanings.get(codeOf(error));
  return meaning ? meaning(placeOf(error)) : errorText(error);
}

/** The system's code (`EADDRINUSE`), or ''. */
export function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';
}

function placeOf(error: unknown): string {
  if (!(error instanceof Error) || !('address' in error) || typeof error.address !== 'string') return errorText(error);
  const port = 'port' in error && typeof error.port === 'number' ? error.port : 0;
  return formatAddress({ host: error.address, port });
}
