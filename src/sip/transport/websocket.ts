/** SIP over WebSocket (RFC 7118), server side. Listens nowhere: HTTP listeners hand it their upgrade requests. */

import { type IncomingMessage, STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import { TLSSocket } from 'node:tls';
import { type WebSocket, WebSocketServer } from 'ws';
import type { Clock } from '../../base/clock.ts';
import type { Log } from '../../base/log.ts';
import type { Flow } from '../message/flow.ts';
import { ConnectionCounter, type ConnectionLimits, type RefusalKind, Refusals } from './limits.ts';
import { isOriginAllowed } from './origin.ts';
import { plainHost, type TransportOut } from './transport-out.ts';
import { WebSocketFlow } from './websocket-flow.ts';

export interface WebSocketOptions {
  readonly clock: Clock;
  readonly log: Log;
  /** Origins of pages besides our own, as browsers write them; "*", "none". */
  readonly allowedOrigins: readonly string[];
  readonly limits: ConnectionLimits;
  /** Between two pings, milliseconds. */
  readonly pingMs?: number;
  /** Pings without an answer after which a connection counts as dead. */
  readonly maxMissed?: number;
  /** Octets that a peer may leave unread before its connection is ended. */
  readonly maxBuffered?: number;
}

/** How long a peer may take to answer our close before its socket is destroyed. */
const closeGraceMs = 2000;

export class WebSocketTransport {
  readonly #options: Required<WebSocketOptions>;
  readonly #out: TransportOut;
  readonly #server: WebSocketServer;
  readonly #origins: ReadonlySet<string>;
  readonly #counter: ConnectionCounter;
  readonly #refusals: Refusals;
  readonly #flows = new Map<string, WebSocketFlow>();
  /** Of connections whose user is not known yet: takes the end back that waits for them. By flow id. */
  readonly #anonymous = new Map<string, () => void>();
  #opened = 0;
  #cancelPing: (() => void) | undefined;
  #closing: Promise<void> | undefined;

  constructor(options: WebSocketOptions, out: TransportOut) {
    this.#options = { pingMs: 20_000, maxMissed: 2, maxBuffered: 1_048_576, ...options };
    this.#out = out;
    this.#origins = new Set(options.allowedOrigins);
    if (this.#origins.has('*')) options.log.warn({}, 'allowedOrigins has "*": pages of any origin may open the SIP WebSocket');
    this.#counter = new ConnectionCounter(options.limits);
    this.#refusals = new Refusals(options.clock, (refusal) => out.refused(refusal));
    this.#server = new WebSocketServer({
      noServer: true,
      clientTracking: false,
      perMessageDeflate: false,
      maxPayload: options.limits.messageBytes,
      handleProtocols: () => 'sip',
    });
    // Without a listener ws answers a malformed handshake itself; ours counts it as well.
    this.#server.on('wsClientError', (_error, socket, request) => this.#refuse(request, socket, 'handshake', 400, 'malformed handshake'));
  }

  get connections(): number {
    return this.#counter.total;
  }

  /** Handshakes refused and connections thrown out so far. */
  get refused(): number {
    return this.#refusals.total;
  }

  flow(id: string): Flow | undefined {
    return this.#flows.get(id);
  }

  /** The user behind this connection is known: it may stay. */
  accept(id: string): void {
    this.#anonymous.get(id)?.();
    this.#anonymous.delete(id);
  }

  /** Takes an upgrade request of an HTTP listener: opens a connection, or refuses with 400, 403, 429 or 503 and ends the socket. */
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const refusal = this.#refusal(request);
    if (refusal) {
      this.#refuse(request, socket, ...refusal);
      return;
    }
    const host = hostOf(request);
    socket.once('close', () => this.#counter.leave(host));
    this.#server.handleUpgrade(request, socket, head, (webSocket) => this.#open(webSocket, request));
  }

  /** Closes every connection; resolves when all are gone. */
  close(): Promise<void> {
    this.#closing ??= this.#closeAll();
    return this.#closing;
  }

  /** Why not to open a connection; undefined: a place is taken. */
  #refusal(request: IncomingMessage): [kind: RefusalKind, status: number, reason: string] | undefined {
    if (this.#closing) return ['handshake', 503, 'closing'];
    const origin = { origin: request.headers.origin, host: request.headers.host, secure: isSecure(request) };
    if (!isOriginAllowed(origin, this.#origins)) return ['origin', 403, 'origin not allowed'];
    if (!offersSip(request)) return ['handshake', 400, 'subprotocol sip not offered'];
    const place = this.#counter.enter(hostOf(request));
    if (place === 'full') return ['limit', 503, 'too many connections'];
    return place === 'address-full' ? ['limit', 429, 'too many connections of one address'] : undefined;
  }

  #open(webSocket: WebSocket, request: IncomingMessage): void {
    const { socket } = request;
    const flow = new WebSocketFlow(webSocket, {
      ...this.#options,
      id: `ws-${++this.#opened}`,
      transport: isSecure(request) ? 'wss' : 'ws',
      local: { host: plainHost(socket.localAddress ?? ''), port: socket.localPort ?? 0 },
      remote: { host: hostOf(request), port: socket.remotePort ?? 0 },
      refusals: this.#refusals,
      out: this.#out,
      onClose: () => {
        this.#flows.delete(flow.id);
        this.accept(flow.id);
        this.#out.closed(flow);
      },
    });
    this.#flows.set(flow.id, flow);
    const { clock, limits } = this.#options;
    this.#anonymous.set(
      flow.id,
      clock.after(limits.anonymousSec * 1000, () => this.#expel(flow)),
    );
    this.#options.log.debug({ flow: flow.id, remote: flow.remote, origin: request.headers.origin }, 'WebSocket open');
    this.#cancelPing ??= this.#options.clock.after(this.#options.pingMs, () => this.#ping());
  }

  /** Whoever never shows a password takes no place from those who have one. */
  #expel(flow: WebSocketFlow): void {
    this.#anonymous.delete(flow.id);
    this.#refusals.count('limit', 'nobody known in time', flow.remote.host);
    flow.close();
  }

  #ping(): void {
    this.#cancelPing = undefined;
    for (const flow of this.#flows.values()) flow.ping(this.#options.maxMissed);
    if (this.#flows.size > 0) this.#cancelPing = this.#options.clock.after(this.#options.pingMs, () => this.#ping());
  }

  #refuse(request: IncomingMessage, socket: Duplex, kind: RefusalKind, status: number, reason: string): void {
    this.#refusals.count(kind, reason, hostOf(request));
    const text = `${reason}\n`;
    socket.on('error', () => socket.destroy());
    socket.once('finish', () => socket.destroy());
    socket.end(
      `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nConnection: close\r\nContent-Type: text/plain\r\nContent-Length: ${text.length}\r\n\r\n${text}`,
    );
  }

  async #closeAll(): Promise<void> {
    this.#cancelPing?.();
    const gone = [...this.#flows.values()].map((flow) => flow.end(closeGraceMs));
    await Promise.all(gone);
    this.#server.close();
  }
}

function isSecure(request: IncomingMessage): boolean {
  return request.socket instanceof TLSSocket;
}

function hostOf(request: IncomingMessage): string {
  return plainHost(request.socket.remoteAddress ?? '');
}

/** RFC 7118 section 4.1: the client names the subprotocol, among others perhaps. */
function offersSip(request: IncomingMessage): boolean {
  const offered = request.headers['sec-websocket-protocol'] ?? '';
  return offered.split(',').some((name) => name.trim() === 'sip');
}
