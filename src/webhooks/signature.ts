/** How a receiver knows that an event is ours and fresh: `Offhook-Signature: t=SECONDS,v1=HMAC-SHA256(secret, "SECONDS.BODY")` in hex. */

import { createHmac } from 'node:crypto';

/** `timeSec`: seconds since the Unix epoch. */
export function signatureOf(secret: string, timeSec: number, body: string): string {
  return `t=${timeSec},v1=${createHmac('sha256', secret).update(`${timeSec}.${body}`).digest('hex')}`;
}
