/** Socket addresses as Linux lays them out (struct sockaddr_in, struct sockaddr_in6), in bytes. */

import { isIpv6, type SocketAddress } from '../base/address.ts';

const afInet = 2;
const afInet6 = 10;

/** Room for either kind, on an 8-byte border. */
export const sockaddrSlotBytes = 32;
const ipv4Bytes = 16;
/** Length of the longer kind. */
export const maxSockaddrBytes = 28;

export function familyOf(host: string): number {
  return isIpv6(host) ? afInet6 : afInet;
}

/** The length that the kernel wants for an address that begins with this family. */
export function sockaddrLength(family: number): number {
  return family === afInet ? ipv4Bytes : maxSockaddrBytes;
}

export function writeSockaddr(bytes: Uint8Array, at: number, { host, port }: SocketAddress): void {
  const v6 = isIpv6(host);
  bytes.fill(0, at, at + sockaddrSlotBytes);
  bytes[at] = familyOf(host);
  bytes[at + 2] = port >>> 8;
  bytes[at + 3] = port;
  if (v6) bytes.set(ipv6Bytes(host), at + 8);
  else bytes.set(host.split('.').map(Number), at + 4);
}

export function readSockaddr(bytes: Uint8Array, at: number): SocketAddress {
  const port = ((bytes[at + 2] as number) << 8) | (bytes[at + 3] as number);
  if (bytes[at] === afInet) return { host: bytes.subarray(at + 4, at + 8).join('.'), port };
  return { host: ipv6Text(bytes.subarray(at + 8, at + 24)), port };
}

/** The 16 bytes of an IPv6 literal that `isIpv6` has accepted (RFC 4291 2.2), zone left out. */
function ipv6Bytes(host: string): Uint8Array {
  const literal = host.split('%')[0] ?? host;
  const [head = '', tail] = literal.split('::');
  const before = hextets(head);
  const after = tail === undefined ? [] : hextets(tail);
  const bytes = new Uint8Array(16);
  for (const [index, byte] of before.entries()) bytes[index] = byte;
  for (const [index, byte] of after.entries()) bytes[16 - after.length + index] = byte;
  return bytes;
}

function hextets(text: string): number[] {
  if (text === '') return [];
  return text.split(':').flatMap((group) => {
    if (group.includes('.')) return group.split('.').map(Number);
    const value = Number.parseInt(group, 16);
    return [value >>> 8, value & 255];
  });
}

/** RFC 5952, as node:net and node:dgram print it: the longest run of zero groups is shortened. */
function ipv6Text(bytes: Uint8Array): string {
  const groups = Array.from({ length: 8 }, (_, index) => ((bytes[index * 2] as number) << 8) | (bytes[index * 2 + 1] as number));
  let best = { at: 0, length: 1 };
  for (let at = 0; at < 8; at++) {
    let length = 0;
    while (at + length < 8 && groups[at + length] === 0) length++;
    if (length > best.length) best = { at, length };
  }
  const text = groups.map((group) => group.toString(16));
  if (best.length < 2) return text.join(':');
  return `${text.slice(0, best.at).join(':')}::${text.slice(best.at + best.length).join(':')}`;
}
