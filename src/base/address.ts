/** Transport addresses as plain values: an IP literal (IPv6 without brackets) and a port. */

import { BlockList, isIP } from 'node:net';

export interface SocketAddress {
  /** IPv4 or IPv6 literal, IPv6 without brackets. */
  readonly host: string;
  /** 0 .. 65535 */
  readonly port: number;
}

/** `host:port`, IPv6 in brackets. */
export function formatAddress(address: SocketAddress): string {
  return `${formatHost(address.host)}:${address.port}`;
}

/** The host as it stands in a URI or Via: IPv6 in brackets. */
export function formatHost(host: string): string {
  return host.includes(':') ? `[${host}]` : host;
}

/** Reads `host:port` or `[v6]:port`; undefined for anything else. Host names pass: check with `isIpAddress` where a literal is due. */
export function parseAddress(text: string): SocketAddress | undefined {
  const colon = text.lastIndexOf(':');
  if (colon < 1) return undefined;
  const port = parsePort(text.slice(colon + 1));
  let host = text.slice(0, colon);
  if (host.startsWith('[') && host.endsWith(']')) {
    host = host.slice(1, -1);
    if (isIP(host) !== 6) return undefined;
  } else if (host.includes(':')) return undefined;
  return port === undefined ? undefined : { host, port };
}

export function parsePort(text: string): number | undefined {
  if (!/^[0-9]{1,5}$/.test(text)) return undefined;
  const port = Number(text);
  return port <= 65535 ? port : undefined;
}

export function isIpAddress(host: string): boolean {
  return isIP(host) !== 0;
}

export function isIpv6(host: string): boolean {
  return isIP(host) === 6;
}

const loopback = blockList(['127.0.0.0/8', '::1/128']);
const privateRanges = blockList([
  '10.0.0.0/8',
  '172.16.0.0/12',
  '192.168.0.0/16',
  '100.64.0.0/10',
  '169.254.0.0/16',
  'fc00::/7',
  'fe80::/10',
]);

function blockList(subnets: readonly string[]): BlockList {
  const list = new BlockList();
  for (const subnet of subnets) {
    const slash = subnet.indexOf('/');
    const net = subnet.slice(0, slash);
    list.addSubnet(net, Number(subnet.slice(slash + 1)), isIP(net) === 6 ? 'ipv6' : 'ipv4');
  }
  return list;
}

function listed(list: BlockList, host: string): boolean {
  const family = isIP(host);
  return family !== 0 && list.check(host, family === 6 ? 'ipv6' : 'ipv4');
}

export function isLoopback(host: string): boolean {
  return listed(loopback, host);
}

/** RFC 1918, 6598, 3927, 4193 and link-local addresses, loopback included: not reachable from the public Internet. */
export function isPrivateAddress(host: string): boolean {
  return isLoopback(host) || listed(privateRanges, host);
}

export function isWildcard(host: string): boolean {
  return host === '0.0.0.0' || host === '::';
}

/** The 4 or 16 bytes of an IP literal; an IPv6 zone is left out. Throws RangeError for anything else. */
export function hostBytes(host: string): Uint8Array {
  const family = isIP(host);
  if (family === 0) throw new RangeError(`not an IP address: ${host}`);
  return Uint8Array.from(family === 6 ? ipv6Bytes(host) : host.split('.').map(Number));
}

/** The bytes as a packet of that version has them: IPv4 within IPv6 as a mapped address (RFC 4291 section 2.5.5.2). */
export function hostBytesWithin(host: string, version: 4 | 6): Uint8Array {
  return hostBytes(version === 6 && !isIpv6(host) ? `::ffff:${host}` : host);
}

function ipv6Bytes(host: string): number[] {
  const [literal = ''] = host.split('%');
  const [head = '', tail = ''] = literal.split('::');
  const before = groupBytes(head);
  const after = groupBytes(tail);
  return [...before, ...new Array<number>(16 - before.length - after.length).fill(0), ...after];
}

/** Groups of an IPv6 literal without `::`; the last may be an IPv4 literal (RFC 4291 section 2.2). */
function groupBytes(groups: string): number[] {
  if (groups === '') return [];
  return groups.split(':').flatMap((group) => {
    if (group.includes('.')) return group.split('.').map(Number);
    const value = Number.parseInt(group, 16);
    return [value >> 8, value & 0xff];
  });
}
