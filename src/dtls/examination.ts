/** Everything about a peer's handshake messages that werift does not check, before werift sees them. */

import { TruncatedError } from '../base/errors.ts';
import type { DtlsFailure, DtlsRole } from './endpoint.ts';
import {
  type HandshakeMessage,
  handshakeType,
  readCertificate,
  readCertificateVerify,
  readClientHello,
  readServerHello,
  readServerKeyExchange,
} from './handshake-messages.ts';
import { finishedData, isSignedBy, sameBytes } from './proof.ts';

/** The handshake must end: the alert for the peer (RFC 5246 7.2), the reason for the relay and the text for the log. */
export class Refusal extends Error {
  readonly alert: number;
  readonly failure: DtlsFailure;

  constructor(alert: number, detail: string, failure: DtlsFailure = 'dtls-handshake-failed') {
    super(detail);
    this.name = 'Refusal';
    this.alert = alert;
    this.failure = failure;
  }
}

export const alertCode = {
  closeNotify: 0,
  unexpectedMessage: 10,
  handshakeFailure: 40,
  badCertificate: 42,
  illegalParameter: 47,
  decodeError: 50,
  decryptError: 51,
  protocolVersion: 70,
} as const;

/** What the peer can offer and we can take. */
export interface Offer {
  readonly suites: readonly number[];
  readonly groups: readonly number[];
  readonly signatures: readonly number[];
  readonly srtpProfiles: readonly number[];
}

/** What was said and agreed so far, as the stack has it. */
export interface HandshakeView {
  /** All messages up to now, ours and the peer's (RFC 6347 4.2.6). */
  transcript(): Uint8Array;
  /** client_random, server_random */
  randoms(): Uint8Array;
  masterSecret(): Uint8Array;
}

type Stage = 'start' | 'cookie' | 'hello' | 'certificate' | 'key' | 'request' | 'ready' | 'done';
type Order = Readonly<Record<Stage, Readonly<Record<number, Stage>>>>;

const { clientHello, serverHello, helloVerifyRequest, certificate, serverKeyExchange, certificateRequest } = handshakeType;
const { serverHelloDone, certificateVerify, clientKeyExchange, finished } = handshakeType;

/** RFC 6347 4.2.4 figure 1, without resumption: which message may follow, so that none of those that prove anything can be left out. */
const orders: Readonly<Record<DtlsRole, Order>> = {
  server: {
    start: { [clientHello]: 'cookie' },
    cookie: { [clientHello]: 'hello' },
    hello: { [certificate]: 'certificate' },
    certificate: { [clientKeyExchange]: 'key' },
    key: { [certificateVerify]: 'ready' },
    request: {},
    ready: { [finished]: 'done' },
    done: {},
  },
  client: {
    start: { [helloVerifyRequest]: 'cookie', [serverHello]: 'hello' },
    cookie: { [serverHello]: 'hello' },
    hello: { [certificate]: 'certificate' },
    certificate: { [serverKeyExchange]: 'key' },
    key: { [certificateRequest]: 'request', [serverHelloDone]: 'ready' },
    request: { [serverHelloDone]: 'ready' },
    ready: { [finished]: 'done' },
    done: {},
  },
};

const version12 = 0xfefd;

export class Examination {
  readonly #order: Order;
  readonly #peer: DtlsRole;
  readonly #offer: Offer;
  readonly #view: HandshakeView;
  #stage: Stage = 'start';
  #certificate: Uint8Array = new Uint8Array(0);
  #extendedMasterSecret = false;

  constructor(role: DtlsRole, offer: Offer, view: HandshakeView) {
    this.#order = orders[role];
    this.#peer = role === 'server' ? 'client' : 'server';
    this.#offer = offer;
    this.#view = view;
  }

  get stage(): Stage {
    return this.#stage;
  }

  /** The peer's certificate, DER; empty before it came. */
  get certificate(): Uint8Array {
    return this.#certificate;
  }

