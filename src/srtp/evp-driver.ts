/**
 * The fast SRTP driver: OpenSSL's ciphers inside Node. Importing it throws where there is no FFI. Of a packet in the memory that is
 * shared with C, up to 96 bytes behind its end are overwritten; other packets are worked on as copies there.
 */

import { hmacSha1Of } from '../native/openssl-cipher.ts';
import { EvpAesCmTransform } from './evp-aes-cm.ts';
import { EvpAesGcmTransform } from './evp-aes-gcm.ts';
import { srtpProfiles } from './profile.ts';
import type { SrtpDriver } from './transform.ts';

export const evpDriver: SrtpDriver = {
  name: 'evp',
  hmacSha1: hmacSha1Of,
  createTransform: (profile, keys) => (srtpProfiles[profile].cipher === 'cm' ? new EvpAesCmTransform(keys) : new EvpAesGcmTransform(keys)),
};
