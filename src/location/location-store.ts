/** Where users can be reached: their bindings (RFC 3261 section 10), each with the connection that leads there (RFC 5626). */

import type { SocketAddress } from '../base/address.ts';

/** Plain values only, so that a store may keep them elsewhere. */
export interface Binding {
  readonly user: string;
  /** Names the binding among those of its user for life: by instance-id and reg-id where the client registers so, else by its first contact. */
  readonly key: string;
  /** A printed SIP URI. An `.invalid` host means nothing: only the flow leads there (RFC 7118 section 5). */
  readonly contactUri: string;
  /** The connection; null once it is closed: such a binding remembers the browser, and nothing is sent to it. */
  readonly flowId: string | null;
  /** Where the registration came from. */
  readonly remote: SocketAddress;
  /** `+sip.instance` without quotes and angle brackets. */
  readonly instanceId: string | null;
  readonly regId: number | null;
  /** Route header values towards the contact, the first hop first (RFC 3327). */
  readonly path: readonly string[];
  /** Monotonic milliseconds. */
  readonly expiresAt: number;
  readonly userAgent: string | null;
  readonly callId: string;
  readonly cseq: number;
  /** The public one, a printed URI (RFC 5627); null for a client that asked for none. */
  readonly gruu: string | null;
}

export interface LocationStore {
  /** The latest registered first. */
  bindingsOf(user: string): readonly Binding[];
  /** Those of one browser, the latest registered first. */
  byInstance(user: string, instanceId: string): readonly Binding[];
  byFlow(flowId: string): readonly Binding[];
  /** How many with a connection were registered from one remote host. */
  countFrom(host: string): number;
  all(): Iterable<Binding>;
  readonly size: number;
  /** Replaces the binding of the same user and key. */
  save(binding: Binding): void;
  remove(binding: Binding): void;
  /** The nearest `expiresAt`, or Infinity. */
  readonly deadline: number;
  /** Removes and returns one binding that has expired at `now`, or undefined. */
  takeExpired(now: number): Binding | undefined;
}

/**
 * The bindings to which a request for their user is forked: those with a connection, and of one browser that keeps several only
 * the latest (RFC 5626 section 5.3), or it would ring twice.
 */
export function forkTargets(bindings: readonly Binding[]): Binding[] {
  const seen = new Set<string>();
  return bindings.filter((binding) => {
    if (binding.flowId === null) return false;
    const browser = binding.instanceId ?? binding.key;
    if (seen.has(browser)) return false;
    seen.add(browser);
    return true;
  });
}
