/** Timer values of RFC 3261 table 4, all in milliseconds. The letters stand in `machines`. */

export interface TransactionTimers {
  /** Round-trip estimate. 64 times this is how long anything is waited for. */
  readonly t1Ms: number;
  /** Longest interval between repetitions of non-INVITE requests and INVITE responses. */
  readonly t2Ms: number;
  /** How long a message may stay in the network. */
  readonly t4Ms: number;
}

export const defaultTimers: TransactionTimers = { t1Ms: 500, t2Ms: 4000, t4Ms: 5000 };

/** Timers B, D, F, H, J, L, M. D is "at least 32 s", which this is with the default T1. */
export function transactionTimeoutMs(timers: TransactionTimers): number {
  return 64 * timers.t1Ms;
}
