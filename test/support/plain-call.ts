/** What every end of a call in plain text has: what came in, in order, and how to wait for it. */

import { method, type PlainMessage, status } from './plain-sip.ts';
import { until } from './until.ts';

export class PlainCall {
  /** Everything of this call that came in, retransmissions included. */
  readonly received: PlainMessage[] = [];

  /** The first message, past or to come, that fits. */
  next(what: string, fits: (message: PlainMessage) => boolean, timeoutMs?: number): Promise<PlainMessage> {
    return until(what, () => this.received.find(fits), timeoutMs);
  }

  /** The first request of this method. */
  requested(name: string, timeoutMs?: number): Promise<PlainMessage> {
    return this.next(name, (message) => status(message) === 0 && method(message) === name, timeoutMs);
  }

  /** The first response with this status. */
  responded(code: number, timeoutMs?: number): Promise<PlainMessage> {
    return this.next(String(code), (message) => status(message) === code, timeoutMs);
  }
}
