/** The one error class of hostile or unacceptable SIP: it knows the answer that it deserves, and is caught where that is sent. */

import type { SipRequest } from './message.ts';

export class SipError extends Error {
  /** The status of the answer: 400 .. 699. */
  readonly status: number;
  /** What the answer must carry besides (Unsupported, Accept, Allow, ...). */
  readonly headers: ReadonlyArray<readonly [string, string]>;
  /** The malformed request, if it can be answered: it has a Via and is no ACK. Its typed header accessors may throw. */
  readonly partial: SipRequest | undefined;

  constructor(status: number, message: string, more: { headers?: ReadonlyArray<readonly [string, string]>; partial?: SipRequest } = {}) {
    super(message);
    this.name = 'SipError';
    this.status = status;
    this.headers = more.headers ?? [];
    this.partial = more.partial;
  }
}
