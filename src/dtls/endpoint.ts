/** One DTLS-SRTP association (RFC 5763, 5764) as the relay sees it: datagrams in, datagrams out, SRTP keys when the handshake ends. */

import type { Certificate } from './certificate.ts';

/** RFC 5764 4.1.2 and RFC 7714 14.2, by the names that OpenSSL and the relay use. */
export type SrtpProfile = 'SRTP_AES128_CM_HMAC_SHA1_80' | 'SRTP_AEAD_AES_128_GCM' | 'SRTP_AEAD_AES_256_GCM';

export type DtlsRole = 'client' | 'server';

export type DtlsFailure = 'dtls-no-common-profile' | 'dtls-handshake-failed' | 'dtls-timeout';

/** Nothing in here throws for what a peer sent: hostile datagrams are dropped, or end the handshake with `failed`. */
export interface DtlsEndpoint {
  /**
   * When `expire()` is due, in milliseconds of the `now` option; Infinity when no retransmission is pending, or the driver runs
   * timers of its own. Changes only while one of the methods below runs.
   */
  readonly deadline: number;
  /** Sends the first ClientHello. Without effect in the server role, and the second time. */
  start(): void;
  /** Takes one whole datagram; it is read during the call and not kept. */
  receive(datagram: Uint8Array): void;
  /** Retransmits what was not answered, or fails the handshake for good. */
  expire(): void;
  /** Sends close_notify if connected, and forgets everything. Idempotent; no event follows. */
  close(): void;
}

/**
 * May be called while one of the endpoint's own methods runs. After `failed` only `close()` is left to do. That the peer says
 * close_notify is not told: signalling and consent end calls.
 */
export interface DtlsEvents {
  /** One datagram for the peer, at most `mtu` bytes, the receiver's to keep. */
  send(datagram: Uint8Array): void;
  /** The handshake ended well: the peer owns the key of `remoteCertificate`. Its fingerprint is the listener's to check. */
  connected(connection: DtlsConnection): void;
  /** The handshake cannot end well. `detail` is for the log. */
  failed(reason: DtlsFailure, detail: string): void;
}

/** Master keys and salts of both directions (RFC 5764 4.2); local is what we protect with. */
export interface DtlsConnection {
  readonly profile: SrtpProfile;
  readonly localKey: Uint8Array;
  readonly localSalt: Uint8Array;
  readonly remoteKey: Uint8Array;
  readonly remoteSalt: Uint8Array;
  /** The peer's certificate, DER: see `matchesFingerprint`. */
  readonly remoteCertificate: Uint8Array;
  /** close_notify as one datagram: what `close()` will send. */
  readonly goodbye: Uint8Array;
}

export interface DtlsOptions {
  readonly role: DtlsRole;
  readonly certificate: Certificate;
  /** In order of preference; the server's order decides. */
  readonly profiles: readonly SrtpProfile[];
  /** Largest datagram to send in bytes, 256 .. 1400. */
  readonly mtu: number;
  /** Monotonic milliseconds. */
  readonly now: () => number;
}

export interface DtlsDriver {
  readonly name: 'openssl' | 'werift';
  /** Steps of handshakes that another thread is at. Its word waits for the end of a turn of this one, so that turns should be short. */
  readonly pending: number;
  create(options: DtlsOptions, events: DtlsEvents): DtlsEndpoint;
}

interface SrtpProfileShape {
  /** The number on the wire. */
  readonly id: number;
  /** Master key length in bytes. */
  readonly keyLength: number;
  /** Master salt length in bytes. */
  readonly saltLength: number;
}

/** RFC 5764 4.1.2; RFC 7714 12 and 14.2. */
export const srtpProfiles: Readonly<Record<SrtpProfile, SrtpProfileShape>> = {
  SRTP_AES128_CM_HMAC_SHA1_80: { id: 0x0001, keyLength: 16, saltLength: 14 },
  SRTP_AEAD_AES_128_GCM: { id: 0x0007, keyLength: 16, saltLength: 12 },
  SRTP_AEAD_AES_256_GCM: { id: 0x0008, keyLength: 32, saltLength: 12 },
};

/** Splits the exporter's output: client key, server key, client salt, server salt (RFC 5764 4.2). */
export function splitKeyingMaterial(
  material: Uint8Array,
  profile: SrtpProfile,
  role: DtlsRole,
): Pick<DtlsConnection, 'localKey' | 'localSalt' | 'remoteKey' | 'remoteSalt'> {
  const { keyLength, saltLength } = srtpProfiles[profile];
  const salts = 2 * keyLength;
  const part = (start: number, length: number): Uint8Array => Uint8Array.from(material.subarray(start, start + length));
  const client = { key: part(0, keyLength), salt: part(salts, saltLength) };
  const server = { key: part(keyLength, keyLength), salt: part(salts + saltLength, saltLength) };
  const [local, remote] = role === 'client' ? [client, server] : [server, client];
  return { localKey: local.key, localSalt: local.salt, remoteKey: remote.key, remoteSalt: remote.salt };
}
