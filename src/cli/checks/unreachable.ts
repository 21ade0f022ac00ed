/** Why somebody cannot be reached, in words. */

import { errorText } from '../../base/errors.ts';
import { codeOf } from '../plain-error.ts';

const meanings = new Map<string, string>([
  ['ENOTFOUND', 'its name does not resolve'],
  ['EAI_AGAIN', 'the name server does not answer'],
  ['ECONNREFUSED', 'nobody listens there'],
  ['ECONNRESET', 'the connection is closed at once'],
  ['ETIMEDOUT', 'there is no answer'],
  ['EHOSTUNREACH', 'there is no way to that host'],
  ['ENETUNREACH', 'there is no way to that network'],
]);

export function unreachableBecause(error: unknown): string {
  return meanings.get(codeOf(error)) ?? errorText(error);
}
