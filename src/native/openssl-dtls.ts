/**
 * DTLS 1.2 sessions over memory BIOs (RFC 6347). The peer's chain is never built or trusted: OpenSSL checks that the peer owns
 * the key of the certificate that it shows (CertificateVerify, ServerKeyExchange) and the Finished; whose certificate it is, the
 * fingerprint tells.
 */

import koffi from 'koffi';
import { InvariantError } from '../base/errors.ts';
import { type DtlsIdentity, dtlsContext, dtlsTimer } from './openssl-dtls-context.ts';
import { bind, clearErrors, must, type Pointer, takeErrors } from './openssl-library.ts';

export interface DtlsSessionOptions {
  readonly role: 'client' | 'server';
  readonly identity: DtlsIdentity;
  /** OpenSSL's names, joined by colons, in order of preference. */
  readonly srtpProfiles: string;
  /** Largest record in bytes, header included: at least 256. */
  readonly mtu: number;
}

export type HandshakeStep = 'pending' | 'done' | 'failed';

const sslNew = bind<(context: Pointer) => Pointer>('uintptr_t SSL_new(uintptr_t)');
const sslFree = bind<(ssl: Pointer) => void>('void SSL_free(uintptr_t)');
const setBio = bind<(ssl: Pointer, input: Pointer, output: Pointer) => void>('void SSL_set_bio(uintptr_t, uintptr_t, uintptr_t)');
const inputOf = bind<(ssl: Pointer) => Pointer>('uintptr_t SSL_get_rbio(uintptr_t)');
const outputOf = bind<(ssl: Pointer) => Pointer>('uintptr_t SSL_get_wbio(uintptr_t)');
const setAcceptState = bind<(ssl: Pointer) => void>('void SSL_set_accept_state(uintptr_t)');
const setConnectState = bind<(ssl: Pointer) => void>('void SSL_set_connect_state(uintptr_t)');
const setUseSrtp = bind<(ssl: Pointer, profiles: string) => number>('int SSL_set_tlsext_use_srtp(uintptr_t, const char *)');
const sslCtrl = bind<(ssl: Pointer, command: number, value: number, data: BigInt64Array | null) => number>(
  'long SSL_ctrl(uintptr_t, int, long, void *)',
);
const setTimerCallback = bind<(ssl: Pointer, timer: bigint) => void>('void DTLS_set_timer_cb(uintptr_t, void *)');
const doHandshake = bind<(ssl: Pointer) => number>('int SSL_do_handshake(uintptr_t)');
const sslShutdown = bind<(ssl: Pointer) => number>('int SSL_shutdown(uintptr_t)');
const getError = bind<(ssl: Pointer, result: number) => number>('int SSL_get_error(uintptr_t, int)');
const pendingCipher = bind<(ssl: Pointer) => Pointer>('uintptr_t SSL_get_pending_cipher(uintptr_t)');
const selectedSrtpProfile = bind<(ssl: Pointer) => Pointer>('uintptr_t SSL_get_selected_srtp_profile(uintptr_t)');
const exportKeyingMaterial = bind<
  (ssl: Pointer, into: Uint8Array, length: number, label: string, labelLength: number, context: null, size: number, use: number) => number
>('int SSL_export_keying_material(uintptr_t, uint8_t *, size_t, const char *, size_t, void *, size_t, int)');
const peerCertificate = bind<(ssl: Pointer) => Pointer>('uintptr_t SSL_get1_peer_certificate(uintptr_t)');
const x509Free = bind<(certificate: Pointer) => void>('void X509_free(uintptr_t)');
const writeX509 = bind<(bio: Pointer, certificate: Pointer) => number>('int i2d_X509_bio(uintptr_t, uintptr_t)');
const bioNew = bind<(method: Pointer) => Pointer>('uintptr_t BIO_new(uintptr_t)');
const bioFree = bind<(bio: Pointer) => number>('int BIO_free(uintptr_t)');
const bioCtrl = bind<(bio: Pointer, command: number, value: number, data: null) => number>('long BIO_ctrl(uintptr_t, int, long, void *)');
const bioPending = bind<(bio: Pointer) => number>('size_t BIO_ctrl_pending(uintptr_t)');
const bioWrite = bind<(bio: Pointer, bytes: Uint8Array, length: number) => number>('int BIO_write(uintptr_t, const uint8_t *, int)');
const bioRead = bind<(bio: Pointer, into: Uint8Array, length: number) => number>('int BIO_read(uintptr_t, uint8_t *, int)');
const memoryBio = bind<() => Pointer>('uintptr_t BIO_s_mem()')();

// Values of macros in ssl.h and bio.h; they are part of OpenSSL's stable ABI.
const SSL_CTRL_SET_MTU = 17;
const DTLS_CTRL_GET_TIMEOUT = 73;
const DTLS_CTRL_HANDLE_TIMEOUT = 74;
const SSL_ERROR_WANT_READ = 2;
const SSL_ERROR_WANT_WRITE = 3;
const BIO_CTRL_RESET = 1;
const BIO_C_SET_BUF_MEM_EOF_RETURN = 130;

/** struct srtp_protection_profile_st { const char *name; unsigned long id; } */
const srtpProfileIdOffset = 8;
const exporterLabel = 'EXTRACTOR-dtls_srtp';
const mostBytesOfDatagram = 16_384;
const timeout = new BigInt64Array(2);

