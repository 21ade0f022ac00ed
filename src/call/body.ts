/** Bodies of SIP messages as the call layer needs them. */

import type { SipMessage } from '../sip/message/message.ts';

export const sdpType = 'application/sdp';

const decoder = new TextDecoder();

/** The body as text; null when there is none. */
export function bodyText(message: SipMessage): string | null {
  return message.body.length === 0 ? null : decoder.decode(message.body);
}
