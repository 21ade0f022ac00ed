/** Finds servers by URI and reaches them over the transports that are open. */

import { formatAddress } from '../../base/address.ts';
import type { Flow } from '../message/flow.ts';
import type { SipUri } from '../message/uri.ts';
import type { Resolver, ServerAddress } from './resolver.ts';
import type { TcpTransport } from './tcp.ts';
import type { UdpTransport } from './udp.ts';

export class ServerConnector {
  readonly #resolver: Resolver;
  readonly #udp: UdpTransport | null;
  readonly #tcp: TcpTransport | null;

  constructor(resolver: Resolver, udp: UdpTransport | null, tcp: TcpTransport | null) {
    this.#resolver = resolver;
    this.#udp = udp;
    this.#tcp = tcp;
  }

  candidates(uri: SipUri): Promise<readonly ServerAddress[]> {
    return this.#resolver.candidates(uri);
  }

  /** Rejects when the transport is not open here, or the server refuses or stays silent. */
  async connect({ transport, address }: ServerAddress): Promise<Flow> {
    if (transport === 'udp' && this.#udp?.reaches(address.host)) return this.#udp.flowTo(address);
    if (transport === 'tcp' && this.#tcp) return this.#tcp.connect(address);
    throw new Error(`no ${transport} socket reaches ${formatAddress(address)}`);
  }
}