export class DtlsSession {
  #ssl: Pointer;
  #failure = '';

  /** Throws when OpenSSL cannot read the certificate or key, or knows no such profile. */
  constructor(options: DtlsSessionOptions) {
    this.#ssl = must(sslNew(dtlsContext(options.identity)), 'SSL_new');
    setBio(this.#ssl, memory(), memory());
    try {
      configure(this.#ssl, options);
    } catch (error) {
      this.free();
      throw error;
    }
  }

  /** What ended the handshake, after a step said `failed`. */
  get failure(): string {
    return this.#failure;
  }

  /** Whether the hellos went through without a common SRTP profile, which ends the handshake on this side or on the other. */
  get lacksProfile(): boolean {
    return pendingCipher(this.#live) !== 0 && this.srtpProfile === 0;
  }

  /** Hands over one whole datagram for the next step; what an earlier one left unread is dropped. */
  feed(datagram: Uint8Array): void {
    if (datagram.length === 0 || datagram.length > mostBytesOfDatagram) return;
    const input = inputOf(this.#live);
    bioCtrl(input, BIO_CTRL_RESET, 0, null);
    bioWrite(input, datagram, datagram.length);
  }

  handshakeStep(): HandshakeStep {
    clearErrors();
    return this.#outcome(doHandshake(this.#live));
  }

  /** Retransmits the last flight if OpenSSL's own timer says so; `failed` after the last attempt. */
  retransmit(): HandshakeStep {
    clearErrors();
    const result = sslCtrl(this.#live, DTLS_CTRL_HANDLE_TIMEOUT, 0, null);
    if (result >= 0) return 'pending';
    this.#failure = takeErrors() || 'handshake timed out';
    return 'failed';
  }

  /** Milliseconds until `retransmit()` is due, at least 1; Infinity when nothing waits for an answer. */
  get timeoutMs(): number {
    if (sslCtrl(this.#live, DTLS_CTRL_GET_TIMEOUT, 0, timeout) !== 1) return Number.POSITIVE_INFINITY;
    const [seconds = 0n, micros = 0n] = timeout;
    return Math.max(1, Number(seconds) * 1000 + Math.ceil(Number(micros) / 1000));
  }

  /** The records that wait to be sent, joined; empty when there are none. */
  takeOutput(): Uint8Array {
    return drain(outputOf(this.#live));
  }

  /** The number of the negotiated SRTP profile (RFC 5764 4.1.2), 0 if there is none. */
  get srtpProfile(): number {
    const profile = selectedSrtpProfile(this.#live);
    return profile === 0 ? 0 : (koffi.decode.ulong(profile + srtpProfileIdOffset) as number);
  }

  /** Keying material for SRTP (RFC 5764 4.2), `length` in bytes: 1 .. 255. */
  exportSrtpKeys(length: number): Uint8Array {
    if (length < 1 || length > 255) throw new RangeError('keying material of 1 to 255 bytes');
    const material = new Uint8Array(length);
    must(exportKeyingMaterial(this.#live, material, length, exporterLabel, exporterLabel.length, null, 0, 0), 'the key exporter');
    return material;
  }

  /** DER; empty if the peer showed none, which no handshake that is done allows. */
  get peerCertificate(): Uint8Array {
    const certificate = peerCertificate(this.#live);
    if (certificate === 0) return new Uint8Array(0);
    const bio = memory();
    writeX509(bio, certificate);
    const der = drain(bio);
    bioFree(bio);
    x509Free(certificate);
    return der;
  }

  /** After the handshake: queues close_notify. */
  shutdown(): void {
    sslShutdown(this.#live);
    clearErrors();
  }

  /** Gives everything back; nothing else may be called afterwards. Idempotent. */
  free(): void {
    if (this.#ssl !== 0) sslFree(this.#ssl);
    this.#ssl = 0;
  }

  #outcome(result: number): HandshakeStep {
    if (result === 1) return 'done';
    const error = getError(this.#live, result);
    if (error === SSL_ERROR_WANT_READ || error === SSL_ERROR_WANT_WRITE) return 'pending';
    this.#failure = takeErrors() || `SSL error ${error}`;
    return 'failed';
  }

  /** The session, while there is one: C would crash where this throws. */
  get #live(): Pointer {
    if (this.#ssl === 0) throw new InvariantError('DTLS session used after free');
    return this.#ssl;
  }
}

function configure(ssl: Pointer, options: DtlsSessionOptions): void {
  // This one function says 0 for success.
  must(1 - setUseSrtp(ssl, options.srtpProfiles), `SRTP profiles ${options.srtpProfiles}`);
  must(sslCtrl(ssl, SSL_CTRL_SET_MTU, options.mtu, null), `MTU ${options.mtu}`);
  setTimerCallback(ssl, dtlsTimer);
  if (options.role === 'server') setAcceptState(ssl);
  else setConnectState(ssl);
}

/** An empty memory BIO that says "try again" when it is drained, and not "end of file". */
function memory(): Pointer {
  const bio = must(bioNew(memoryBio), 'BIO_new');
  bioCtrl(bio, BIO_C_SET_BUF_MEM_EOF_RETURN, -1, null);
  return bio;
}

function drain(bio: Pointer): Uint8Array {
  const bytes = new Uint8Array(bioPending(bio));
  if (bytes.length > 0) bioRead(bio, bytes, bytes.length);
  return bytes;
}
