/** Our own candidates: an ICE-lite agent has host candidates only, and with rtcp-mux one component (RFC 8445 5.1, RFC 8839 5.1). */

import type { SocketAddress } from '../base/address.ts';

export interface HostCandidate {
  /** 1 .. 32 characters; equal foundations mean equal base addresses, so each of ours has its own (RFC 8445 5.1.1.3). */
  readonly foundation: string;
  /** 1 .. 2^31-1 */
  readonly priority: number;
  readonly address: SocketAddress;
}

const hostTypePreference = 126;
const rtpComponent = 1;

/** Candidates for the addresses of one leg, the most preferred first. */
export function hostCandidates(addresses: readonly SocketAddress[]): HostCandidate[] {
  return addresses.map((address, rank) => ({ foundation: `${rank + 1}`, priority: hostPriority(65535 - rank), address }));
}

/** RFC 8445 5.1.2.1; `localPreference` is 0 .. 65535. */
export function hostPriority(localPreference: number): number {
  return 2 ** 24 * hostTypePreference + 2 ** 8 * localPreference + (256 - rtpComponent);
}

/** The value of an `a=candidate` line (RFC 8839 5.1). */
export function printCandidate({ foundation, priority, address }: HostCandidate): string {
  return `${foundation} ${rtpComponent} udp ${priority} ${address.host} ${address.port} typ host`;
}
