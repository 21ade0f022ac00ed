/** One trunk: what the configuration says of it, where it is, and whether it answers. */

import type { SocketAddress } from '../base/address.ts';
import type { Credentials } from '../sip/authentication.ts';
import { parseUri, type SipUri } from '../sip/message/uri.ts';
import { HostSet } from './sources.ts';

export interface TrunkOptions {
  readonly name: string;
  /** sip: URI without user part. */
  readonly target: string;
  readonly auth: Credentials | null;
  readonly register: boolean;
  readonly registerExpiresSec: number;
  /** Addresses and subnets; empty: what `target` resolves to. */
  readonly sources: readonly string[];
  /** Encoding names, the preferred first. */
  readonly codecs: readonly string[];
  readonly tcpFallback: boolean;
  /** 0: never. */
  readonly pingSec: number;
  readonly media: { readonly learn: boolean };
}

export class Trunk {
  readonly name: string;
  readonly target: SipUri;
  readonly options: TrunkOptions;
  readonly #sources: HostSet;
  readonly #ownHost: (trunkHost: string) => string;
  readonly #isEnabled: () => boolean;
  #addresses: readonly SocketAddress[] = [];
  /** False from the first ping without answer to the next one with. */
  available = true;

  /** `ownHost` tells our own address as a peer at this host sees it, `isEnabled` whether an operator lets the trunk be used. */
  constructor(options: TrunkOptions, ownHost: (trunkHost: string) => string, isEnabled: () => boolean = () => true) {
    this.name = options.name;
    this.target = parseUri(options.target);
    this.options = options;
    this.#sources = new HostSet(options.sources);
    this.#ownHost = ownHost;
    this.#isEnabled = isEnabled;
  }

  /** False while an operator has taken it out of use. */
  get enabled(): boolean {
    return this.#isEnabled();
  }

  get credentials(): Credentials | null {
    return this.options.auth;
  }

  get codecs(): readonly string[] {
    return this.options.codecs;
  }

  get learn(): boolean {
    return this.options.media.learn;
  }

  get tcpFallback(): boolean {
    return this.options.tcpFallback;
  }

  /** Our own host as this trunk sees us. */
  get localHost(): string {
    return this.#ownHost(this.#addresses[0]?.host ?? this.target.host);
  }

  /** What the target resolved to last. */
  get addresses(): readonly SocketAddress[] {
    return this.#addresses;
  }

  set addresses(addresses: readonly SocketAddress[]) {
    this.#addresses = addresses;
  }

  /** Whether requests from this host are this trunk's. */
  isSourceHost(host: string): boolean {
    if (this.options.sources.length > 0) return this.#sources.has(host);
    return this.#addresses.some((address) => address.host === host);
  }

  isSource(flow: { readonly remote: SocketAddress }): boolean {
    return this.isSourceHost(flow.remote.host);
  }
}
