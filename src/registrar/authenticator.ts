/** Decides who sent a browser's request: digest authentication (RFC 3261 section 22), or the registration behind its connection. */

import type { SocketAddress } from '../base/address.ts';
import { ownCopy } from '../base/own-copy.ts';
import type { Random } from '../base/random.ts';
import type { LocationStore } from '../location/location-store.ts';
import type { Authentication } from '../sip/authentication.ts';
import {
  type DigestAlgorithm,
  type DigestCredentials,
  parseCredentials,
  printChallenge,
  verifyCredentials,
} from '../sip/message/digest.ts';
import type { Flow } from '../sip/message/flow.ts';
import type { SipRequest } from '../sip/message/message.ts';
import { parseUri, printAnyUri, type SipUri, sameUri, uriUser } from '../sip/message/uri.ts';
import type { Credentials } from './credentials.ts';
import { type AttemptLimits, FailedAttempts } from './failed-attempts.ts';
import { Nonces } from './nonces.ts';

export interface AuthenticatorOptions {
  /** Of the users' addresses; also the realm. */
  readonly domain: string;
  readonly credentials: Credentials;
  /** Challenges in this order, each in a header field of its own (RFC 8760 2.4): JsSIP and SIP.js keep the last alone, and know MD5 alone. */
  readonly algorithms: readonly DigestAlgorithm[];
  readonly nonceTtlMs: number;
  readonly attempts: AttemptLimits;
  readonly location: LocationStore;
  readonly random: Random;
}

export interface AuthenticatorOut {
  authenticationFailed(failure: AuthenticationFailure): void;
}

/** No user has a longer one; strangers send whole messages as a name, and failures are logged and remembered. */
const longestName = 64;

export interface AuthenticationFailure {
  /** As claimed, at most 64 characters of it. */
  readonly user: string;
  readonly remote: SocketAddress;
  readonly reason: 'wrong-password' | 'locked' | 'wrong-uri' | 'wrong-identity';
}

/** REGISTER meets a registrar (401), any other request a proxy (407). */
interface Scheme {
  readonly status: 401 | 407;
  readonly challenge: string;
  readonly response: string;
}

const registrarScheme: Scheme = { status: 401, challenge: 'WWW-Authenticate', response: 'Authorization' };
const proxyScheme: Scheme = { status: 407, challenge: 'Proxy-Authenticate', response: 'Proxy-Authorization' };

export class Authenticator {
  readonly #options: AuthenticatorOptions;
  readonly #out: AuthenticatorOut;
  /** Compared against in place of a user that does not exist, so that the time taken tells nothing. */
  readonly #nobody: string;
  readonly #nonces: Nonces;
  readonly #attempts: FailedAttempts;

  constructor(options: AuthenticatorOptions, out: AuthenticatorOut) {
    this.#options = options;
    this.#out = out;
    this.#nobody = options.random.token(32);
    this.#nonces = new Nonces({ random: options.random, ttlMs: options.nonceTtlMs });
    this.#attempts = new FailedAttempts(options.attempts);
  }

  /** Throws SipError 400 for malformed credentials. */
  authenticate(request: SipRequest, flow: Flow, now: number): Authentication {
    const claimed = this.#claimedUser(request.headers.from.uri);
    const registering = request.method === 'REGISTER';
    if (!registering && claimed !== null && this.#isRegistered(claimed, flow, now)) return accept(claimed);
    const scheme = registering ? registrarScheme : proxyScheme;
    const credentials = this.#readCredentials(request, scheme);
    if (!credentials) return this.#challenge(scheme, flow, now, false);
    return this.#verify(credentials, claimed, request, scheme, flow, now);
  }

  /** The user that From names, if it is of our domain. */
  #claimedUser(from: SipUri | string): string | null {
    if (typeof from === 'string' || from.host !== this.#options.domain.toLowerCase()) return null;
    return uriUser(from);
  }

  #isRegistered(user: string, flow: Flow, now: number): boolean {
    return this.#options.location.byFlow(flow.id).some((binding) => binding.user === user && binding.expiresAt > now);
  }

  /** The first credentials for our realm by an algorithm that we offer. Others are for other servers. */
  #readCredentials(request: SipRequest, scheme: Scheme): DigestCredentials | undefined {
    const { domain, algorithms } = this.#options;
    for (const value of request.headers.getAll(scheme.response)) {
      const credentials = parseCredentials(value);
      const offered = credentials?.algorithm != null && algorithms.includes(credentials.algorithm);
      if (credentials && offered && credentials.realm === domain) return credentials;
    }
    return undefined;
  }

  /** Who does not know the password learns nothing: neither whether the user exists nor what else is wrong. */
  #verify(
    credentials: DigestCredentials,
    claimed: string | null,
    request: SipRequest,
    scheme: Scheme,
    flow: Flow,
    now: number,
  ): Authentication {
    const { username, nonce } = credentials;
    const fail = (reason: AuthenticationFailure['reason']) =>
      this.#out.authenticationFailed({ user: ownCopy(username.slice(0, longestName)), remote: flow.remote, reason });
    const lockedMs = this.#attempts.lockedMs(flow.remote.host, username, now);
    if (lockedMs > 0) {
      fail('locked');
      return respond(403, ['Retry-After', String(Math.ceil(lockedMs / 1000))]);
    }
    if (!this.#knowsPassword(credentials, request.method)) {
      this.#attempts.record(flow.remote.host, username, now);
      fail('wrong-password');
      return this.#challenge(scheme, flow, now, false);
    }
    if (!isForUri(credentials, request)) {
      fail('wrong-uri');
      return respond(400);
    }
    if (!this.#nonces.use(nonce, countOf(credentials), flow.id, now)) return this.#challenge(scheme, flow, now, true);
    if (claimed !== username) {
      fail('wrong-identity');
      return respond(403);
    }
    return accept(username);
  }

  /** Our challenges ask for qop=auth; a response without it would count nothing and could be repeated. */
  #knowsPassword(credentials: DigestCredentials, method: string): boolean {
    const { username, algorithm, qop } = credentials;
    if (algorithm === null) return false;
    const ha1 = this.#options.credentials.ha1(username, algorithm) ?? this.#nobody;
    return verifyCredentials(credentials, ha1, method) && qop === 'auth';
  }

  /** `stale`: the password is right, only the nonce is not; clients try again without asking their user. */
  #challenge(scheme: Scheme, flow: Flow, now: number, stale: boolean): Authentication {
    const nonce = this.#nonces.issue(flow.id, now);
    const base = { realm: this.#options.domain, nonce, opaque: null, qop: ['auth'], stale };
    return respond(
      scheme.status,
      ...this.#options.algorithms.map((algorithm) => [scheme.challenge, printChallenge({ ...base, algorithm })] as const),
    );
  }
}

function accept(user: string): Authentication {
  return { outcome: 'accept', identity: { kind: 'user', user } };
}

function respond(status: number, ...headers: ReadonlyArray<readonly [string, string]>): Authentication {
  return { outcome: 'respond', status, headers };
}

/** RFC 7616 section 3.4.6: credentials are good for the request that they were made for. */
function isForUri(credentials: DigestCredentials, request: SipRequest): boolean {
  if (credentials.uri === printAnyUri(request.uri)) return true;
  return typeof request.uri !== 'string' && sameUri(parseUri(credentials.uri), request.uri);
}

function countOf({ nc }: DigestCredentials): number {
  return nc !== null && /^[0-9a-f]{8}$/i.test(nc) ? Number.parseInt(nc, 16) : 0;
}
