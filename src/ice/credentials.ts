/** ICE credentials of one generation (RFC 8445 5.3, RFC 8839 5.4). */

import type { Random } from '../base/random.ts';

export interface IceCredentials {
  /** 4 .. 256 characters of [A-Za-z0-9+/] */
  readonly ufrag: string;
  /** 22 .. 256 characters of [A-Za-z0-9+/] */
  readonly pwd: string;
}

/** A ufrag of 40 random bits, so that no two sessions of a thread share one, and a password of 130 bits (at least 24 and 128 are due). */
export function createIceCredentials(random: Random): IceCredentials {
  return { ufrag: random.token(8), pwd: random.token(26) };
}
