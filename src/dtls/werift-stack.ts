/**
 * werift's DTLS as a machine for making flights and keys, and nothing else: whole messages that were examined go in, records come
 * out. Its parser, reassembly, verification and timers have no part in it.
 */

import { createPrivateKey } from 'node:crypto';
import { DtlsClient, DtlsServer, type DtlsSocket, HashAlgorithm, SignatureAlgorithm } from 'werift';
import { readU16 } from '../base/bytes.ts';
import type { Certificate } from './certificate.ts';
import { recordHeaderLength, writeRecord } from './datagrams.ts';
import { type DtlsOptions, srtpProfiles } from './endpoint.ts';
import type { HandshakeView, Offer } from './examination.ts';
import { fragmentHeaderLength, type HandshakeMessage, writeFragment } from './handshake-messages.ts';

export interface WeriftEvents {
  /** The joined records of one flight, none of them sealed. */
  wrote(records: Uint8Array): void;
  connected(): void;
  failed(error: unknown): void;
}

type SocketOptions = ConstructorParameters<typeof DtlsSocket>[0];
type WeriftMessages = Parameters<DtlsSocket['onHandleHandshakes']>[0];
type WeriftRecord = Parameters<DtlsSocket['cipher']['encryptPacket']>[0];

const flightWithServerHello = 4;
/** Past every flight: werift's retransmission loops end when they see it. */
const noMoreFlights = 99;

export class WeriftStack implements HandshakeView {
  /** What werift 0.24 can take: x25519 and P-256; SHA-256 with RSA and ECDSA. */
  readonly offer: Offer;
  readonly #events: WeriftEvents;
  readonly #socket: DtlsClient | DtlsServer;
  readonly #options: SocketOptions;
  readonly #encrypt: (record: WeriftRecord) => WeriftRecord;
  /** werift sends a flight again by handing over the same buffers. */
  readonly #known = new WeakSet<Uint8Array>();
  #written: Uint8Array[] = [];
  #closed = false;

