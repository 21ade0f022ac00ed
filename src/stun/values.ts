/** Attribute values with a structure of their own: XOR-MAPPED-ADDRESS, ERROR-CODE, UNKNOWN-ATTRIBUTES (RFC 8489 14). */

import { hostBytes, type SocketAddress } from '../base/address.ts';
import { ByteWriter, writeU16 } from '../base/bytes.ts';
import { type StunAttribute, stunAttribute } from './message.ts';

// What addresses are XORed with is the magic cookie, then the transaction ID (RFC 8489 14.2).
const cookie = [0x21, 0x12, 0xa4, 0x42];

/** Throws RangeError if `address.host` is not an IP literal. */
export function xorMappedAddress(address: SocketAddress, transactionId: Uint8Array): StunAttribute {
  const host = hostBytes(address.host);
  const value = new Uint8Array(4 + host.length);
  value[1] = host.length === 4 ? 1 : 2;
  writeU16(value, 2, address.port ^ 0x2112);
  for (let i = 0; i < host.length; i++) {
    const mask = i < cookie.length ? cookie[i] : transactionId[i - cookie.length];
    value[4 + i] = (host[i] as number) ^ (mask as number);
  }
  return { type: stunAttribute.xorMappedAddress, value };
}

/** The errors that an agent answers authentic requests with. */
export type StunErrorCode = 420 | 487;

const reasons: Readonly<Record<StunErrorCode, string>> = { 420: 'Unknown Attribute', 487: 'Role Conflict' };

export function errorCode(code: StunErrorCode): StunAttribute {
  const reason = Buffer.from(reasons[code], 'ascii');
  const writer = new ByteWriter(24).u16(0).u8(Math.floor(code / 100));
  return {
    type: stunAttribute.errorCode,
    value: writer
      .u8(code % 100)
      .raw(reason)
      .view(),
  };
}

export function unknownAttributes(types: readonly number[]): StunAttribute {
  const value = new Uint8Array(types.length * 2);
  for (const [i, type] of types.entries()) writeU16(value, i * 2, type);
  return { type: stunAttribute.unknownAttributes, value };
}
