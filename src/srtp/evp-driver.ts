/** The fast SRTP driver: OpenSSL's ciphers inside Node. Importing it throws where there is no FFI. */

import { EvpAesCmTransform } from './evp-aes-cm.ts';
import { EvpAesGcmTransform } from './evp-aes-gcm.ts';
import { srtpProfiles } from './profile.ts';
import type { SrtpDriver } from './transform.ts';

export const evpDriver: SrtpDriver = {
  name: 'evp',
  createTransform: (profile, keys) => (srtpProfiles[profile].cipher === 'cm' ? new EvpAesCmTransform(keys) : new EvpAesGcmTransform(keys)),
};
