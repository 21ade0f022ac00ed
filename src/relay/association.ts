/**
 * The DTLS-SRTP association of a browser leg (RFC 5763): handshake, proof of the browser's identity, keys. The handshake may end
 * before the browser's description has come, and the other way round; there are keys only when both are there and agree.
 */

import { keepOctets, type Octets, readOctets } from '../base/octets.ts';
import { type Certificate, matchesFingerprint } from '../dtls/certificate.ts';
import type { DtlsConnection, DtlsDriver, DtlsEndpoint, DtlsEvents, DtlsRole, SrtpProfile } from '../dtls/endpoint.ts';
import { SrtpContext, type SrtpWindows } from '../srtp/context.ts';
import { preferredSrtpProfiles } from '../srtp/profile.ts';
import type { SrtpDriver } from '../srtp/transform.ts';
import type { Fingerprint, LegFailure } from './media-relay.ts';

/** Fits every path that carries WebRTC at all. */
const mtu = 1200;
/** The content type of a handshake record (RFC 6347 4.1): only one of these can begin an association. */
const handshakeRecord = 22;

/** What an association finds on its thread. */
export interface AssociationThread {
  readonly dtls: DtlsDriver;
  readonly srtp: SrtpDriver;
  readonly windows: SrtpWindows;
  readonly certificate: Certificate;
  /** Monotonic milliseconds. */
  readonly now: () => number;
}

export interface AssociationOut {
  sendDtls(datagram: Uint8Array): void;
  /** A handshake begins. */
  began(): void;
  established(profile: SrtpProfile, keys: SrtpKeys): void;
  /** The keys of `established` must not be used any more. */
  discarded(): void;
  /** There will be no keys. `detail` is for the log. */
  failed(reason: LegFailure, detail: string): void;
}

/** Both directions of SRTP. */
export interface SrtpKeys {
  readonly inbound: SrtpContext;
  readonly outbound: SrtpContext;
}

export class Association implements DtlsEvents {
  readonly #thread: AssociationThread;
  readonly #out: AssociationOut;
  #role: DtlsRole | null = null;
  /** What the browser's certificate has to match, until it has. */
  #fingerprints: readonly Fingerprint[] | null = null;
  #endpoint: DtlsEndpoint | null = null;
  /** Whose keys are not in use yet. */
  #connection: DtlsConnection | null = null;
  /** The browser's, once the keys are in use; DER. */
  #certificate: Octets | null = null;
  #keys: SrtpKeys | null = null;
  #over = false;

  constructor(thread: AssociationThread, out: AssociationOut) {
    this.#thread = thread;
    this.#out = out;
  }

  get deadline(): number {
    return this.#endpoint?.deadline ?? Number.POSITIVE_INFINITY;
  }

  /**
   * What the browser's description says. The role is kept once there is one, since browsers cannot change theirs; a certificate that
   * is no longer named ends the association, and a new one begins (RFC 8842 5.5).
   */
  describe(role: DtlsRole, fingerprints: readonly Fingerprint[]): void {
    this.#role ??= role;
    if (this.#certificate && !matchesFingerprint(readOctets(this.#certificate), fingerprints)) this.#discard();
    if (!this.#certificate) this.#fingerprints = fingerprints;
    this.#establish();
  }

  /** There is a path: as client, this is when the handshake begins. */
  start(): void {
    if (this.#role === 'client' && !this.#endpoint && !this.#over) this.#create('client').start();
  }

  receive(datagram: Uint8Array): void {
    if (this.#over) return;
    if (!this.#endpoint && this.#role !== 'client' && datagram[0] === handshakeRecord) this.#create('server');
    this.#endpoint?.receive(datagram);
  }

  expire(): void {
    if (this.deadline <= this.#thread.now()) this.#endpoint?.expire();
  }

  /** Says close_notify and gives the keys back. Idempotent. */
  close(): void {
    this.#over = true;
    this.#discard();
  }

  // What the endpoint has to say.

  send(datagram: Uint8Array): void {
    this.#out.sendDtls(datagram);
  }

  connected(connection: DtlsConnection): void {
    this.#connection = connection;
    this.#establish();
  }

  /** There will be no keys, whether the endpoint says so or its connection is not the browser's. */
  failed(reason: LegFailure, detail: string): void {
    this.close();
    this.#out.failed(reason, detail);
  }

  #create(role: DtlsRole): DtlsEndpoint {
    const { dtls, certificate, now } = this.#thread;
    this.#role = role;
    this.#out.began();
    const endpoint = dtls.create({ role, certificate, profiles: preferredSrtpProfiles, mtu, now }, this);
    this.#endpoint = endpoint;
    return endpoint;
  }

  #establish(): void {
    const connection = this.#connection;
    if (!connection || !this.#fingerprints) return;
    if (!matchesFingerprint(connection.remoteCertificate, this.#fingerprints)) {
      this.failed('dtls-fingerprint-mismatch', 'the certificate is not the one that the description names');
      return;
    }
    this.#connection = null;
    this.#fingerprints = null;
    this.#certificate = keepOctets(connection.remoteCertificate);
    const { profile, localKey, localSalt, remoteKey, remoteSalt } = connection;
    const { srtp: driver, windows } = this.#thread;
    this.#keys = {
      inbound: new SrtpContext({ profile, masterKey: remoteKey, masterSalt: remoteSalt, role: 'unprotect', driver, windows }),
      outbound: new SrtpContext({ profile, masterKey: localKey, masterSalt: localSalt, role: 'protect', driver, windows }),
    };
    this.#out.established(profile, this.#keys);
  }

  #discard(): void {
    const endpoint = this.#endpoint;
    this.#endpoint = null;
    this.#connection = null;
    this.#certificate = null;
    endpoint?.close();
    if (!this.#keys) return;
    this.#keys.inbound.close();
    this.#keys.outbound.close();
    this.#keys = null;
    this.#out.discarded();
  }
}
