/** What all DTLS sessions with one certificate share: an SSL_CTX with protocol versions, suites, limits, the key and the two callbacks. */

import { bind, callback, must, type Pointer } from './openssl-library.ts';

const contextNew = bind<(method: Pointer) => Pointer>('uintptr_t SSL_CTX_new(uintptr_t)');
const contextFree = bind<(context: Pointer) => void>('void SSL_CTX_free(uintptr_t)');
const dtlsMethod = bind<() => Pointer>('uintptr_t DTLS_method()');
const contextCtrl = bind<(context: Pointer, command: number, value: number, data: string | null) => number>(
  'long SSL_CTX_ctrl(uintptr_t, int, long, const char *)',
);
const setCipherList = bind<(context: Pointer, list: string) => number>('int SSL_CTX_set_cipher_list(uintptr_t, const char *)');
const setOptions = bind<(context: Pointer, options: number) => number>('uint64_t SSL_CTX_set_options(uintptr_t, uint64_t)');
const setVerify = bind<(context: Pointer, mode: number, each: null) => void>('void SSL_CTX_set_verify(uintptr_t, int, void *)');
const setVerifyCallback = bind<(context: Pointer, verify: bigint, argument: null) => void>(
  'void SSL_CTX_set_cert_verify_callback(uintptr_t, void *, void *)',
);
const useCertificate = bind<(context: Pointer, length: number, der: Uint8Array) => number>(
  'int SSL_CTX_use_certificate_ASN1(uintptr_t, int, const uint8_t *)',
);
const usePrivateKey = bind<(type: number, context: Pointer, der: Uint8Array, length: number) => number>(
  'int SSL_CTX_use_PrivateKey_ASN1(int, uintptr_t, const uint8_t *, long)',
);
const storeExData = bind<(store: Pointer, index: number) => Pointer>('uintptr_t X509_STORE_CTX_get_ex_data(uintptr_t, int)');
const storeSetError = bind<(store: Pointer, error: number) => void>('void X509_STORE_CTX_set_error(uintptr_t, int)');
const sslInStore = bind<() => number>('int SSL_get_ex_data_X509_STORE_CTX_idx()')();
const selectedSrtpProfile = bind<(ssl: Pointer) => Pointer>('uintptr_t SSL_get_selected_srtp_profile(uintptr_t)');

// Values of macros in ssl.h, evp.h and x509_vfy.h; they are part of OpenSSL's stable ABI.
const SSL_CTRL_SET_SESS_CACHE_MODE = 44;
const SSL_CTRL_SET_MAX_CERT_LIST = 51;
const SSL_CTRL_SET_GROUPS_LIST = 92;
const SSL_CTRL_SET_SIGALGS_LIST = 98;
const SSL_CTRL_SET_CLIENT_SIGALGS_LIST = 102;
const SSL_CTRL_SET_MIN_PROTO_VERSION = 123;
const DTLS1_2_VERSION = 0xfefd;
const SSL_OP_NO_QUERY_MTU = 2 ** 12;
const SSL_OP_NO_TICKET = 2 ** 14;
const SSL_OP_NO_COMPRESSION = 2 ** 17;
const SSL_OP_CIPHER_SERVER_PREFERENCE = 2 ** 22;
const SSL_OP_NO_RENEGOTIATION = 2 ** 30;
const EVP_PKEY_EC = 408;
const SSL_VERIFY_PEER = 1;
const SSL_VERIFY_FAIL_IF_NO_PEER_CERT = 2;

/** Becomes the alert handshake_failure. */
const X509_V_ERR_APPLICATION_VERIFICATION = 50;

/** AES-GCM alone, which every WebRTC peer has (RFC 8827 6.5): a sealed record has one least length. RSA is for peers' certificates. */
const suites = [
  'ECDHE-ECDSA-AES128-GCM-SHA256',
  'ECDHE-RSA-AES128-GCM-SHA256',
  'ECDHE-ECDSA-AES256-GCM-SHA384',
  'ECDHE-RSA-AES256-GCM-SHA384',
];
const groups = 'X25519:P-256:P-384';
const signatures = 'ECDSA+SHA256:ECDSA+SHA384:ECDSA+SHA512:ed25519:RSA-PSS+SHA256:RSA-PSS+SHA384:RSA+SHA256:RSA+SHA384:RSA+SHA512';

