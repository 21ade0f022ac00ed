/** Owns the HTTP and HTTPS listeners: requests go to the application, upgrades on /sip to the SIP WebSocket transport. */

import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerOptions } from 'node:http';
import { createServer as createSecureServer, type Server as SecureServer } from 'node:https';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { isDeepStrictEqual } from 'node:util';
import { getRequestListener, RequestError } from '@hono/node-server';
import type { SocketAddress } from '../base/address.ts';
import type { Log } from '../base/log.ts';
import { type AppOptions, createApp } from './app.ts';
import { peerHost } from './local-only.ts';
import { ApiProblem, answerProblem } from './problem.ts';

/** Bounds how many sockets are open, in all and by remote host. */
export interface SocketPlaces {
  enter(host: string): 'entered' | 'full' | 'address-full';
  leave(host: string): void;
}

export interface ApiServerOptions extends AppOptions {
  readonly http: { readonly listen: SocketAddress } | null;
  /** `cert` and `key` are PEM files. */
  readonly https: { readonly listen: SocketAddress; readonly cert: string; readonly key: string } | null;
  /** Of all listeners, WebSockets included. A socket that gets no place is closed unread. */
  readonly places: SocketPlaces;
  /** Takes over the socket of an upgrade request on /sip. */
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void;
}

/** Requests are small and have no body: who is slower than this is no client. */
const patience: ServerOptions = {
  headersTimeout: 10_000,
  requestTimeout: 15_000,
  keepAliveTimeout: 5000,
  connectionsCheckingInterval: 2000,
  maxHeaderSize: 16_384,
};
const handshakeTimeout = 10_000;
const minVersion = 'TLSv1.2';

export class ApiServer {
  /** Where the listeners wait; null for one that is not configured. */
  readonly http: SocketAddress | null;
  readonly https: SocketAddress | null;
  readonly #servers: readonly Server[];
  readonly #secure: SecureServer | null;
  #certificate: Certificate | null;
  #closing: Promise<void> | undefined;

  /** Rejects when an address cannot be bound or a certificate cannot be read; then nothing stays open. */
  static async open(options: ApiServerOptions): Promise<ApiServer> {
    const errorHandler = (error: unknown): Response => answerUnread(error, options.log);
    const listener = getRequestListener(createApp(options).fetch, { overrideGlobalObjects: false, errorHandler });
    const http = options.http && createServer(patience, listener);
    const certificate = options.https && readCertificate(options.https);
    const https = certificate && createSecureServer({ ...patience, ...certificate, minVersion, handshakeTimeout }, listener);
    const open: Server[] = [];
    try {
      for (const [server, listen] of [
        [http, options.http?.listen],
        [https, options.https?.listen],
      ] as const) {
        if (!server || !listen) continue;
        await listening(server, listen);
        serve(server, options);
        open.push(server);
      }
    } catch (error) {
      await Promise.all(open.map(closed));
      throw error;
    }
    return new ApiServer(http, https, certificate);
  }

  private constructor(http: Server | null, https: SecureServer | null, certificate: Certificate | null) {
    this.http = http && addressOf(http);
    this.https = https && addressOf(https);
    this.#secure = https;
    this.#certificate = certificate;
    this.#servers = [http, https].filter((server) => server !== null);
  }

  /**
   * Shows another certificate from the next connection on; false if it is the one that is shown already. Throws when a file cannot be read
   * or the key is another's; then nothing has changed.
   */
  replaceCertificate(files: { readonly cert: string; readonly key: string }): boolean {
    const certificate = readCertificate(files);
    if (!this.#secure || isDeepStrictEqual(certificate, this.#certificate)) return false;
    this.#secure.setSecureContext({ ...certificate, minVersion });
    this.#certificate = certificate;
    return true;
  }

  /** Takes no more connections and ends those that are open, but for WebSockets: their transport closes them, before or after. */
  close(): Promise<void> {
    this.#closing ??= Promise.all(this.#servers.map(closed)).then(() => {});
    return this.#closing;
  }
}

/** PEM. */
interface Certificate {
  readonly cert: Buffer;
  readonly key: Buffer;
}

function readCertificate({ cert, key }: { cert: string; key: string }): Certificate {
  return { cert: readFileSync(cert), key: readFileSync(key) };
}

function serve(server: Server, options: ApiServerOptions): void {
  server.on('connection', (socket: Socket) => takePlace(socket, options.places));
  server.on('error', (error) => options.log.error({ error: error.message }, 'HTTP listener error'));
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    if (pathOf(request) === '/sip') options.upgrade(request, socket, head);
    else refuseUpgrade(socket);
  });
}

/** What never reached the application: no Host that is one, no path. */
function answerUnread(error: unknown, log: Log): Response {
  if (error instanceof RequestError) return answerProblem(new ApiProblem(400, 'Host and path make no address'));
  log.error({ err: error }, 'HTTP request not handled');
  return answerProblem(new ApiProblem(500, 'internal error'));
}

/** Before TLS and before the first request: a socket that says nothing takes a place, too. */
function takePlace(socket: Socket, places: SocketPlaces): void {
  const host = peerHost(socket);
  if (places.enter(host) === 'entered') socket.once('close', () => places.leave(host));
  else socket.destroy();
}

function pathOf(request: IncomingMessage): string {
  const url = request.url ?? '';
  const query = url.indexOf('?');
  return query < 0 ? url : url.slice(0, query);
}

function refuseUpgrade(socket: Duplex): void {
  socket.on('error', () => socket.destroy());
  socket.once('finish', () => socket.destroy());
  socket.end('HTTP/1.1 404 Not Found\r\nConnection: close\r\nContent-Length: 0\r\n\r\n');
}

function listening(server: Server, { host, port }: SocketAddress): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host, port }, () => {
      server.off('error', reject);
      resolve();
    });
  });
}

/** The callback of `close` would wait for WebSockets; the descriptors of all others are gone with the next turn of the event loop. */
function closed(server: Server): Promise<void> {
  server.close();
  server.closeAllConnections();
  return new Promise((resolve) => setImmediate(resolve));
}

function addressOf(server: Server): SocketAddress {
  const address = server.address();
  return typeof address === 'object' && address ? { host: address.address, port: address.port } : { host: '', port: 0 };
}
