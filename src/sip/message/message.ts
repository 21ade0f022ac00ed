/** SIP messages as values (RFC 3261 section 7). */

import type { Headers } from './headers.ts';
import type { SipUri } from './uri.ts';

export interface SipRequest {
  readonly kind: 'request';
  readonly method: string;
  /** The Request-URI: parsed when it is a sip(s) URI, else its text (tel: and unknown schemes). */
  uri: SipUri | string;
  readonly headers: Headers;
  body: Uint8Array;
}

export interface SipResponse {
  readonly kind: 'response';
  readonly status: number;
  readonly reason: string;
  readonly headers: Headers;
  body: Uint8Array;
}

export type SipMessage = SipRequest | SipResponse;

export const emptyBody: Uint8Array = new Uint8Array(0);
