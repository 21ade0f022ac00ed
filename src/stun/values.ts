/** Attribute values with a structure of their own: XOR-MAPPED-ADDRESS, ERROR-CODE, UNKNOWN-ATTRIBUTES (RFC 8489 14). */

import { isIP } from 'node:net';
import type { SocketAddress } from '../base/address.ts';
import { ByteWriter, readU16, writeU16 } from '../base/bytes.ts';
import { type StunAttribute, stunAttribute } from './message.ts';

// The first half of what an address is XORed with: magic cookie, then transaction ID (RFC 8489 14.2).
const cookie = [0x21, 0x12, 0xa4, 0x42];

/** Throws RangeError if `address.host` is not an IP literal. */
export function xorMappedAddress(address: SocketAddress, transactionId: Uint8Array): StunAttribute {
  const host = hostBytes(address.host);
  const writer = new ByteWriter(20)
    .u16(host.length === 4 ? 1 : 2)
    .u16(address.port ^ 0x2112)
    .raw(xored(host, transactionId));
  return { type: stunAttribute.xorMappedAddress, value: writer.view() };
}

/** Reads the value of an XOR-MAPPED-ADDRESS; null if it is not one. */
export function readXorMappedAddress(value: Uint8Array, transactionId: Uint8Array): SocketAddress | null {
  const family = value[1];
  if (!(family === 1 && value.length === 8) && !(family === 2 && value.length === 20)) return null;
  return { host: printHost(xored(value.subarray(4), transactionId)), port: readU16(value, 2) ^ 0x2112 };
}

export type StunErrorCode = 400 | 401 | 420 | 487;

const reasons: Readonly<Record<StunErrorCode, string>> = {
  400: 'Bad Request',
  401: 'Unauthenticated',
  420: 'Unknown Attribute',
  487: 'Role Conflict',
};

export function errorCode(code: StunErrorCode): StunAttribute {
  const writer = new ByteWriter(24)
    .u16(0)
    .u8(Math.floor(code / 100))
    .u8(code % 100)
    .raw(Buffer.from(reasons[code], 'ascii'));
  return { type: stunAttribute.errorCode, value: writer.view() };
}

/** The code of an ERROR-CODE value, 300 .. 699, or null. */
export function readErrorCode(value: Uint8Array): number | null {
  if (value.length < 4) return null;
  const code = ((value[2] as number) & 7) * 100 + (value[3] as number);
  return code >= 300 && code <= 699 && (value[3] as number) < 100 ? code : null;
}

export function unknownAttributes(types: readonly number[]): StunAttribute {
  const value = new Uint8Array(types.length * 2);
  for (const [i, type] of types.entries()) writeU16(value, i * 2, type);
  return { type: stunAttribute.unknownAttributes, value };
}

function xored(host: Uint8Array, transactionId: Uint8Array): Uint8Array {
  return host.map((byte, i) => byte ^ ((i < 4 ? cookie[i] : transactionId[i - 4]) as number));
}

/** 4 or 16 bytes of an IP literal; a zone is left out. */
function hostBytes(host: string): Uint8Array {
  const family = isIP(host);
  if (family === 4) return Uint8Array.from(host.split('.'), Number);
  if (family === 6) return ipv6Bytes(host);
  throw new RangeError(`not an IP address: ${host}`);
}

function ipv6Bytes(host: string): Uint8Array {
  const [literal = ''] = host.split('%');
  const [head = '', tail] = literal.split('::');
  const before = groupBytes(head);
  const after = groupBytes(tail ?? '');
  const bytes = new Uint8Array(16);
  bytes.set(before);
  bytes.set(after, 16 - after.length);
  return bytes;
}

/** Groups of an IPv6 literal without `::`; the last may be an IPv4 literal. */
function groupBytes(groups: string): number[] {
  if (groups === '') return [];
  return groups.split(':').flatMap((group) => {
    if (group.includes('.')) return group.split('.').map(Number);
    const value = Number.parseInt(group, 16);
    return [value >> 8, value & 0xff];
  });
}

function printHost(bytes: Uint8Array): string {
  if (bytes.length === 4) return bytes.join('.');
  const groups = Array.from({ length: 8 }, (_, i) => readU16(bytes, i * 2).toString(16));
  return canonicalIpv6(groups.join(':'));
}

/** Shortened as sockets print it (RFC 5952). */
function canonicalIpv6(host: string): string {
  return new URL(`http://[${host}]`).hostname.slice(1, -1);
}
