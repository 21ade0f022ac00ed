/** Which of our addresses the kernel sends from towards a host: the one that an answer must name. */

import { createSocket } from 'node:dgram';
import { isIpv6, isWildcard } from '../../base/address.ts';

/** Literals need no resolver: with this, binding and connecting a UDP socket happen at once. */
export function lookupLiteral(host: string, _options: unknown, callback: (error: null, address: string, family: number) => void): void {
  callback(null, host, isIpv6(host) ? 6 : 4);
}

/** Connecting a UDP socket asks the routing table and sends nothing. Undefined when there is no route. */
export function localHostTowards(host: string): string | undefined {
  const socket = createSocket({ type: isIpv6(host) ? 'udp6' : 'udp4', lookup: lookupLiteral });
  socket.on('error', () => {}); // emitted after the fact; the address tells it now
  try {
    socket.connect(9, host);
    const { address } = socket.address();
    return isWildcard(address) ? undefined : address;
  } catch {
    return undefined;
  } finally {
    socket.close();
  }
}

const keptMs = 60_000;
const keptHosts = 1000;

/** Remembers routes for a minute: interfaces come and go. */
export class RouteCache {
  readonly #routes = new Map<string, { host: string; untilMs: number }>();

  /** Our address towards `host`, or `fallback` when there is no route. */
  towards(host: string, fallback: string, now: number): string {
    const known = this.#routes.get(host);
    if (known && known.untilMs > now) return known.host;
    if (this.#routes.size >= keptHosts) this.#routes.clear();
    const found = localHostTowards(host) ?? fallback;
    this.#routes.set(host, { host: found, untilMs: now + keptMs });
    return found;
  }
}
