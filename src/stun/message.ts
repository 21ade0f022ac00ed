/** STUN messages (RFC 8489 5 and 14): what an ICE agent reads and answers. */

import { ByteWriter, readU16, readU32 } from '../base/bytes.ts';

export const stunHeaderLength = 20;
const magicCookie = 0x2112a442;

export type StunClass = 'request' | 'indication' | 'success' | 'error';

const classes: readonly StunClass[] = ['request', 'indication', 'success', 'error'];

export const bindingMethod = 0x001;

/** Attribute types (RFC 8489 18.3, RFC 8445 16.1). Those below 0x8000 must be understood by whoever receives them. */
export const stunAttribute = {
  username: 0x0006,
  messageIntegrity: 0x0008,
  errorCode: 0x0009,
  unknownAttributes: 0x000a,
  xorMappedAddress: 0x0020,
  priority: 0x0024,
  useCandidate: 0x0025,
  software: 0x8022,
  fingerprint: 0x8028,
  iceControlled: 0x8029,
  iceControlling: 0x802a,
} as const;

export interface StunAttribute {
  readonly type: number;
  /** Without padding; a view into the message. */
  readonly value: Uint8Array;
}

export interface StunMessage {
  /** The whole message as received. */
  readonly bytes: Uint8Array;
  readonly messageClass: StunClass;
  readonly method: number;
  /** 12 bytes. */
  readonly transactionId: Uint8Array;
  /** In order; what follows MESSAGE-INTEGRITY is not covered by it and left out (RFC 8489 14.5). */
  readonly attributes: readonly StunAttribute[];
  /** Where MESSAGE-INTEGRITY and FINGERPRINT begin, or -1. */
  readonly integrityOffset: number;
  readonly fingerprintOffset: number;
}

/** Reads one message that fills `bytes`; null for anything else. Never throws. */
export function parseStun(bytes: Uint8Array): StunMessage | null {
  if (bytes.length < stunHeaderLength) return null;
  const type = readU16(bytes, 0);
  const length = readU16(bytes, 2);
  if (type >= 0x4000 || length % 4 !== 0 || length !== bytes.length - stunHeaderLength || readU32(bytes, 4) !== magicCookie) return null;
  const body = readAttributes(bytes);
  if (!body) return null;
  return {
    bytes,
    messageClass: classes[((type >> 7) & 2) | ((type >> 4) & 1)] as StunClass,
    method: ((type >> 2) & 0xf80) | ((type >> 1) & 0x70) | (type & 0x0f),
    transactionId: bytes.subarray(8, stunHeaderLength),
    ...body,
  };
}

type StunBody = Pick<StunMessage, 'attributes' | 'integrityOffset' | 'fingerprintOffset'>;

function readAttributes(bytes: Uint8Array): StunBody | null {
  const attributes: StunAttribute[] = [];
  let integrityOffset = -1;
  let fingerprintOffset = -1;
  let next: number;
  for (let at = stunHeaderLength; at < bytes.length; at = next) {
    // The length of a message is a multiple of 4, so a type and a length are always there.
    const type = readU16(bytes, at);
    const length = readU16(bytes, at + 2);
    next = at + 4 + length + (-length & 3);
    if (next > bytes.length) return null;
    if (type === stunAttribute.fingerprint) {
      if (length !== 4 || next !== bytes.length) return null;
      fingerprintOffset = at;
    } else if (integrityOffset >= 0) {
    } else if (type === stunAttribute.messageIntegrity) {
      if (length !== 20) return null;
      integrityOffset = at;
    } else {
      attributes.push({ type, value: bytes.subarray(at + 4, at + 4 + length) });
    }
  }
  return { attributes, integrityOffset, fingerprintOffset };
}

/** The value of the first attribute of `type`: repetitions are ignored (RFC 8489 14). */
export function attributeOf(message: StunMessage, type: number): Uint8Array | undefined {
  return message.attributes.find((attribute) => attribute.type === type)?.value;
}

/** Writes a message without MESSAGE-INTEGRITY and FINGERPRINT: stun/integrity adds those. */
export function writeStun(message: Pick<StunMessage, 'messageClass' | 'method' | 'transactionId' | 'attributes'>): Uint8Array {
  const { method, transactionId } = message;
  const messageClass = classes.indexOf(message.messageClass);
  const type = ((method & 0xf80) << 2) | ((method & 0x70) << 1) | (method & 0x0f) | ((messageClass & 2) << 7) | ((messageClass & 1) << 4);
  const writer = new ByteWriter(128).u16(type).u16(0).u32(magicCookie).raw(transactionId);
  for (const { type: attribute, value } of message.attributes) {
    writer.u16(attribute).u16(value.length).raw(value);
    for (let padding = -value.length & 3; padding > 0; padding--) writer.u8(0);
  }
  writer.patchU16(2, writer.length - stunHeaderLength);
  return writer.view();
}
