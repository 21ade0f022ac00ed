/** Session keys from a master key (RFC 3711 4.3; AES-256 by RFC 6188; 12-byte salts by RFC 7714 11). */

import { createCipheriv } from 'node:crypto';
import { type SrtpProfile, srtpProfiles } from './profile.ts';

export interface PacketKeys {
  readonly key: Uint8Array;
  readonly salt: Uint8Array;
  /** HMAC-SHA1 key, 20 bytes; empty where the cipher authenticates by itself. */
  readonly authKey: Uint8Array;
}

export interface SessionKeys {
  readonly rtp: PacketKeys;
  readonly rtcp: PacketKeys;
}

// RFC 3711 4.3.1 and 4.3.2: cipher key, authentication key, salt.
const labels = { rtp: [0x00, 0x01, 0x02], rtcp: [0x03, 0x04, 0x05] } as const;

/** Throws RangeError when key or salt have not the profile's length. */
export function deriveSessionKeys(profile: SrtpProfile, masterKey: Uint8Array, masterSalt: Uint8Array): SessionKeys {
  const { keyLength, saltLength, cipher } = srtpProfiles[profile];
  if (masterKey.length !== keyLength || masterSalt.length !== saltLength) {
    throw new RangeError(`${profile} takes a key of ${keyLength} and a salt of ${saltLength} bytes`);
  }
  const keysOf = ([key, auth, salt]: readonly [number, number, number]): PacketKeys => ({
    key: derive(masterKey, masterSalt, key, keyLength),
    authKey: derive(masterKey, masterSalt, auth, cipher === 'cm' ? 20 : 0),
    salt: derive(masterKey, masterSalt, salt, saltLength),
  });
  return { rtp: keysOf(labels.rtp), rtcp: keysOf(labels.rtcp) };
}

/** One session key with a key derivation rate of 0: AES in counter mode over (label XOR salt) || 0x0000, a short salt padded with zeros. */
export function derive(masterKey: Uint8Array, masterSalt: Uint8Array, label: number, length: number): Uint8Array {
  const counter = new Uint8Array(16);
  counter.set(masterSalt);
  counter[7] = (counter[7] as number) ^ label;
  return createCipheriv(`aes-${masterKey.length * 8}-ctr`, masterKey, counter).update(new Uint8Array(length));
}
