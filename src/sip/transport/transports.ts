/** The transports of one gateway as one: opened together, asked for flows, closed together. */

import type { SocketAddress } from '../../base/address.ts';
import type { Clock } from '../../base/clock.ts';
import type { Log } from '../../base/log.ts';
import type { Random } from '../../base/random.ts';
import type { Flow } from '../message/flow.ts';
import type { ConnectionLimits } from './limits.ts';
import { Resolver, systemDns } from './resolver.ts';
import { ServerConnector } from './server-connector.ts';
import { TcpTransport } from './tcp.ts';
import type { TransportOut } from './transport-out.ts';
import { UdpTransport } from './udp.ts';
import { WebSocketTransport } from './websocket.ts';

export interface TransportsOptions {
  /** Null: none. */
  readonly udp: SocketAddress | null;
  readonly tcp: SocketAddress | null;
  readonly allowedOrigins: readonly string[];
  readonly limits: ConnectionLimits;
  /** Whether this host may speak to us over UDP and TCP. */
  readonly admit: (host: string) => boolean;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
}

export class Transports {
  readonly webSocket: WebSocketTransport;
  readonly connector: ServerConnector;
  readonly #udp: UdpTransport | null;
  readonly #tcp: TcpTransport | null;

  /** Rejects when an address cannot be bound; then nothing stays open. */
  static async open(options: TransportsOptions, out: TransportOut): Promise<Transports> {
    const udp = options.udp && (await UdpTransport.bind({ ...options, address: options.udp }, out));
    try {
      const tcp = options.tcp && (await TcpTransport.listen({ ...options, address: options.tcp }, out));
      return new Transports(options, out, udp, tcp);
    } catch (error) {
      await udp?.close();
      throw error;
    }
  }

  private constructor(options: TransportsOptions, out: TransportOut, udp: UdpTransport | null, tcp: TcpTransport | null) {
    this.#udp = udp;
    this.#tcp = tcp;
    this.webSocket = new WebSocketTransport(options, out);
    const { clock, random } = options;
    const reaches = (host: string): boolean => udp?.reaches(host) ?? tcp !== null;
    this.connector = new ServerConnector(new Resolver({ dns: systemDns(), clock, random, reaches }), udp, tcp);
  }

  get udp(): SocketAddress | null {
    return this.#udp?.local ?? null;
  }

  get tcp(): SocketAddress | null {
    return this.#tcp?.local ?? null;
  }

  flow(id: string): Flow | undefined {
    return this.webSocket.flow(id) ?? this.#udp?.flow(id) ?? this.#tcp?.flow(id);
  }

  /** A UDP flow from the same socket to another address; a connection stays what it is. */
  flowTo(flow: Flow, remote: SocketAddress): Flow {
    return flow.transport === 'udp' && this.#udp ? this.#udp.flowTo(remote) : flow;
  }

  /** Ends every connection. Idempotent. */
  async close(): Promise<void> {
    await this.webSocket.close();
    await Promise.all([this.#udp?.close(), this.#tcp?.close()]);
  }
}
