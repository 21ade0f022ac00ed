/** Where a request goes: over a connection that is there already, or to a server that is found by its URI (RFC 3263). */

import type { SocketAddress } from '../base/address.ts';
import type { Flow } from './message/flow.ts';
import type { SipUri } from './message/uri.ts';

export interface ServerAddress {
  readonly transport: 'udp' | 'tcp';
  readonly address: SocketAddress;
}

/** Finds and reaches servers; implemented beside the transports. */
export interface Connector {
  /** Addresses for a URI, the preferred first. Rejects when the name does not resolve. */
  candidates(uri: SipUri): Promise<readonly ServerAddress[]>;
  /** Rejects when the server refuses or stays silent. */
  connect(server: ServerAddress): Promise<Flow>;
}

/**
 * `tcpFallback`: whether a request over 1300 bytes may leave UDP for TCP although the URI says `transport=udp`
 * (RFC 3261 18.1.1); without a transport parameter it always may.
 */
export type Destination = { readonly flowId: string } | { readonly uri: SipUri; readonly tcpFallback: boolean };

/** What our Via and Contact say for a flow. */
export interface AdvertisedAddress {
  /** IP literal (IPv6 without brackets) or host name. */
  readonly host: string;
  readonly port: number;
  readonly transport: Flow['transport'];
}
