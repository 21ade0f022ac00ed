/** The packets and keys that all SRTP subjects are measured with. */

import { type SrtpProfile, srtpProfiles } from '../../src/srtp/profile.ts';

const headerLength = 12;
const payloadLength = 160;
export const clearLength = headerLength + payloadLength;

/** A packet and the largest tag fit. */
export const stride = 192;

/** Every packet of a turn lies ready, so that unprotecting needs no copy. */
export const maxPackets = 32_768;

export interface MasterKeys {
  readonly masterKey: Uint8Array;
  readonly masterSalt: Uint8Array;
}

export function masterKeys(profile: SrtpProfile): MasterKeys {
  const { keyLength, saltLength } = srtpProfiles[profile];
  return {
    masterKey: Uint8Array.from({ length: keyLength }, (_, at) => at * 7 + 1),
    masterSalt: Uint8Array.from({ length: saltLength }, (_, at) => 0xa0 + at),
  };
}

/** `count` clear PCMU packets of one source in order, one each `stride` bytes. */
export function clearPackets(count: number): Buffer {
  const packets = Buffer.alloc(count * stride);
  for (let at = 0; at < count; at++) {
    const offset = at * stride;
    packets.writeUInt16BE(0x8000, offset);
    packets.writeUInt16BE(at, offset + 2);
    packets.writeUInt32BE(at * payloadLength, offset + 4);
    packets.writeUInt32BE(0xcafebabe, offset + 8);
    packets.fill(at, offset + headerLength, offset + clearLength);
  }
  return packets;
}

export const operationNames: Readonly<Record<SrtpProfile, string>> = {
  SRTP_AES128_CM_HMAC_SHA1_80: 'AES-CM-128, SHA1-80',
  SRTP_AEAD_AES_128_GCM: 'AES-128-GCM',
  SRTP_AEAD_AES_256_GCM: 'AES-256-GCM',
};
