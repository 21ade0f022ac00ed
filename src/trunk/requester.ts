/** What a trunk's upkeep needs of the user agent. */

import type { SipResponse } from '../sip/message/message.ts';
import type { RequestFailure } from '../sip/transaction/client.ts';
import type { OutgoingRequestOptions } from '../sip/user-agent.ts';

export type RequestResult = SipResponse | RequestFailure;

export interface Requester {
  /** Sends a request outside of any dialog, answers a challenge from its credentials once, and reports the final result. */
  request(options: OutgoingRequestOptions, done: (result: RequestResult) => void): { cancel(): void };
  deadlineMoved(): void;
}

/** For logs: what came of a request. */
export function resultText(result: RequestResult): string {
  return typeof result === 'string' ? result : `${result.status} ${result.reason}`;
}
