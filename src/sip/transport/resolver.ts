/** Locating SIP servers (RFC 3263): SRV, then A and AAAA. NAPTR is not asked: the transport is the URI's, or UDP. */

import { Resolver as DnsResolver, lookup } from 'node:dns/promises';
import { isIpAddress, type SocketAddress } from '../../base/address.ts';
import type { Clock } from '../../base/clock.ts';
import type { Random } from '../../base/random.ts';
import type { SipUri } from '../message/uri.ts';

export interface ServerAddress {
  readonly transport: 'udp' | 'tcp';
  readonly address: SocketAddress;
}

export interface SrvRecord {
  readonly name: string;
  readonly port: number;
  readonly priority: number;
  readonly weight: number;
}

export interface AddressRecord {
  readonly address: string;
  readonly ttl: number;
}

/** What the resolver asks of DNS; each rejects when there is no such record. */
export interface Dns {
  srv(name: string): Promise<readonly SrvRecord[]>;
  /** A and AAAA, the preferred first. */
  addresses(name: string): Promise<readonly AddressRecord[]>;
}

export interface ResolverOptions {
  readonly dns: Dns;
  readonly clock: Pick<Clock, 'now'>;
  readonly random: Pick<Random, 'uint32'>;
  /** Whether our sockets can send to this IP literal. */
  readonly reaches?: (host: string) => boolean;
}

const sipPort = 5060;
/** SRV answers of Node carry no time to live. */
const srvTtlSec = 60;
const shortestTtlSec = 5;
const longestTtlSec = 3600;
/** How long an answer outlives its time when DNS fails (RFC 8767). */
const staleMs = 3_600_000;
const keptAnswers = 1000;

interface Answer<Record> {
  readonly records: readonly Record[];
  readonly untilMs: number;
}

export class Resolver {
  readonly #options: ResolverOptions;
  readonly #srv = new Map<string, Answer<SrvRecord>>();
  readonly #addresses = new Map<string, Answer<AddressRecord>>();

  constructor(options: ResolverOptions) {
    this.#options = options;
  }

  /** Where a request for `uri` may go, the preferred first. Rejects when the name does not resolve to an address that we reach. */
  async candidates(uri: SipUri): Promise<readonly ServerAddress[]> {
    const transport = transportOf(uri);
    if (isIpAddress(uri.host)) return this.#reachable([{ transport, address: { host: uri.host, port: uri.port ?? sipPort } }], uri.host);
    if (uri.host === 'invalid' || uri.host.endsWith('.invalid')) throw new Error(`${uri.host} is never resolved (RFC 2606)`);
    const servers = uri.port === null ? await this.#servers(uri, transport) : [{ name: uri.host, port: uri.port, transport }];
    const found = await Promise.all(servers.map((server) => this.#serverAddresses(server)));
    return this.#reachable(found.flat(), uri.host);
  }

  /** RFC 3263 4.1, 4.2: SRV of the URI's transport, else of UDP and then TCP; without SRV the name itself at the default port. */
  async #servers(uri: SipUri, transport: 'udp' | 'tcp'): Promise<{ name: string; port: number; transport: 'udp' | 'tcp' }[]> {
    const transports = uri.params.has('transport') ? [transport] : (['udp', 'tcp'] as const);
    for (const candidate of transports) {
      const records = await this.#srvRecords(`_sip._${candidate}.${uri.host}`);
      if (records.length > 0)
        return orderByWeight(records, this.#options.random).map(({ name, port }) => ({ name, port, transport: candidate }));
    }
    return [{ name: uri.host, port: sipPort, transport }];
  }

  /** No records, and a failure, mean the same: go on without. "." says that the service is not offered (RFC 2782). */
  async #srvRecords(name: string): Promise<readonly SrvRecord[]> {
    try {
      const records = await this.#cached(
        this.#srv,
        name,
        () => this.#options.dns.srv(name),
        () => srvTtlSec,
      );
      return records.filter((record) => record.name !== '' && record.name !== '.');
    } catch {
      return [];
    }
  }

  /** A server without an address does not stand in the way of the others. */
  async #serverAddresses({ name, port, transport }: { name: string; port: number; transport: 'udp' | 'tcp' }): Promise<ServerAddress[]> {
    try {
      const records = await this.#cached(
        this.#addresses,
        name,
        () => this.#options.dns.addresses(name),
        (record) => record.ttl,
      );
      return records.map(({ address }) => ({ transport, address: { host: address, port } }));
    } catch {
      return [];
    }
  }

  #reachable(servers: readonly ServerAddress[], name: string): readonly ServerAddress[] {
    const { reaches } = this.#options;
    const reachable = reaches ? servers.filter(({ address }) => reaches(address.host)) : servers;
    if (reachable.length === 0)
      throw new Error(servers.length === 0 ? `${name} does not resolve` : `${name} has no address that our sockets reach`);
    return reachable;
  }

  async #cached<Record>(
    cache: Map<string, Answer<Record>>,
    name: string,
    ask: () => Promise<readonly Record[]>,
    ttlSec: (record: Record) => number,
  ): Promise<readonly Record[]> {
    const known = cache.get(name);
    const now = this.#options.clock.now();
    if (known && known.untilMs > now) return known.records;
    try {
      const records = await ask();
      const ttl = Math.min(longestTtlSec, Math.max(shortestTtlSec, Math.min(...records.map(ttlSec))));
      if (cache.size >= keptAnswers) cache.clear();
      cache.set(name, { records, untilMs: now + ttl * 1000 });
      return records;
    } catch (error) {
      if (known && known.untilMs + staleMs > now) return known.records;
      throw error;
    }
  }
}

function transportOf(uri: SipUri): 'udp' | 'tcp' {
  const named = uri.params.get('transport')?.toLowerCase() ?? 'udp';
  if (uri.scheme === 'sips' || (named !== 'udp' && named !== 'tcp')) throw new Error(`no transport to servers for ${uri.scheme}, ${named}`);
  return named;
}

/** RFC 2782: lower priority first; among equals by lot, in proportion to weight. */
export function orderByWeight(records: readonly SrvRecord[], random: Pick<Random, 'uint32'>): SrvRecord[] {
  const rest = [...records].sort((a, b) => a.priority - b.priority || a.weight - b.weight);
  const ordered: SrvRecord[] = [];
  while (rest[0]) {
    const { priority } = rest[0];
    const peers = rest.filter((record) => record.priority === priority);
    const total = peers.reduce((all, { weight }) => all + weight, 0);
    const lot = random.uint32() % (total + 1);
    let sum = 0;
    const chosen = peers.findIndex(({ weight }) => {
      sum += weight;
      return sum >= lot;
    });
    ordered.push(...rest.splice(chosen, 1));
  }
  return ordered;
}

/** DNS as the machine is set up, and its hosts file for names that DNS does not know. */
export function systemDns(): Dns {
  const dns = new DnsResolver({ timeout: 2000, tries: 2 });
  return {
    srv: (name) => dns.resolveSrv(name),
    async addresses(name) {
      const [v4, v6] = await Promise.allSettled([dns.resolve4(name, { ttl: true }), dns.resolve6(name, { ttl: true })]);
      const found = [...(v4.status === 'fulfilled' ? v4.value : []), ...(v6.status === 'fulfilled' ? v6.value : [])];
      if (found.length > 0) return found;
      const listed = await lookup(name, { all: true });
      return listed.sort((a, b) => a.family - b.family).map(({ address }) => ({ address, ttl: shortestTtlSec }));
    },
  };
}
