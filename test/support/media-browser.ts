/** The media half of a browser: ICE checks, a DTLS handshake, SRTP. Real datagrams, no signalling. */

import { createSocket, type Socket } from 'node:dgram';
import type { SocketAddress } from '../../src/base/address.ts';
import { Alarm, systemClock } from '../../src/base/clock.ts';
import { systemRandom } from '../../src/base/random.ts';
import { type Certificate, createCertificate } from '../../src/dtls/certificate.ts';
import type { DtlsConnection, DtlsEndpoint, DtlsRole, SrtpProfile } from '../../src/dtls/endpoint.ts';
import { opensslDriver } from '../../src/dtls/openssl.ts';
import type { BrowserLegRemote, IceCredentials, LegMedia } from '../../src/relay/media-relay.ts';
import { parseRtcp, type RtcpPacket } from '../../src/rtp/rtcp.ts';
import { SrtpContext } from '../../src/srtp/context.ts';
import { addFingerprint, addIntegrity, integrityKey } from '../../src/stun/integrity.ts';
import { parseStun, stunAttribute, writeStun } from '../../src/stun/message.ts';
import { parseRtp, type RtpPacket } from './rtp-peer.ts';
import { until } from './until.ts';

const allProfiles: readonly SrtpProfile[] = ['SRTP_AES128_CM_HMAC_SHA1_80', 'SRTP_AEAD_AES_256_GCM', 'SRTP_AEAD_AES_128_GCM'];

export interface MediaBrowserOptions {
  readonly host?: string;
  readonly role?: DtlsRole;
  readonly profiles?: readonly SrtpProfile[];
  /** Sends this certificate and not the one whose fingerprint `describe` gives. */
  readonly impostor?: boolean;
}

export class MediaBrowser {
  readonly packets: RtpPacket[] = [];
  readonly rtcp: RtcpPacket[] = [];
  /** Datagrams as they came, whatever they were. */
  readonly datagrams: Uint8Array[] = [];
  readonly iceUfrag = systemRandom.token(4);
  /** What the description says about the certificate. */
  readonly certificate: Certificate = createCertificate(systemRandom, Date.now(), 'browser');
  connection: DtlsConnection | null = null;
  /** Takes DTLS in place of the browser's own. */
  handshaker: ((datagram: Uint8Array) => void) | null = null;
  readonly #options: MediaBrowserOptions;
  readonly #endpoint: DtlsEndpoint;
  readonly #alarm: Alarm;
  readonly #confirmed = new Set<string>();
  #socket: Socket;
  #gateway: { ice: IceCredentials; candidate: SocketAddress } | null = null;
  #inbound: SrtpContext | null = null;
  #outbound: SrtpContext | null = null;

