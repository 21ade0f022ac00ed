import { describe, expect, test } from 'vitest';
import { type SrtpProfile, splitKeyingMaterial } from '../../../src/dtls/endpoint.ts';
import { handshakeVectors } from '../../support/dtls-vectors.ts';

const profiles: Readonly<Record<string, SrtpProfile>> = {
  SRTP_AES128_CM_SHA1_80: 'SRTP_AES128_CM_HMAC_SHA1_80',
  SRTP_AEAD_AES_128_GCM: 'SRTP_AEAD_AES_128_GCM',
  SRTP_AEAD_AES_256_GCM: 'SRTP_AEAD_AES_256_GCM',
};
const known = handshakeVectors.flatMap((vector) => {
  const profile = profiles[vector.profile];
  return profile ? [{ ...vector, profile }] : [];
});

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}

describe('keying material is split as RFC 5764 4.2 orders it', () => {
  test.each(known)('for $profile', ({ profile, keyingMaterial, split }) => {
    const material = Buffer.from(keyingMaterial, 'hex');
    const client = splitKeyingMaterial(material, profile, 'client');
    expect([client.localKey, client.remoteKey, client.localSalt, client.remoteSalt].map(hex)).toEqual([
      split.clientKey,
      split.serverKey,
      split.clientSalt,
      split.serverSalt,
    ]);
    const server = splitKeyingMaterial(material, profile, 'server');
    expect([server.remoteKey, server.localKey, server.remoteSalt, server.localSalt]).toEqual([
      client.localKey,
      client.remoteKey,
      client.localSalt,
      client.remoteSalt,
    ]);
  });

  test('into copies, so that the material may be wiped', () => {
    const material = Buffer.from(known[0]?.keyingMaterial ?? '', 'hex');
    const { localKey } = splitKeyingMaterial(material, 'SRTP_AES128_CM_HMAC_SHA1_80', 'client');
    const before = hex(localKey);
    material.fill(0);
    expect(hex(localKey)).toBe(before);
  });
});