/** Bounds the memory of one handshake message; browsers' certificates have 300 bytes to 3 kB. */
const longestCertificateList = 16_384;

/** RFC 6347 4.2.4.1 allows less than a second where time matters: a lost flight is audible silence. Twelve attempts: 27 s. */
const firstTimeoutUs = 100_000;
const longestTimeoutUs = 3_000_000;

const timerCallback = callback('unsigned int', ['uintptr_t', 'unsigned int'], (_ssl, previousUs) =>
  previousUs === 0 ? firstTimeoutUs : Math.min(previousUs * 2, longestTimeoutUs),
);

/**
 * Takes the place of the whole chain validation, when the peer's certificate has come and the hellos are through: accepts any
 * certificate, but none where no SRTP profile was agreed (the peer would call that connected, RFC 5764 4.1.1).
 */
const verifyCallback = callback('int', ['uintptr_t', 'uintptr_t'], (store) => {
  if (selectedSrtpProfile(storeExData(store, sslInStore)) !== 0) return 1;
  storeSetError(store, X509_V_ERR_APPLICATION_VERIFICATION);
  return 0;
});

/** Known by the object: the same certificate should always be the same one. */
export interface DtlsIdentity {
  readonly certDer: Uint8Array;
  /** ECPrivateKey (RFC 5915). */
  readonly keyDer: Uint8Array;
}

function configure(context: Pointer, { certDer, keyDer }: DtlsIdentity): void {
  const set = (command: number, value: number, data: string | null = null): number => contextCtrl(context, command, value, data);
  must(set(SSL_CTRL_SET_MIN_PROTO_VERSION, DTLS1_2_VERSION), 'DTLS 1.2');
  must(set(SSL_CTRL_SET_GROUPS_LIST, 0, groups), 'the group list');
  must(set(SSL_CTRL_SET_SIGALGS_LIST, 0, signatures), 'the signature list');
  must(set(SSL_CTRL_SET_CLIENT_SIGALGS_LIST, 0, signatures), 'the signature list');
  must(setCipherList(context, suites.join(':')), 'the cipher list');
  set(SSL_CTRL_SET_SESS_CACHE_MODE, 0);
  set(SSL_CTRL_SET_MAX_CERT_LIST, longestCertificateList);
  setOptions(
    context,
    SSL_OP_NO_QUERY_MTU + SSL_OP_NO_TICKET + SSL_OP_NO_COMPRESSION + SSL_OP_CIPHER_SERVER_PREFERENCE + SSL_OP_NO_RENEGOTIATION,
  );
  setVerify(context, SSL_VERIFY_PEER + SSL_VERIFY_FAIL_IF_NO_PEER_CERT, null);
  setVerifyCallback(context, verifyCallback, null);
  must(useCertificate(context, certDer.length, certDer), 'reading the certificate');
  must(usePrivateKey(EVP_PKEY_EC, context, keyDer, keyDer.length), 'reading the private key');
}

function createContext(identity: DtlsIdentity): Pointer {
  const context = must(contextNew(dtlsMethod()), 'SSL_CTX_new');
  try {
    configure(context, identity);
  } catch (error) {
    contextFree(context);
    throw error;
  }
  return context;
}

const contexts = new WeakMap<DtlsIdentity, Pointer>();
const abandoned = new FinalizationRegistry<Pointer>(contextFree);

/** The context of this certificate, made on first use: reading a key costs a fifth of a handshake. Throws when it cannot be read. */
export function dtlsContext(identity: DtlsIdentity): Pointer {
  const known = contexts.get(identity);
  if (known !== undefined) return known;
  const context = createContext(identity);
  contexts.set(identity, context);
  abandoned.register(identity, context);
  return context;
}

export const dtlsTimer: bigint = timerCallback;
