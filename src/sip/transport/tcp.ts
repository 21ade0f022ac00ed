/** SIP over TCP (RFC 3261 section 18): connections from trunks, and to them where UDP would be too small. */

import { createServer, type Server, Socket } from 'node:net';
import { formatAddress, isIpv6, isWildcard, type SocketAddress } from '../../base/address.ts';
import type { Clock } from '../../base/clock.ts';
import type { Log } from '../../base/log.ts';
import type { Flow } from '../message/flow.ts';
import { defaultLimits } from '../message/parse.ts';
import { ConnectionCounter, type ConnectionLimits, type RefusalKind, Refusals } from './limits.ts';
import { TcpFlow } from './tcp-flow.ts';
import { plainHost, type TransportOut } from './transport-out.ts';

export interface TcpOptions {
  /** Where to listen; port 0 takes a free one. Connections that we open leave from the same host, if it is not a wildcard. */
  readonly address: SocketAddress;
  /** Whether this host may speak to us at all. Others are cut off before a byte is read. */
  readonly admit: (host: string) => boolean;
  readonly clock: Clock;
  readonly log: Log;
  readonly limits: ConnectionLimits;
  readonly connectTimeoutMs?: number;
  readonly idleMs?: number;
  readonly messageMs?: number;
  readonly maxBuffered?: number;
}

const closeGraceMs = 2000;

export class TcpTransport {
  readonly local: SocketAddress;
  readonly #server: Server;
  readonly #options: Required<TcpOptions>;
  readonly #out: TransportOut;
  readonly #counter: ConnectionCounter;
  readonly #refusals: Refusals;
  readonly #flows = new Map<string, TcpFlow>();
  /** Connections that we opened, by remote address: open ones and those under way. */
  readonly #outgoing = new Map<string, Promise<Flow>>();
  #opened = 0;
  #closing: Promise<void> | undefined;

  /** Rejects when the address cannot be bound. */
  static async listen(options: TcpOptions, out: TransportOut): Promise<TcpTransport> {
    const server = createServer({ allowHalfOpen: true });
    const { host, port } = options.address;
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen({ host, port }, () => {
        server.off('error', reject);
        resolve();
      });
    });
    return new TcpTransport(server, options, out);
  }

  private constructor(server: Server, options: TcpOptions, out: TransportOut) {
    const bound = server.address();
    this.local = { host: options.address.host, port: typeof bound === 'object' && bound ? bound.port : options.address.port };
    this.#server = server;
    this.#options = { connectTimeoutMs: 2000, idleMs: 900_000, messageMs: 10_000, maxBuffered: 1_048_576, ...options };
    this.#out = out;
    this.#counter = new ConnectionCounter(options.limits);
    this.#refusals = new Refusals(options.clock, (refusal) => out.refused(refusal));
    server.on('connection', (socket) => this.#accept(socket));
    server.on('error', (error) => options.log.error({ local: this.local, error: error.message }, 'TCP listener error'));
  }

  get connections(): number {
    return this.#flows.size;
  }

  /** Connections refused so far. */
  get refused(): number {
    return this.#refusals.total;
  }

  flow(id: string): Flow | undefined {
    return this.#flows.get(id);
  }

  /** The open connection to `remote` (an IP literal), or a new one. Rejects when it is refused or silent for 2 s. */
  connect(remote: SocketAddress): Promise<Flow> {
    const key = formatAddress(remote);
    const known = this.#outgoing.get(key);
    if (known) return known;
    const connecting = this.#connect(remote);
    this.#outgoing.set(key, connecting);
    connecting.catch(() => this.#outgoing.delete(key));
    return connecting;
  }

  /** Closes the listener and every connection; resolves when all are gone. */
  close(): Promise<void> {
    this.#closing ??= this.#closeAll();
    return this.#closing;
  }

  #accept(socket: Socket): void {
    const host = plainHost(socket.remoteAddress ?? '');
    const refusal = this.#refusal(host);
    if (refusal) {
      this.#refusals.count(...refusal, host);
      socket.on('error', () => {});
      socket.destroy();
      return;
    }
    this.#open(socket, () => this.#counter.leave(host));
  }

  #refusal(host: string): [kind: RefusalKind, reason: string] | undefined {
    if (!this.#options.admit(host)) return ['source', 'TCP from a host that is no trunk source'];
    return this.#counter.enter(host) === 'entered' ? undefined : ['limit', 'too many TCP connections'];
  }

  async #connect(remote: SocketAddress): Promise<Flow> {
    const socket = new Socket({ allowHalfOpen: true });
    if (!this.#closing) await this.#connected(socket, remote);
    if (this.#closing) {
      socket.destroy();
      throw new Error('transport is closed');
    }
    return this.#open(socket, () => this.#outgoing.delete(formatAddress(remote)));
  }

  #connected(socket: Socket, remote: SocketAddress): Promise<void> {
    const { address, clock, connectTimeoutMs } = this.#options;
    const sameFamily = isIpv6(address.host) === isIpv6(remote.host);
    const from = sameFamily && !isWildcard(address.host) ? { localAddress: address.host } : {};
    return new Promise((resolve, reject) => {
      const cancel = clock.after(connectTimeoutMs, () => socket.destroy(new Error(`no connection within ${connectTimeoutMs} ms`)));
      socket.once('error', (error) => {
        cancel();
        reject(error);
      });
      socket.connect({ host: remote.host, port: remote.port, ...from }, () => {
        cancel();
        resolve();
      });
    });
  }

  #open(socket: Socket, onClose: () => void): TcpFlow {
    const { limits } = this.#options;
    const flow = new TcpFlow(socket, {
      ...this.#options,
      id: `tcp-${formatAddress(this.local)}-${++this.#opened}`,
      parse: { ...defaultLimits, maxBytes: limits.messageBytes },
      messagesPerSec: limits.trunkMessagesPerSec,
      out: this.#out,
      onClose: () => {
        this.#flows.delete(flow.id);
        onClose();
        this.#out.closed(flow);
      },
    });
    this.#flows.set(flow.id, flow);
    return flow;
  }

  async #closeAll(): Promise<void> {
    const listenerClosed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    await Promise.all([...this.#flows.values()].map((flow) => flow.end(closeGraceMs)));
    await listenerClosed;
  }
}
