/** Session keys from a master key (RFC 3711 4.3; AES-256 by RFC 6188; 12-byte salts by RFC 7714 11). */

import { CounterMode } from './counter-mode.ts';
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
  const stream = new CounterMode(masterKey, masterSalt);
  const keysOf = ([key, auth, salt]: readonly [number, number, number]): PacketKeys => ({
    key: derive(stream, key, keyLength),
    authKey: derive(stream, auth, cipher === 'cm' ? 20 : 0),
    salt: derive(stream, salt, saltLength),
  });
  return { rtp: keysOf(labels.rtp), rtcp: keysOf(labels.rtcp) };
}

/** With a key derivation rate of 0: the key stream for a label in the place of the SSRC, and index 0. A short salt is padded with zeros. */
export function derive(stream: CounterMode, label: number, length: number): Uint8Array {
  const key = new Uint8Array(length);
  stream.apply(key, 0, length, label, 0);
  return key;
}
