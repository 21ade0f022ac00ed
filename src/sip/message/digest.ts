/** Digest authentication as SIP uses it (RFC 3261 section 22, RFC 7616, RFC 8760): qop `auth`, or none for RFC 2069 peers. */

import { hash as hashOf, timingSafeEqual } from 'node:crypto';
import { codesOf, quoted, Scanner, unquote } from './scanner.ts';
import { SipError } from './sip-error.ts';

export const digestAlgorithms = ['MD5', 'SHA-256', 'SHA-512-256'] as const;
export type DigestAlgorithm = (typeof digestAlgorithms)[number];

const hashNames: Readonly<Record<DigestAlgorithm, string>> = { MD5: 'md5', 'SHA-256': 'sha256', 'SHA-512-256': 'sha512-256' };

export interface DigestChallenge {
  readonly realm: string;
  readonly nonce: string;
  /** MD5 when the challenge names none; null for one that is not known here. */
  readonly algorithm: DigestAlgorithm | null;
  readonly opaque: string | null;
  /** What the server offers; empty for RFC 2069 servers. */
  readonly qop: readonly string[];
  readonly stale: boolean;
}

export interface DigestCredentials {
  readonly username: string;
  readonly realm: string;
  readonly nonce: string;
  readonly uri: string;
  readonly response: string;
  /** MD5 when they name none; null for one that is not known here. */
  readonly algorithm: DigestAlgorithm | null;
  readonly opaque: string | null;
  readonly qop: string | null;
  readonly cnonce: string | null;
  /** Eight hex digits as sent. */
  readonly nc: string | null;
}

export type DigestSecret = { readonly username: string } & ({ readonly password: string } | { readonly ha1: string });

/** Throws SipError 400 for a malformed value; undefined for another scheme. */
export function parseChallenge(value: string): DigestChallenge | undefined {
  const params = parseDigest(value);
  if (!params) return undefined;
  return {
    realm: required(params, 'realm'),
    nonce: required(params, 'nonce'),
    algorithm: algorithmOf(params),
    opaque: params.get('opaque') ?? null,
    qop: (params.get('qop') ?? '')
      .split(',')
      .map((option) => option.trim().toLowerCase())
      .filter((option) => option !== ''),
    stale: params.get('stale')?.toLowerCase() === 'true',
  };
}

/** Throws SipError 400 for a malformed value; undefined for another scheme. */
export function parseCredentials(value: string): DigestCredentials | undefined {
  const params = parseDigest(value);
  if (!params) return undefined;
  return {
    username: required(params, 'username'),
    realm: required(params, 'realm'),
    nonce: required(params, 'nonce'),
    uri: required(params, 'uri'),
    response: required(params, 'response').toLowerCase(),
    algorithm: algorithmOf(params),
    opaque: params.get('opaque') ?? null,
    qop: params.get('qop')?.toLowerCase() ?? null,
    cnonce: params.get('cnonce') ?? null,
    nc: params.get('nc') ?? null,
  };
}

export function printChallenge(challenge: DigestChallenge): string {
  const fields = [`realm=${quoted(challenge.realm)}`, `nonce=${quoted(challenge.nonce)}`];
  if (challenge.algorithm !== null) fields.push(`algorithm=${challenge.algorithm}`);
  if (challenge.qop.length > 0) fields.push(`qop=${quoted(challenge.qop.join(','))}`);
  if (challenge.opaque !== null) fields.push(`opaque=${quoted(challenge.opaque)}`);
  if (challenge.stale) fields.push('stale=true');
  return `Digest ${fields.join(', ')}`;
}

export function printCredentials(credentials: DigestCredentials): string {
  const { username, realm, nonce, uri, response, algorithm, opaque, qop, cnonce, nc } = credentials;
  const fields = [
    `username=${quoted(username)}`,
    `realm=${quoted(realm)}`,
    `nonce=${quoted(nonce)}`,
    `uri=${quoted(uri)}`,
    `response="${response}"`,
  ];
  if (algorithm !== null) fields.push(`algorithm=${algorithm}`);
  if (cnonce !== null) fields.push(`cnonce=${quoted(cnonce)}`);
  if (qop !== null) fields.push(`qop=${qop}`);
  if (nc !== null) fields.push(`nc=${nc}`);
  if (opaque !== null) fields.push(`opaque=${quoted(opaque)}`);
  return `Digest ${fields.join(', ')}`;
}

