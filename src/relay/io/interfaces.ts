/** Which addresses of this machine to bind: a reply must leave from the address that received, so a wildcard becomes a list. */

import { createSocket } from 'node:dgram';
import { networkInterfaces } from 'node:os';
import { isIpv6, isLoopback, isWildcard } from '../../base/address.ts';

/** Documentation addresses (RFC 5737, 3849): "connecting" a datagram socket to them sends nothing and asks the routing table. */
const somewhere = { v4: '192.0.2.1', v6: '2001:db8::1' };

/**
 * The addresses behind `bind`: itself, or for a wildcard every non-loopback interface address of its family (`::` means both), the
 * default route's first; loopback too when asked for or when there is nothing else.
 */
export async function expandAddress(bind: string, withLoopback: boolean): Promise<readonly string[]> {
  if (!isWildcard(bind)) return [bind];
  const addresses = interfaceAddresses().filter((host) => isIpv6(bind) || !isIpv6(host));
  const outside = addresses.filter((host) => !isLoopback(host));
  const preferred = await routedAddress(bind);
  if (preferred !== null && outside.includes(preferred)) outside.unshift(...outside.splice(outside.indexOf(preferred), 1));
  if (!withLoopback && outside.length > 0) return outside;
  return [...outside, ...addresses.filter(isLoopback)];
}

function interfaceAddresses(): readonly string[] {
  const known = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? []);
  // Link-local IPv6 needs a zone, which no candidate can carry.
  return known.filter(({ scopeid }) => !scopeid).map(({ address }) => address);
}

/** The address that the default route would send from, or null without such a route. */
function routedAddress(bind: string): Promise<string | null> {
  const v6 = isIpv6(bind);
  const socket = createSocket(v6 ? 'udp6' : 'udp4');
  return new Promise((resolve) => {
    const settle = (address: string | null): void => {
      socket.close();
      resolve(address);
    };
    socket.once('error', () => settle(null));
    socket.once('connect', () => settle(socket.address().address));
    socket.connect(9, v6 ? somewhere.v6 : somewhere.v4);
  });
}
