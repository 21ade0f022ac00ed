/** Handshakes recorded between OpenSSL's s_client and s_server, with the keys that both exported. */

import { readFileSync } from 'node:fs';

export interface HandshakeVector {
  readonly profile: string;
  readonly prfHash: string;
  readonly clientRandom: string;
  readonly serverRandom: string;
  readonly masterSecret: string;
  readonly label: string;
  readonly keyingMaterial: string;
  readonly split: { readonly clientKey: string; readonly serverKey: string; readonly clientSalt: string; readonly serverSalt: string };
  readonly flightPackets: ReadonlyArray<{ readonly dir: 'client' | 'server'; readonly hex: string }>;
}

const file = new URL('../fixtures/vectors/dtls-srtp-exporter-openssl.json', import.meta.url);

export const handshakeVectors = (JSON.parse(readFileSync(file, 'utf8')) as { vectors: readonly HandshakeVector[] }).vectors;
