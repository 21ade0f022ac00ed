/** werift's bare DTLS as a peer that can be made to lie: it holds a certificate without its key, or sends a wrong Finished. */

import { createPrivateKey } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import { DtlsClient, DtlsServer, HashAlgorithm, SignatureAlgorithm } from 'werift';
import type { Certificate } from '../../src/dtls/certificate.ts';
import type { DtlsRole } from '../../src/dtls/endpoint.ts';
import { pem } from './dtls-openssl-peer.ts';
import type { Party } from './dtls-party.ts';

export interface Lies {
  readonly certificate: Certificate;
  /** The key it signs with; its own unless stolen. */
  readonly signsWith?: Certificate;
  readonly wrongFinished?: boolean;
  /** A client that leaves CertificateVerify out. */
  readonly silentAboutKey?: boolean;
}

export interface WeriftPeer {
  /** Whether it takes itself for connected. */
  readonly connected: boolean;
  start(): void;
  close(): void;
}

type Receiver = (data: Buffer, from: readonly [string, number]) => void;

export function weriftPeer(role: DtlsRole, party: Party, lies: Lies): WeriftPeer {
  let open = true;
  const address: AddressInfo = { address: '127.0.0.1', family: 'IPv4', port: 1 };
  const transport = {
    type: 'memory',
    address,
    closed: false,
    onData: (() => {}) as Receiver,
    send: async (data: Buffer): Promise<void> => {
      const copy = Uint8Array.from(data);
      if (open) setImmediate(() => party.receive(copy));
    },
    close: async (): Promise<void> => {},
  };
  const options = {
    transport,
    srtpProfiles: [7 as const, 1 as const],
    cert: pem('CERTIFICATE', lies.certificate.certDer),
    key: pkcs8(lies.signsWith ?? lies.certificate),
    signatureHash: { hash: HashAlgorithm.sha256_4, signature: SignatureAlgorithm.ecdsa_3 },
    certificateRequest: role === 'server',
    extendedMasterSecret: true,
  };
  const socket = role === 'client' ? new DtlsClient(options) : new DtlsServer(options);
  if (lies.wrongFinished) socket.cipher.verifyData = () => Buffer.alloc(12, 7);
  if (lies.silentAboutKey) keepSilentAboutKey(socket as DtlsClient);
  party.deliver = (datagram) => {
    const copy = Buffer.from(datagram);
    setImmediate(() => {
      try {
        if (open) transport.onData(copy, ['127.0.0.1', 2]);
      } catch {
        // What werift cannot read is no concern of the endpoint under test.
      }
    });
  };
  return {
    get connected() {
      return socket.connected;
    },
    start: () => {
      if (socket instanceof DtlsClient) socket.connect().catch(() => {});
    },
    close: () => {
      open = false;
      socket.dtls.flight = Number.POSITIVE_INFINITY;
    },
  };
}

function pkcs8({ keyDer }: Certificate): string {
  return createPrivateKey({ key: Buffer.from(keyDer), format: 'der', type: 'sec1' })
    .export({ type: 'pkcs8', format: 'pem' })
    .toString();
}

function keepSilentAboutKey(client: DtlsClient): void {
  const handle = client.onHandleHandshakes;
  client.onHandleHandshakes = (messages) => {
    const handled = handle(messages);
    const { flight5 } = client as unknown as { flight5?: { sendCertificateVerify: () => boolean } };
    if (flight5) flight5.sendCertificateVerify = () => false;
    return handled;
  };
}
