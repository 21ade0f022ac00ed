/** The portable SRTP driver: node:crypto alone. */

import { nodeHmacSha1 } from '../base/hmac.ts';
import { AesCmTransform } from './aes-cm.ts';
import { AesGcmTransform } from './aes-gcm.ts';
import { srtpProfiles } from './profile.ts';
import type { SrtpDriver } from './transform.ts';

export const nodeDriver: SrtpDriver = {
  name: 'node',
  hmacSha1: nodeHmacSha1,
  createTransform: (profile, keys) => (srtpProfiles[profile].cipher === 'cm' ? new AesCmTransform(keys) : new AesGcmTransform(keys)),
};
