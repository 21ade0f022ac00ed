import { createPrivateKey, generateKeyPairSync, sign } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { seededRandom } from '../../../src/base/random.ts';
import { createCertificate } from '../../../src/dtls/certificate.ts';
import { finishedData, isSignedBy, prf, sameBytes } from '../../../src/dtls/proof.ts';
import { handshakeVectors } from '../../support/dtls-vectors.ts';

const data = Buffer.from('what was said');
const { certDer, keyDer } = createCertificate(seededRandom(1), 0);
const key = createPrivateKey({ key: Buffer.from(keyDer), format: 'der', type: 'sec1' });
const signature = sign('sha256', data, key);
const ecdsa = 0x0403;

describe('a signature', () => {
  test('of the certificate’s key over the same bytes counts', () => {
    expect(isSignedBy(certDer, { scheme: ecdsa, signature }, data)).toBe(true);
    expect(isSignedBy(certDer, { scheme: ecdsa, signature }, data.subarray(0, 4), data.subarray(4))).toBe(true);
  });

  test.each([
    ['over other bytes', certDer, { scheme: ecdsa, signature }, Buffer.from('something else')],
    [
      'of another key',
      certDer,
      { scheme: ecdsa, signature: sign('sha256', data, generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey) },
      data,
    ],
    ['under the name of another scheme', certDer, { scheme: 0x0401, signature }, data],
    ['under an unknown scheme', certDer, { scheme: 0x0808, signature }, data],
    ['of no bytes', certDer, { scheme: ecdsa, signature: new Uint8Array(0) }, data],
    ['beside a certificate that cannot be read', new Uint8Array(20), { scheme: ecdsa, signature }, data],
  ])('%s does not count', (_what, certificate, signed, bytes) => {
    expect(isSignedBy(certificate, signed, bytes)).toBe(false);
  });
});

describe('the pseudorandom function', () => {
  test.each(handshakeVectors.filter((vector) => vector.prfHash === 'sha256'))(
    'gives the keying material that OpenSSL exported: $profile',
    (vector) => {
      const bytes = (hex: string): Buffer => Buffer.from(hex, 'hex');
      const randoms = Buffer.concat([bytes(vector.clientRandom), bytes(vector.serverRandom)]);
      const material = prf(bytes(vector.masterSecret), vector.label, randoms, vector.keyingMaterial.length / 2);
      expect(Buffer.from(material).toString('hex')).toBe(vector.keyingMaterial);
    },
  );

  test('tells the two Finished apart', () => {
    const client = finishedData(data, 'client', data);
    expect(client).toHaveLength(12);
    expect(sameBytes(client, finishedData(data, 'server', data))).toBe(false);
    expect(sameBytes(client, finishedData(data, 'client', data))).toBe(true);
    expect(sameBytes(client, client.subarray(1))).toBe(false);
  });
});
