/** The default DTLS driver: OpenSSL's own, over memory BIOs. Importing it throws where there is no FFI. */

import { invariant } from '../base/errors.ts';
import { keepOctets, type Octets, readOctets } from '../base/octets.ts';
import { DtlsSession } from '../native/openssl-dtls.ts';
import { holdsSealedHandshake, isPlausible, splitDatagrams } from './datagrams.ts';
import {
  type DtlsConnection,
  type DtlsDriver,
  type DtlsEndpoint,
  type DtlsEvents,
  type DtlsFailure,
  type DtlsOptions,
  type SrtpProfile,
  splitKeyingMaterial,
  srtpProfiles,
} from './endpoint.ts';

const opensslNames: Readonly<Record<SrtpProfile, string>> = {
  SRTP_AES128_CM_HMAC_SHA1_80: 'SRTP_AES128_CM_SHA1_80',
  SRTP_AEAD_AES_128_GCM: 'SRTP_AEAD_AES_128_GCM',
  SRTP_AEAD_AES_256_GCM: 'SRTP_AEAD_AES_256_GCM',
};

export const opensslDriver: DtlsDriver = {
  name: 'openssl',
  pending: 0,
  create: (options, events) => new OpensslEndpoint(options, events),
};

/** `finished`: failed; nothing but `close` is left. */
type State = 'handshaking' | 'connected' | 'finished' | 'closed';

/**
 * Every method first asks OpenSSL for all it needs and then tells the listener, who may close the endpoint at any event.
 *
 * DTLS-SRTP has nothing to say between its handshake and its end, and a session takes 40 kB. So it is given back as soon as the
 * keys are there, and what may have to be said later is made before that.
 */
class OpensslEndpoint implements DtlsEndpoint {
  readonly #options: DtlsOptions;
  readonly #events: DtlsEvents;
  readonly #session: DtlsSession;
  #state: State = 'handshaking';
  #deadline = Number.POSITIVE_INFINITY;
  #started = false;
  /** Sealed already: what a peer that missed it asks for again, and our close_notify. */
  #lastFlight: Octets = '';
  #goodbye: Octets = '';

  constructor(options: DtlsOptions, events: DtlsEvents) {
    const { role, mtu, certificate: identity } = options;
    const names = options.profiles.map((profile) => opensslNames[profile]).join(':');
    this.#options = options;
    this.#events = events;
    this.#session = new DtlsSession({ role, identity, srtpProfiles: names, mtu });
  }

  get deadline(): number {
    return this.#deadline;
  }

  start(): void {
    if (this.#options.role === 'server' || this.#started || this.#state !== 'handshaking') return;
    this.#started = true;
    this.#handshake();
  }

  receive(datagram: Uint8Array): void {
    if (!isPlausible(datagram)) return;
    if (this.#state === 'handshaking') {
      this.#session.feed(datagram);
      this.#handshake();
    } else if (this.#state === 'connected' && holdsSealedHandshake(datagram)) {
      // RFC 6347 4.2.4: a repeated Finished means that our last flight was lost.
      this.#send(readOctets(this.#lastFlight));
    }
  }

  expire(): void {
    if (this.#state !== 'handshaking' || this.#deadline > this.#options.now()) return;
    if (this.#session.retransmit() === 'failed') this.#fail('dtls-timeout');
    else this.#wait();
  }

  close(): void {
    const state = this.#state;
    this.#state = 'closed';
    const last = state === 'handshaking' ? this.#release() : readOctets(this.#goodbye);
    this.#goodbye = '';
    for (const datagram of splitDatagrams(last, this.#options.mtu)) this.#events.send(datagram);
  }

  #handshake(): void {
    const step = this.#session.handshakeStep();
    if (step === 'pending') this.#wait();
    else if (step === 'done') this.#connect();
    else this.#fail(this.#session.lacksProfile ? 'dtls-no-common-profile' : 'dtls-handshake-failed');
  }

  #wait(): void {
    this.#deadline = this.#options.now() + this.#session.timeoutMs;
    this.#send(this.#session.takeOutput());
  }

  #connect(): void {
    const agreed = this.#agreed();
    const flight = this.#session.takeOutput();
    this.#session.shutdown();
    const goodbye = this.#release();
    this.#goodbye = keepOctets(goodbye);
    // A client's last flight was answered.
    if (this.#options.role === 'server') this.#lastFlight = keepOctets(flight);
    this.#state = 'connected';
    this.#send(flight);
    if (this.#state === 'connected') this.#events.connected({ ...agreed, goodbye });
  }

  #fail(reason: DtlsFailure): void {
    const detail = this.#session.failure;
    this.#state = 'finished';
    this.#send(this.#release());
    if (this.#state === 'finished') this.#events.failed(reason, detail);
  }

  #agreed(): Omit<DtlsConnection, 'goodbye'> {
    const { role, profiles } = this.#options;
    const id = this.#session.srtpProfile;
    const profile = profiles.find((candidate) => srtpProfiles[candidate].id === id);
    invariant(profile, 'OpenSSL agreed on an SRTP profile that was not offered');
    const { keyLength, saltLength } = srtpProfiles[profile];
    const material = this.#session.exportSrtpKeys(2 * (keyLength + saltLength));
    return { profile, ...splitKeyingMaterial(material, profile, role), remoteCertificate: this.#session.peerCertificate };
  }

  /** Frees the session and returns the records that it still had to send. */
  #release(): Uint8Array {
    const records = this.#session.takeOutput();
    this.#deadline = Number.POSITIVE_INFINITY;
    this.#session.free();
    return records;
  }

  #send(records: Uint8Array): void {
    for (const datagram of splitDatagrams(records, this.#options.mtu)) if (this.#state !== 'closed') this.#events.send(datagram);
  }
}
