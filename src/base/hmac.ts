/** HMAC-SHA1 (RFC 2104), as SRTP and ICE authenticate with. */

import { createHmac } from 'node:crypto';

/** Of a message, with a key of at most 64 bytes: 20 bytes. */
export type HmacSha1 = (key: Uint8Array, message: Uint8Array) => Uint8Array;

/** With Node alone. */
export const nodeHmacSha1: HmacSha1 = (key, message) => createHmac('sha1', key).update(message).digest();
