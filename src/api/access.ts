/** Who may ask what: a token's role, or, as long as there are no tokens, everything for this machine and nothing for others. */

import type { IncomingMessage } from 'node:http';
import type { MiddlewareHandler } from 'hono';
import { createMiddleware } from 'hono/factory';
import type { Clock } from '../base/clock.ts';
import { type ApiEnvironment, isLocal, peerHost } from './local-only.ts';
import { ApiProblem } from './problem.ts';
import type { Role, Session } from './resources/node.ts';
import { WrongTokens } from './wrong-tokens.ts';

/** The tokens that were made for this gateway. */
export interface TokenVerifier {
  /** Whether there are any: then nobody is taken without. */
  any(): Promise<boolean>;
  /** null for a token that is none of ours or was revoked. */
  verify(token: string): Promise<{ readonly role: Role; readonly name: string } | null>;
}

export interface AccessOptions {
  readonly tokens: TokenVerifier;
  /** Whether other machines may ask, with a token. */
  readonly expose: boolean;
  readonly clock: Pick<Clock, 'now'>;
  /** A wrong token was shown. */
  refused(host: string): void;
}

const ranks: Readonly<Record<Role, number>> = { read: 1, operate: 2, admin: 3 };
const challenge = { headers: { 'WWW-Authenticate': 'Bearer realm="offhook"' } };

export class Access {
  readonly #options: AccessOptions;
  readonly #wrong = new WrongTokens();

  constructor(options: AccessOptions) {
    this.#options = options;
  }

  readonly admit: MiddlewareHandler<ApiEnvironment> = createMiddleware<ApiEnvironment>(async (context, next) => {
    if (!(await this.admits(context.env.incoming))) throw new ApiProblem(403, 'this machine only');
    await next();
  });

  /** From where anything may be asked at all: this machine, and others only where that is wanted and tokens guard it. */
  async admits(incoming: IncomingMessage): Promise<boolean> {
    const { tokens, expose } = this.#options;
    return isLocal(incoming) || (expose && (await tokens.any()));
  }

  /** Finds out who asks; refuses whoever is nobody. After `admit`. */
  readonly identify: MiddlewareHandler<ApiEnvironment> = createMiddleware<ApiEnvironment>(async (context, next) => {
    const { incoming } = context.env;
    const token = bearerToken(context.req.header('Authorization'));
    const asking = token === null ? this.#withoutToken(context.req.raw.headers) : this.#withToken(token, peerHost(incoming.socket));
    context.set('session', await asking);
    await next();
  });

  async #withToken(token: string, host: string): Promise<Session> {
    const { tokens, clock, refused } = this.#options;
    const known = await tokens.verify(token);
    if (known) return { role: known.role, name: known.name };
    const waitSec = this.#wrong.waitSec(host, clock.now());
    if (waitSec > 0) throw new ApiProblem(429, 'too many wrong tokens', { headers: { 'Retry-After': String(waitSec) } });
    this.#wrong.add(host, clock.now());
    refused(host);
    throw new ApiProblem(401, 'this token is not known here', challenge);
  }

  /** A page of another origin may make a browser on this machine ask, so its word is not taken for that of this machine. */
  async #withoutToken(headers: Headers): Promise<Session> {
    if (await this.#options.tokens.any()) throw new ApiProblem(401, 'a token is needed: Authorization: Bearer TOKEN', challenge);
    if (isForeignPage(headers)) throw new ApiProblem(403, 'a page of another origin may not ask');
    return { role: 'admin', name: null };
  }
}

/** Lets roles pass that are at least this one. After `identify`. */
export function needs(role: Role): MiddlewareHandler<ApiEnvironment> {
  return createMiddleware<ApiEnvironment>(async (context, next) => {
    const session = context.get('session');
    if (ranks[session.role] < ranks[role]) throw new ApiProblem(403, `this needs the role ${role}, the token has ${session.role}`);
    await next();
  });
}

/** RFC 6750 section 2.1. The scheme compares without case; null where nothing of that kind is given. */
function bearerToken(header: string | undefined): string | null {
  if (header === undefined) return null;
  const space = header.indexOf(' ');
  if (space < 0 || header.slice(0, space).toLowerCase() !== 'bearer')
    throw new ApiProblem(401, 'Authorization must be a Bearer token', challenge);
  return header.slice(space + 1).trim();
}

/** Browsers say where a request comes from: Sec-Fetch-Site always, Origin with everything but simple GETs (Fetch standard). */
function isForeignPage(headers: Headers): boolean {
  const site = headers.get('Sec-Fetch-Site');
  if (site !== null && site !== 'same-origin' && site !== 'none') return true;
  const origin = headers.get('Origin');
  return origin !== null && (!URL.canParse(origin) || new URL(origin).host !== headers.get('Host'));
}
