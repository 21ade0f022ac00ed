/** Who the phone is, and where its gateway is. */

export interface Account {
  readonly user: string;
  readonly password: string;
  /** The gateway's `domain`. */
  readonly domain: string;
}

/** How digits travel: as RFC 4733 events, as SIP INFO, or as events where both sides agreed on them and else as INFO. */
export type DigitWay = 'auto' | 'rfc4733' | 'info';
