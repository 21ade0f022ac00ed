/** What answers this machine only: /api, as long as there are no tokens, and the password of the demo. */

import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import type { HttpBindings } from '@hono/node-server';
import { createMiddleware } from 'hono/factory';
import { isLoopback } from '../base/address.ts';
import { ApiProblem } from './problem.ts';
import type { Session } from './resources/node.ts';

export interface ApiEnvironment {
  Bindings: HttpBindings;
  Variables: {
    /** Who asks; set for /api by `Access.identify`. */
    session: Session;
  };
}

export const localOnly = createMiddleware<ApiEnvironment>(async (context, next) => {
  if (!isLocal(context.env.incoming)) throw new ApiProblem(403, 'this machine only');
  return await next();
});

/**
 * The peer of the socket decides, never a header. Headers can only take away: a request that a proxy on this machine forwards is not
 * local, nor is one for a name other than localhost, which is what a page does that has its own name resolved to 127.0.0.1.
 */
export function isLocal({ socket, headers }: IncomingMessage): boolean {
  return isLoopback(peerHost(socket)) && !Object.keys(headers).some(isOfProxy) && isLocalName(headers.host);
}

/** Names in lower case, as Node gives them. */
function isOfProxy(header: string): boolean {
  return header.startsWith('x-forwarded-') || header === 'forwarded' || header === 'x-real-ip' || header === 'via';
}

/** The IP literal of the peer, IPv4 as it is where an IPv6 socket shows it mapped (RFC 4291 section 2.5.5.2). */
export function peerHost({ remoteAddress = '' }: Socket): string {
  return remoteAddress.startsWith('::ffff:') ? remoteAddress.slice(7) : remoteAddress;
}

function isLocalName(host: string | undefined): boolean {
  const text = `http://${host}`;
  if (!host || !URL.canParse(text)) return false;
  const { hostname } = new URL(text);
  return hostname === 'localhost' || isLoopback(hostname.startsWith('[') ? hostname.slice(1, -1) : hostname);
}
