/** Bodies as text. */

import type { SipMessage } from './message/message.ts';

export const sdpType = 'application/sdp';

/** The body, or null when there is none. SDP is UTF-8 (RFC 4566 section 5). */
export function bodyText(message: SipMessage): string | null {
  return message.body.length === 0 ? null : Buffer.from(message.body).toString('utf8');
}
