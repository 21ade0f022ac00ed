/** SIP over UDP (RFC 3261 section 18): one socket, one message a datagram, a flow for each remote address. */

import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import { formatAddress, isIpv6, isWildcard, parseAddress, type SocketAddress } from '../../base/address.ts';
import type { Clock } from '../../base/clock.ts';
import type { Log } from '../../base/log.ts';
import type { Flow } from '../message/flow.ts';
import { defaultLimits } from '../message/parse.ts';
import { type ConnectionLimits, RateLimit, Refusals } from './limits.ts';
import { lookupLiteral, RouteCache } from './route.ts';
import { deliver, keepAliveOf, plainHost, readWhole, type TransportOut } from './transport-out.ts';

export interface UdpOptions {
  /** Where to listen; port 0 takes a free one. */
  readonly address: SocketAddress;
  /** Whether this host may speak to us at all. Asked before a datagram is looked at: strangers get no answer. */
  readonly admit: (host: string) => boolean;
  readonly clock: Clock;
  readonly log: Log;
  readonly limits: Pick<ConnectionLimits, 'trunkMessagesPerSec'>;
}

/** Hosts whose rate is remembered: trunks may send from whole subnets. */
const keptRates = 1000;
/** Remote addresses whose flow is shared by all that goes there; what comes and goes there holds its own of more. */
const keptFlows = 1000;

export class UdpTransport {
  readonly local: SocketAddress;
  readonly #socket: Socket;
  readonly #options: UdpOptions;
  readonly #out: TransportOut;
  readonly #routes = new RouteCache();
  readonly #rates = new Map<string, RateLimit>();
  readonly #flows = new Map<string, Flow>();
  readonly #flowOut: UdpFlowOut = {
    localTowards: (host) => this.#localTowards(host),
    send: (bytes, flow) => this.#send(bytes, flow),
  };
  readonly #refusals: Refusals;
  #closing: Promise<void> | undefined;

  /** Rejects when the address cannot be bound. */
  static async bind(options: UdpOptions, out: TransportOut): Promise<UdpTransport> {
    const { host, port } = options.address;
    const socket = createSocket({ type: isIpv6(host) ? 'udp6' : 'udp4', lookup: lookupLiteral });
    await new Promise<void>((resolve, reject) => {
      socket.once('error', reject);
      socket.bind(port, host, () => {
        socket.off('error', reject);
        resolve();
      });
    });
    return new UdpTransport(socket, options, out);
  }

  private constructor(socket: Socket, options: UdpOptions, out: TransportOut) {
    const { address, port } = socket.address();
    this.local = { host: address, port };
    this.#socket = socket;
    this.#options = options;
    this.#out = out;
    this.#refusals = new Refusals(options.clock, (refusal) => out.refused(refusal));
    socket.on('message', (bytes, from) => this.#receive(bytes, from));
    socket.on('error', (error) => options.log.error({ local: this.local, error: error.message }, 'UDP socket error'));
  }

  /** Datagrams from hosts that are not admitted or too fast, so far. */
  get refused(): number {
    return this.#refusals.total;
  }

  /** Whether this socket can send to the host at all. */
  reaches(host: string): boolean {
    return isIpv6(host) ? isIpv6(this.local.host) : !isIpv6(this.local.host) || this.local.host === '::';
  }

  /** The flow to a remote address (an IP literal). */
  flowTo(remote: SocketAddress): Flow {
    const id = `${this.#prefix}${formatAddress(remote)}`;
    const known = this.#flows.get(id);
    if (known) return known;
    if (this.#flows.size >= keptFlows) this.#flows.clear();
    const flow = new UdpFlow(id, remote, this.#flowOut);
    this.#flows.set(id, flow);
    return flow;
  }

  /** The flow with this id, if it is one of this socket. */
  flow(id: string): Flow | undefined {
    const remote = id.startsWith(this.#prefix) ? parseAddress(id.slice(this.#prefix.length)) : undefined;
    return remote && this.flowTo(remote);
  }

  close(): Promise<void> {
    this.#closing ??= new Promise((resolve) => this.#socket.close(resolve));
    return this.#closing;
  }

  get #prefix(): string {
    return `udp-${formatAddress(this.local)}-`;
  }

  #localTowards(host: string): SocketAddress {
    if (!isWildcard(this.local.host)) return this.local;
    return { host: this.#routes.towards(host, this.local.host, this.#options.clock.now()), port: this.local.port };
  }

  #receive(bytes: Buffer, from: RemoteInfo): void {
    const host = plainHost(from.address);
    if (!this.#options.admit(host)) {
      this.#refusals.count('source', 'UDP from a host that is no trunk source', host);
      return;
    }
    if (!this.#rateOf(host).take(this.#options.clock.now())) {
      this.#refusals.count('rate', 'too many SIP datagrams: dropped', host);
      return;
    }
    if (bytes.length === 0 || keepAliveOf(bytes)) return;
    deliver(readWhole(bytes, defaultLimits), this.flowTo({ host, port: from.port }), this.#out, this.#options.log);
  }

  #rateOf(host: string): RateLimit {
    const known = this.#rates.get(host);
    if (known) return known;
    if (this.#rates.size >= keptRates) this.#rates.clear();
    const { limits, clock } = this.#options;
    const rate = new RateLimit(limits.trunkMessagesPerSec, clock.now());
    this.#rates.set(host, rate);
    return rate;
  }

  #send(bytes: Uint8Array, flow: Flow): void {
    const { remote } = flow;
    if (this.#closing || remote.port === 0) return;
    this.#out.sent(bytes, flow);
    // An IPv6 socket that listens on every address speaks IPv4 by mapped addresses (RFC 4291 2.5.5.2).
    const host = isIpv6(this.local.host) && !isIpv6(remote.host) ? `::ffff:${remote.host}` : remote.host;
    this.#socket.send(bytes, remote.port, host, (error) => {
      if (error) this.#options.log.warn({ remote, bytes: bytes.length, error: error.message }, 'SIP datagram not sent');
    });
  }
}

interface UdpFlowOut {
  localTowards(host: string): SocketAddress;
  send(bytes: Uint8Array, flow: Flow): void;
}

class UdpFlow implements Flow {
  readonly id: string;
  readonly transport = 'udp';
  readonly reliable = false;
  readonly closed = false;
  readonly remote: SocketAddress;
  readonly #out: UdpFlowOut;

  constructor(id: string, remote: SocketAddress, out: UdpFlowOut) {
    this.id = id;
    this.remote = remote;
    this.#out = out;
  }

  /** Asked anew each time: a flow may outlive a route. */
  get local(): SocketAddress {
    return this.#out.localTowards(this.remote.host);
  }

  send(message: Uint8Array): void {
    this.#out.send(message, this);
  }

  close(): void {}
}
