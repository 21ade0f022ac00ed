/** Proves at start that the native parts work on this platform before anything depends on them. */

import { DtlsSession } from './openssl-dtls.ts';
import type { DtlsIdentity } from './openssl-dtls-context.ts';

const profile = { name: 'SRTP_AEAD_AES_128_GCM', id: 7, materialLength: 56 };

/** One handshake from memory to memory, with the caller's certificate on both sides. Throws and says what did not work. */
export function testOpensslDtls(identity: DtlsIdentity): void {
  const open = (role: 'client' | 'server'): DtlsSession => new DtlsSession({ role, identity, srtpProfiles: profile.name, mtu: 1200 });
  const client = open('client');
  const server = open('server');
  try {
    shakeHands(client, server);
    compare(client, server, identity.certDer);
  } finally {
    client.free();
    server.free();
  }
}

/** Two datagrams that are held up for longer than OpenSSL waits cross each other: then its timers have to set things right. */
const patienceMs = 3000;

function shakeHands(client: DtlsSession, server: DtlsSession): void {
  let [asking, answering] = [client, server];
  let done = 0;
  for (const end = performance.now() + patienceMs; done < 2 && performance.now() < end; ) {
    const step = asking.handshakeStep();
    if (step === 'failed') throw new Error(`the handshake failed: ${asking.failure}`);
    if (step === 'done') done++;
    else if (!(asking.timeoutMs <= 1000)) throw new Error('no retransmission timer runs');
    else asking.retransmit();
    answering.feed(asking.takeOutput());
    [asking, answering] = [answering, asking];
  }
  if (done < 2) throw new Error('the handshake does not end');
}

function compare(client: DtlsSession, server: DtlsSession, certDer: Uint8Array): void {
  const sides = [client, server];
  if (!sides.every((side) => side.srtpProfile === profile.id)) throw new Error('the SRTP profile is read wrongly');
  if (!sides.every((side) => equal(side.peerCertificate, certDer))) throw new Error('the certificate is read wrongly');
  if (!equal(client.exportSrtpKeys(profile.materialLength), server.exportSrtpKeys(profile.materialLength)))
    throw new Error('the keys differ');
}

function equal(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0;
}