  private constructor(socket: Socket, options: MediaBrowserOptions) {
    this.#options = options;
    this.#socket = socket;
    this.#listen();
    this.#alarm = new Alarm(systemClock, () => this.#step(() => this.#endpoint.expire()));
    const certificate = options.impostor ? createCertificate(systemRandom, Date.now(), 'impostor') : this.certificate;
    this.#endpoint = opensslDriver.create(
      { role: options.role ?? 'client', certificate, profiles: options.profiles ?? allProfiles, mtu: 1200, now: systemClock.now },
      {
        send: (datagram) => this.sendBytes(datagram),
        connected: (connection) => this.#connected(connection),
        failed: () => {},
      },
    );
  }

  static async open(options: MediaBrowserOptions = {}): Promise<MediaBrowser> {
    return new MediaBrowser(await bind(options.host ?? '127.0.0.1'), options);
  }

  get address(): SocketAddress {
    return { host: this.#socket.address().address, port: this.#socket.address().port };
  }

  /** What the gateway's description says. */
  point(ice: IceCredentials, candidate: SocketAddress): void {
    this.#gateway = { ice, candidate };
  }

  /** What this browser's description says. */
  describe(media: LegMedia, ourRole: DtlsRole = 'client'): BrowserLegRemote {
    const dtlsRole = ourRole === 'client' ? 'server' : 'client';
    return { ...media, dtlsRole, fingerprints: [this.certificate.fingerprint], iceUfrag: this.iceUfrag };
  }

  /** Sends one connectivity check; resolves when it is answered. */
  async check({ nominate = true, ufrag = this.iceUfrag, withinMs = 2000 } = {}): Promise<void> {
    const { ice } = this.#target();
    const transactionId = systemRandom.bytes(12);
    const username = { type: stunAttribute.username, value: Buffer.from(`${ice.ufrag}:${ufrag}`) };
    const controlling = { type: stunAttribute.iceControlling, value: new Uint8Array(8) };
    const useCandidate = { type: stunAttribute.useCandidate, value: new Uint8Array(0) };
    const attributes = [username, controlling, ...(nominate ? [useCandidate] : [])];
    const request = writeStun({ messageClass: 'request', method: 1, transactionId, attributes });
    this.sendBytes(addFingerprint(addIntegrity(request, integrityKey(ice.pwd))));
    const key = Buffer.from(transactionId).toString('hex');
    await until('an answer to the check', () => this.#confirmed.has(key), withinMs);
  }

  startHandshake(): void {
    this.#step(() => this.#endpoint.start());
  }

  /** A check and a handshake, as after an exchange of descriptions. */
  async connect(): Promise<void> {
    await this.check();
    this.startHandshake();
    await until('the end of the handshake', () => this.connection !== null);
  }

  /** Protects and sends a plain RTP packet; returns the protected bytes. */
  sendRtp(bytes: Uint8Array): Uint8Array {
    return this.#sendProtected(bytes, (context, buffer) => context.protectRtp(buffer, 0, bytes.length));
  }

  sendRtcp(bytes: Uint8Array): Uint8Array {
    return this.#sendProtected(bytes, (context, buffer) => context.protectRtcp(buffer, 0, bytes.length));
  }

  sendBytes(bytes: Uint8Array): void {
    const { candidate } = this.#target();
    this.#socket.send(bytes, candidate.port, candidate.host);
  }

  /** Goes on from another port, as a browser does that changes its network. */
  async move(): Promise<void> {
    const former = this.#socket;
    this.#socket = await bind(this.#options.host ?? '127.0.0.1');
    this.#listen();
    former.close();
  }

  /** Sends and hears nothing more by itself. */
  fallSilent(): void {
    this.#socket.removeAllListeners('message');
    this.#alarm.close();
  }

  /** Protects what it sends from now on with keys that nobody knows. */
  loseKeys(): void {
    if (!this.connection) throw new Error('the browser has no keys yet');
    const { profile, localKey, localSalt } = this.connection;
    this.#outbound = new SrtpContext({ profile, masterKey: systemRandom.bytes(localKey.length), masterSalt: localSalt, role: 'protect' });
  }

  close(): void {
    this.#alarm.close();
    this.#endpoint.close();
    this.#socket.close();
  }

  #target(): { ice: IceCredentials; candidate: SocketAddress } {
    if (!this.#gateway) throw new Error('the browser has no description of the gateway');
    return this.#gateway;
  }

  #listen(): void {
    this.#socket.on('message', (datagram) => this.#receive(new Uint8Array(datagram)));
  }

  #receive(datagram: Uint8Array): void {
    this.datagrams.push(datagram.slice());
    const first = datagram[0] ?? 0;
    if (first < 4) {
      const answer = parseStun(datagram);
      if (answer?.messageClass === 'success') this.#confirmed.add(Buffer.from(answer.transactionId).toString('hex'));
    } else if (first < 64 && this.handshaker) this.handshaker(datagram);
    else if (first < 64) this.#step(() => this.#endpoint.receive(datagram));
    else if (((datagram[1] ?? 0) & 0xe0) === 0xc0) this.#receiveRtcp(datagram);
    else this.#receiveRtp(datagram);
  }

  #receiveRtp(datagram: Uint8Array): void {
    const length = this.#inbound?.unprotectRtp(datagram, 0, datagram.length) ?? -1;
    if (length > 0) this.packets.push(parseRtp(datagram.subarray(0, length)));
  }

  #receiveRtcp(datagram: Uint8Array): void {
    const length = this.#inbound?.unprotectRtcp(datagram, 0, datagram.length) ?? -1;
    if (length > 0) this.rtcp.push(...(parseRtcp(datagram.subarray(0, length)) ?? []));
  }

  #connected(connection: DtlsConnection): void {
    const { profile, localKey, localSalt, remoteKey, remoteSalt } = connection;
    this.connection = connection;
    this.#outbound = new SrtpContext({ profile, masterKey: localKey, masterSalt: localSalt, role: 'protect' });
    this.#inbound = new SrtpContext({ profile, masterKey: remoteKey, masterSalt: remoteSalt, role: 'unprotect' });
  }

  #sendProtected(bytes: Uint8Array, protect: (context: SrtpContext, buffer: Uint8Array) => number): Uint8Array {
    if (!this.#outbound) throw new Error('the browser has no keys yet');
    const buffer = new Uint8Array(bytes.length + 64);
    buffer.set(bytes);
    const sealed = buffer.subarray(0, protect(this.#outbound, buffer));
    this.sendBytes(sealed);
    return sealed;
  }

  #step(act: () => void): void {
    act();
    this.#alarm.arm(this.#endpoint.deadline);
  }
}

async function bind(host: string): Promise<Socket> {
  const socket = createSocket(host.includes(':') ? 'udp6' : 'udp4');
  await new Promise<void>((resolve) => socket.bind(0, host, resolve));
  return socket;
}