/** The topmost challenge that can be answered, which is the one the server prefers (RFC 8760 section 2.3). Malformed ones are passed over. */
export function chooseChallenge(values: readonly string[]): DigestChallenge | undefined {
  for (const value of values) {
    const challenge = readChallenge(value);
    if (challenge && challenge.algorithm !== null && (challenge.qop.length === 0 || challenge.qop.includes('auth'))) return challenge;
  }
  return undefined;
}

function readChallenge(value: string): DigestChallenge | undefined {
  try {
    return parseChallenge(value);
  } catch {
    return undefined;
  }
}

/**
 * The answer to a challenge that `chooseChallenge` accepted; throws SipError 400 for any other. `uri` is the Request-URI as printed,
 * `nc` counts the uses of this nonce from 1.
 */
export function answerChallenge(
  challenge: DigestChallenge,
  secret: DigestSecret,
  method: string,
  uri: string,
  cnonce: string,
  nc: number,
): DigestCredentials {
  const { realm, nonce, algorithm, opaque, qop } = challenge;
  if (algorithm === null || (qop.length > 0 && !qop.includes('auth'))) throw new SipError(400, 'challenge that cannot be answered');
  const count = qop.length > 0 ? { qop: 'auth', cnonce, nc: nc.toString(16).padStart(8, '0') } : { qop: null, cnonce: null, nc: null };
  const key = 'ha1' in secret ? secret.ha1 : ha1(algorithm, secret.username, realm, secret.password);
  const unsigned = { username: secret.username, realm, nonce, uri, algorithm, opaque, ...count };
  return { response: digestResponse(unsigned, key, method), ...unsigned };
}

/** Whether the response was made with `secretHa1`, in time that does not depend on where they differ. `auth-int` is refused. */
export function verifyCredentials(credentials: DigestCredentials, secretHa1: string, method: string): boolean {
  const { algorithm, qop, cnonce, nc } = credentials;
  if (algorithm === null) return false;
  if (qop !== null && (qop !== 'auth' || cnonce === null || nc === null)) return false;
  const expected = Buffer.from(digestResponse({ ...credentials, algorithm }, secretHa1, method));
  const received = Buffer.from(credentials.response);
  return expected.length === received.length && timingSafeEqual(expected, received);
}

/** H(username:realm:password), in lower-case hex. */
export function ha1(algorithm: DigestAlgorithm, username: string, realm: string, password: string): string {
  return hash(algorithm, `${username}:${realm}:${password}`);
}

type Signed = Omit<DigestCredentials, 'response' | 'algorithm' | 'username' | 'realm'> & { readonly algorithm: DigestAlgorithm };

/** RFC 7616 section 3.4.1; without qop as RFC 2069 had it. */
function digestResponse(signed: Signed, secretHa1: string, method: string): string {
  const { algorithm, nonce, uri, qop, cnonce, nc } = signed;
  const ha2 = hash(algorithm, `${method}:${uri}`);
  const middle = qop === null ? nonce : `${nonce}:${nc}:${cnonce}:${qop}`;
  return hash(algorithm, `${secretHa1}:${middle}:${ha2}`);
}

function hash(algorithm: DigestAlgorithm, text: string): string {
  return hashOf(hashNames[algorithm], text, 'hex');
}

const listEnds = codesOf(',"');

/** `Digest name=value *(, name=value)` as a map of unquoted values; undefined for another scheme. */
function parseDigest(value: string): Map<string, string> | undefined {
  const scanner = new Scanner(value);
  scanner.skipSpace();
  if (scanner.token().toLowerCase() !== 'digest') return undefined;
  const params = new Map<string, string>();
  do {
    scanner.skipSpace();
    const name = scanner.token().toLowerCase();
    scanner.expect('=');
    const text = scanner.code === 0x22 ? unquote(scanner.quotedString()) : scanner.word(listEnds);
    if (params.has(name)) scanner.fail(`repeated ${name}`);
    params.set(name, text);
  } while (scanner.take(','));
  scanner.end();
  return params;
}

function required(params: ReadonlyMap<string, string>, name: string): string {
  const value = params.get(name);
  if (value === undefined) throw new SipError(400, `digest without ${name}`);
  return value;
}

function algorithmOf(params: ReadonlyMap<string, string>): DigestAlgorithm | null {
  const name = (params.get('algorithm') ?? 'MD5').toUpperCase();
  return digestAlgorithms.find((algorithm) => algorithm === name) ?? null;
}