  constructor({ role, certificate, profiles }: DtlsOptions, events: WeriftEvents) {
    const ids = profiles.map((profile) => srtpProfiles[profile].id);
    const suites = role === 'server' ? [0xc02b] : [0xc02b, 0xc02f];
    this.offer = { suites, groups: [29, 23], signatures: [0x0403], srtpProfiles: ids };
    this.#events = events;
    this.#options = {
      transport: this.#transport(),
      srtpProfiles: ids as NonNullable<SocketOptions['srtpProfiles']>,
      ...pemOf(certificate),
      signatureHash: { hash: HashAlgorithm.sha256_4, signature: SignatureAlgorithm.ecdsa_3 },
      certificateRequest: role === 'server',
      extendedMasterSecret: true,
    };
    this.#socket = role === 'server' ? new DtlsServer(this.#options) : new DtlsClient(this.#options);
    // What werift seals once could not be sent twice: a peer drops a record whose number it has seen.
    const { cipher } = this.#socket;
    this.#encrypt = cipher.encryptPacket.bind(cipher);
    cipher.encryptPacket = (record) => record;
    this.#socket.onConnect.subscribe(() => this.#unlessClosed(() => events.connected()));
  }

  /** Makes the first ClientHello. */
  start(): void {
    if (this.#socket instanceof DtlsClient) this.#watch(this.#socket.connect());
  }

  accept(message: HandshakeMessage): void {
    this.#watch(this.#socket.onHandleHandshakes([weriftMessage(message)] as unknown as WeriftMessages));
  }

  /** For a server whose client does not know the extension. */
  withoutExtendedMasterSecret(): void {
    this.#options.extendedMasterSecret = false;
  }

  /** Whether the client's cookie was right, so that the flight with the ServerHello was made. */
  get saidHello(): boolean {
    return this.#socket.dtls.flight === flightWithServerHello;
  }

  get hasKeys(): boolean {
    return (this.#socket.cipher.cipher as unknown) !== undefined;
  }

  /** Whether our own ChangeCipherSpec is out: what we send is sealed from then on. */
  get seals(): boolean {
    return this.#socket.dtls.epoch > 0;
  }

  /** The number of the agreed SRTP profile. */
  get srtpProfile(): number {
    return this.#socket.srtp.srtpProfile ?? 0;
  }

  exportSrtpKeys(length: number): Uint8Array {
    return this.#socket.exportKeyingMaterial('EXTRACTOR-dtls_srtp', length);
  }

  transcript(): Uint8Array {
    return Buffer.concat(this.#socket.dtls.sortedHandshakeCache.map((message) => message.serialize()));
  }

  randoms(): Uint8Array {
    const { localRandom, remoteRandom } = this.#socket.cipher;
    const [client, server] = this.#socket instanceof DtlsClient ? [localRandom, remoteRandom] : [remoteRandom, localRandom];
    return Buffer.concat([client.serialize(), server.serialize()]);
  }

  masterSecret(): Uint8Array {
    return this.#socket.cipher.masterSecret;
  }

  /** The content of a sealed record; undefined if it is not the peer's. */
  open(record: Uint8Array): Uint8Array | undefined {
    try {
      return this.#socket.cipher.decryptPacket(weriftRecord(record));
    } catch {
      return undefined;
    }
  }

  /** Seals a record of epoch 1; its number must not have been used before. */
  seal(type: number, sequence: number, content: Uint8Array): Uint8Array {
    const { fragment } = this.#encrypt(weriftRecord(writeRecord(type, 1, sequence, content)));
    return writeRecord(type, 1, sequence, fragment);
  }

  close(): void {
    this.#closed = true;
    this.#socket.dtls.flight = noMoreFlights;
  }

  #transport(): SocketOptions['transport'] {
    return {
      type: 'offhook',
      address: { address: '0.0.0.0', family: 'IPv4', port: 0 },
      closed: false,
      onData: () => {},
      send: async (records) => this.#write(records),
      close: async () => {},
    };
  }

  /** A flight is written message by message, all within one turn. */
  #write(records: Uint8Array): void {
    if (this.#closed || this.#known.has(records)) return;
    this.#known.add(records);
    this.#written.push(records);
    if (this.#written.length > 1) return;
    queueMicrotask(() => {
      const flight = Buffer.concat(this.#written);
      this.#written = [];
      this.#unlessClosed(() => this.#events.wrote(flight));
    });
  }

  #watch(handled: Promise<void>): void {
    handled.catch((error: unknown) => this.#unlessClosed(() => this.#events.failed(error)));
  }

  #unlessClosed(action: () => void): void {
    if (!this.#closed) action();
  }
}

function pemOf({ certDer, keyDer }: Certificate): { cert: string; key: string } {
  const key = createPrivateKey({ key: Buffer.from(keyDer), format: 'der', type: 'sec1' });
  const base64 = Buffer.from(certDer).toString('base64');
  const cert = `-----BEGIN CERTIFICATE-----\n${base64}\n-----END CERTIFICATE-----\n`;
  return { cert, key: key.export({ type: 'pkcs8', format: 'pem' }).toString() };
}

/** The shape that werift's handlers read. */
function weriftMessage({ type, sequence, body }: HandshakeMessage): object {
  const { length } = body;
  const bytes = Buffer.from(writeFragment({ type, sequence, length, offset: 0, body }));
  const fragment = bytes.subarray(fragmentHeaderLength);
  return { msg_type: type, length, message_seq: sequence, fragment_offset: 0, fragment_length: length, fragment, serialize: () => bytes };
}

function weriftRecord(record: Uint8Array): WeriftRecord {
  const content = Buffer.from(record.subarray(recordHeaderLength));
  const recordLayerHeader = {
    contentType: record[0] as number,
    protocolVersion: { major: record[1] as number, minor: record[2] as number },
    epoch: readU16(record, 3),
    sequenceNumber: Buffer.from(record.subarray(5, 11)).readUIntBE(0, 6),
    contentLen: content.length,
  };
  return { recordLayerHeader, fragment: content } as unknown as WeriftRecord;
}
