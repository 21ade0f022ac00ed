/** Sets of hosts by address and subnet (RFC 4632, RFC 4291 section 2.3). */

import { isIpAddress, isIpv6 } from '../base/address.ts';

interface Subnet {
  readonly bits: bigint;
  readonly hostBits: bigint;
  readonly ipv6: boolean;
}

export class HostSet {
  readonly #subnets: readonly Subnet[];

  /** `203.0.113.9`, `203.0.113.0/24`, `2001:db8::/32`; anything else throws. */
  constructor(sources: readonly string[]) {
    this.#subnets = sources.map(parseSubnet);
  }

  /** False for anything but an IP literal. */
  has(host: string): boolean {
    if (!isIpAddress(host)) return false;
    const ipv6 = isIpv6(host);
    const bits = addressBits(host);
    return this.#subnets.some((subnet) => subnet.ipv6 === ipv6 && bits >> subnet.hostBits === subnet.bits);
  }
}

function parseSubnet(source: string): Subnet {
  const slash = source.indexOf('/');
  const host = slash < 0 ? source : source.slice(0, slash);
  const ipv6 = isIpv6(host);
  const width = ipv6 ? 128 : 32;
  const prefix = slash < 0 ? width : Number(source.slice(slash + 1));
  if (!isIpAddress(host) || !(prefix >= 0 && prefix <= width)) throw new Error(`no address or subnet: ${source}`);
  const hostBits = BigInt(width - prefix);
  return { bits: addressBits(host) >> hostBits, hostBits, ipv6 };
}

/** The address as a number. `host` is an IP literal. */
function addressBits(host: string): bigint {
  if (!isIpv6(host)) return bitsOf(host.split('.').map(Number), 8n);
  const [head = '', tail] = expandTail(host).split('::');
  const front = groups(head);
  const back = groups(tail ?? '');
  const middle = tail === undefined ? [] : new Array<number>(8 - front.length - back.length).fill(0);
  return bitsOf([...front, ...middle, ...back], 16n);
}

/** An IPv4 tail (`::ffff:192.0.2.1`) as two groups. */
function expandTail(host: string): string {
  if (!host.includes('.')) return host;
  const colon = host.lastIndexOf(':') + 1;
  const bits = bitsOf(host.slice(colon).split('.').map(Number), 8n);
  return `${host.slice(0, colon)}${(bits >> 16n).toString(16)}:${(bits & 0xffffn).toString(16)}`;
}

function groups(text: string): number[] {
  return text === '' ? [] : text.split(':').map((group) => Number.parseInt(group, 16));
}

function bitsOf(parts: readonly number[], width: bigint): bigint {
  return parts.reduce((bits, part) => (bits << width) | BigInt(part), 0n);
}