  /** Whether the client offered it (RFC 7627): a server must not answer it unasked. */
  get extendedMasterSecret(): boolean {
    return this.#extendedMasterSecret;
  }

  /** Throws Refusal. */
  examine({ type, body }: HandshakeMessage): void {
    const next = this.#order[this.#stage][type];
    if (next === undefined) throw new Refusal(alertCode.unexpectedMessage, `handshake message ${type} after ${this.#stage}`);
    this.#stage = next;
    try {
      this.#check(type, body);
    } catch (error) {
      throw error instanceof TruncatedError ? new Refusal(alertCode.decodeError, `handshake message ${type}: ${error.message}`) : error;
    }
  }

  #check(type: number, body: Uint8Array): void {
    if (type === clientHello) this.#checkClientHello(body);
    else if (type === serverHello) this.#checkServerHello(body);
    else if (type === certificate) this.#checkCertificate(body);
    else if (type === serverKeyExchange) this.#checkServerKeyExchange(body);
    else if (type === certificateVerify) this.#checkCertificateVerify(body);
    else if (type === finished) this.#checkFinished(body);
  }

  #checkClientHello(body: Uint8Array): void {
    const hello = readClientHello(body);
    const { suites, groups, signatures, srtpProfiles } = this.#offer;
    // DTLS versions count downwards.
    if (hello.version > version12) throw new Refusal(alertCode.protocolVersion, 'no DTLS 1.2');
    require(intersects(hello.suites, suites), 'no common cipher suite');
    require(intersects(hello.groups, groups), 'no common group');
    require(intersects(hello.signatures, signatures), 'no common signature algorithm');
    requireProfile(intersects(hello.srtpProfiles, srtpProfiles));
    this.#extendedMasterSecret = hello.extendedMasterSecret;
  }

  #checkServerHello(body: Uint8Array): void {
    const { version, suite, srtpProfiles } = readServerHello(body);
    if (version !== version12) throw new Refusal(alertCode.protocolVersion, 'no DTLS 1.2');
    if (!this.#offer.suites.includes(suite)) throw new Refusal(alertCode.illegalParameter, 'a cipher suite that was not offered');
    requireProfile(srtpProfiles.length === 1 && intersects(srtpProfiles, this.#offer.srtpProfiles));
  }

  #checkCertificate(body: Uint8Array): void {
    const leaf = readCertificate(body);
    if (!leaf || leaf.length === 0) throw new Refusal(alertCode.handshakeFailure, 'the peer shows no certificate');
    this.#certificate = leaf;
  }

  #checkServerKeyExchange(body: Uint8Array): void {
    const exchange = readServerKeyExchange(body);
    if (!this.#offer.groups.includes(exchange.group)) throw new Refusal(alertCode.illegalParameter, 'a group that was not offered');
    this.#demandProof(isSignedBy(this.#certificate, exchange, this.#view.randoms(), exchange.parameters), 'ServerKeyExchange');
  }

  #checkCertificateVerify(body: Uint8Array): void {
    this.#demandProof(isSignedBy(this.#certificate, readCertificateVerify(body), this.#view.transcript()), 'CertificateVerify');
  }

  #checkFinished(body: Uint8Array): void {
    const expected = finishedData(this.#view.masterSecret(), this.#peer, this.#view.transcript());
    this.#demandProof(sameBytes(body, expected), 'Finished');
  }

  #demandProof(proven: boolean, what: string): void {
    if (!proven) throw new Refusal(alertCode.decryptError, `${what} does not verify`);
  }
}

function require(condition: boolean, detail: string): void {
  if (!condition) throw new Refusal(alertCode.handshakeFailure, detail);
}

function requireProfile(common: boolean): void {
  if (!common) throw new Refusal(alertCode.handshakeFailure, 'no common SRTP profile', 'dtls-no-common-profile');
}

function intersects(theirs: readonly number[], ours: readonly number[]): boolean {
  return theirs.some((number) => ours.includes(number));
}
