/** The composition root: makes the relay, the signalling and the API, joins them, and closes them in reverse order. */

import { EventEmitter } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { CallSummary, GatewayState } from './api/gateway-control.ts';
import type { PagesOptions } from './api/routes/pages.ts';
import type { ApiServer } from './api/server.ts';
import type { SocketAddress } from './base/address.ts';
import { type Clock, systemClock } from './base/clock.ts';
import { errorText, invariant } from './base/errors.ts';
import { createLog, type Log } from './base/log.ts';
import { type Random, systemRandom } from './base/random.ts';
import { compareConfigs, type Difference } from './config/difference.ts';
import type { Config } from './config/schema.ts';
import type { EventNotice } from './events/event-feed.ts';
import type { GatewayEvents } from './events/gateway-events.ts';
import { explain } from './explain/explain.ts';
import type { Finding } from './explain/finding.ts';
import { GatewayMetrics } from './metrics/gateway-metrics.ts';
import { Observation } from './observation.ts';
import { Operation } from './operation.ts';
import { Persistence } from './persistence.ts';
import { createLocalRelay } from './relay/local.ts';
import type { MediaRelay } from './relay/media-relay.ts';
import { createRelayPool } from './relay/pool.ts';
import { Signalling } from './signalling.ts';
import type { CallTrace } from './trace/call-trace.ts';

/** What a program or a test may put in place of the gateway's own. */
export interface GatewayOverrides {
  readonly clock?: Clock;
  readonly random?: Random;
  readonly log?: Log;
  readonly relay?: MediaRelay;
  /** Whether a wildcard media address includes loopback. */
  readonly loopback?: boolean;
  /** What the softphone page is told; null: it asks its user. */
  readonly softphone?: object | null;
}

export interface Listeners {
  readonly http: SocketAddress | null;
  readonly https: SocketAddress | null;
  readonly udp: SocketAddress | null;
  readonly tcp: SocketAddress | null;
}

export interface Gateway {
  readonly log: Log;
  /** Where it listens; null for what is not configured. */
  readonly listeners: Listeners;
  readonly events: EventEmitter<GatewayEvents>;
  readonly state: GatewayState;
  /**
   * Calls back for each event that the filter lets pass, such as `call.ended where trunk=carrier`; the returned function ends that. What a
   * listener throws is logged. Throws FilterError.
   */
  on(filter: string, listener: (notice: EventNotice) => void): () => void;
  calls(): readonly CallSummary[];
  /** What is kept of a call, running or ended; undefined when nothing is. */
  trace(callId: string): CallTrace | undefined;
  /** Why that call went as it did, the worst first. */
  explain(callId: string): readonly Finding[] | undefined;
  /**
   * Takes no more calls, lets those that run go on for `patienceMs` (default 0), then ends them with BYE on both sides; resolves when all
   * are gone, or in bounded time.
   */
  drain(patienceMs?: number): Promise<void>;
  /**
   * Takes over the users, trunks, routes and the HTTPS certificate of another configuration while calls run, and says what changed.
   * Rejects when the certificate cannot be used, and has changed nothing then.
   */
  reconfigure(config: Config): Promise<Difference>;
  /** Drains, then closes everything. Idempotent. */
  close(): Promise<void>;
}

const packageFile = new URL('../package.json', import.meta.url);
const pagesFolder = fileURLToPath(new URL('./web', import.meta.url));
const phoneModule = fileURLToPath(new URL('./phone/offhook-phone.js', import.meta.url));

const { version } = JSON.parse(readFileSync(packageFile, 'utf8')) as { version: string };

/** `offhook/1.2.3`, for the User-Agent and Server headers. */
export const product = `offhook/${version}`;

/** Starts a gateway. Rejects when an address cannot be bound or a driver that was asked for cannot work; then nothing stays open. */
export async function createGateway(config: Config, overrides: GatewayOverrides = {}): Promise<Gateway> {
  const gateway = new RunningGateway(config, overrides);
  try {
    await gateway.open();
    return gateway;
  } catch (error) {
    await gateway.close();
    throw error;
  }
}

class RunningGateway implements Gateway {
  readonly log: Log;
  readonly events = new EventEmitter<GatewayEvents>();
  #config: Config;
  readonly #overrides: GatewayOverrides;
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #observation: Observation;
  #state: GatewayState = 'starting';
  #persistence: Persistence | null = null;
  #relay: MediaRelay | null = null;
  #signalling: Signalling | null = null;
  #metrics: GatewayMetrics | null = null;
  #operation: Operation | null = null;
  #closing: Promise<void> | null = null;

  constructor(config: Config, overrides: GatewayOverrides) {
    const pretty = config.log.format === 'pretty' || (config.log.format === 'auto' && process.stdout.isTTY);
    this.#config = config;
    this.#overrides = overrides;
    this.#clock = overrides.clock ?? systemClock;
    this.#random = overrides.random ?? systemRandom;
    this.log = overrides.log ?? createLog({ level: config.log.level, pretty });
    this.#observation = new Observation({ config, events: this.events, clock: this.#clock, log: this.log });
  }

  async open(): Promise<void> {
    const shared = { config: this.#config, clock: this.#clock, random: this.#random, log: this.log, events: this.events };
    this.#persistence = await Persistence.open({ ...shared, findings: (callId) => this.explain(callId) ?? [] });
    const relay = this.#overrides.relay ?? (await this.#startRelay());
    this.#relay = relay;
    const { users, switches } = this.#persistence;
    this.#signalling = await Signalling.open({ ...shared, users, switches, relay, tap: this.#observation.tap, product });
    this.#metrics = this.#config.metrics.enabled ? this.#openMetrics(this.#persistence, relay, this.#signalling) : null;
    this.#operation = await this.#openOperation(this.#persistence, relay, this.#signalling);
    this.#state = 'ready';
    this.events.emit('node.ready', { version });
    this.log.info({ ...this.listeners }, 'listening');
  }

  get state(): GatewayState {
    return this.#state;
  }

  get listeners(): Listeners {
    return {
      http: this.#api?.http ?? null,
      https: this.#api?.https ?? null,
      udp: this.#signalling?.udp ?? null,
      tcp: this.#signalling?.tcp ?? null,
    };
  }

  on(filter: string, listener: (notice: EventNotice) => void): () => void {
    return this.#opened.feed.subscribe(filter, null, (notice) => {
      try {
        listener(notice);
      } catch (error) {
        this.log.error({ event: notice.event, error: errorText(error) }, 'a listener failed');
      }
    });
  }

  calls(): readonly CallSummary[] {
    return [...(this.#signalling?.calls ?? [])].flatMap(({ parties, state, invitedAt, answeredAt }) =>
      state === 'ended' ? [] : [{ ...parties, state, invitedAt, answeredAt }],
    );
  }

  trace(callId: string): CallTrace | undefined {
    return this.#observation.traces.get(callId);
  }

  explain(callId: string): readonly Finding[] | undefined {
    const trace = this.#observation.traces.captured(callId);
    return trace && explain(trace, this.#clock.wallTime());
  }

  async reconfigure(config: Config): Promise<Difference> {
    const { live, restart } = compareConfigs(this.#config, config);
    const renewed = config.https !== null && (this.#api?.replaceCertificate(config.https) ?? false);
    const { users, trunks, routes } = config;
    const https = this.#config.https && config.https ? { ...config.https, listen: this.#config.https.listen } : this.#config.https;
    this.#config = { ...this.#config, users, trunks, routes, https };
    this.#persistence?.users.replaceConfigured(users);
    await this.#signalling?.reconfigure(this.#config);
    return { live: [...live, ...(renewed ? ['the certificate of https'] : [])], restart };
  }

  async drain(patienceMs = 0): Promise<void> {
    if (this.#state !== 'draining') this.events.emit('node.draining');
    this.#state = 'draining';
    await this.#signalling?.drain(patienceMs);
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  /** In reverse order of `open`. */
  async #close(): Promise<void> {
    await this.drain();
    await this.#operation?.close();
    this.#metrics?.close();
    await this.#signalling?.close();
    await this.#relay?.close();
    await this.#observation.close();
    await this.#persistence?.close();
  }

  #startRelay(): Promise<MediaRelay> {
    const { workers, ...media } = this.#config.media;
    const late = (thread: number, lateMs: number): boolean => this.events.emit('node.overloaded', { thread, lateMs });
    const options = {
      ...media,
      loopback: this.#overrides.loopback ?? false,
      log: this.log,
      late,
      clock: this.#clock,
      random: this.#random,
    };
    return workers === 0 ? createLocalRelay(options) : createRelayPool({ ...options, workers });
  }

  #openMetrics(persistence: Persistence, relay: MediaRelay, signalling: Signalling): GatewayMetrics {
    const sources = {
      calls: () => [...signalling.calls].map(({ parties }) => parties),
      registrations: () => signalling.registrations,
      connections: () => signalling.webSocket.connections,
      trunks: () => signalling.trunks,
      relay: () => relay.load,
      draining: () => this.#state === 'draining',
      lostWrites: () => persistence.lost,
    };
    return new GatewayMetrics({ events: this.events, sources, version });
  }

  #openOperation(persistence: Persistence, relay: MediaRelay, signalling: Signalling): Promise<Operation> {
    return Operation.open({
      version,
      events: this.events,
      clock: this.#clock,
      random: this.#random,
      log: this.log,
      persistence,
      signalling,
      relay,
      traces: this.#observation.traces,
      metrics: this.#metrics,
      pages: pagesOf(this.#config),
      softphone: this.#overrides.softphone ?? null,
      state: () => this.#state,
      config: () => this.#config,
      drain: (deadlineSec) => void this.drain(deadlineSec * 1000),
    });
  }

  get #opened(): Operation {
    invariant(this.#operation, 'the gateway is open');
    return this.#operation;
  }

  get #api(): ApiServer | null {
    return this.#operation?.api ?? null;
  }
}

/** A dashboard is there by default: where the pages were not built, there is none. */
function pagesOf({ web: { dashboard, softphone } }: Config): PagesOptions | null {
  return softphone || (dashboard && existsSync(pagesFolder)) ? { folder: pagesFolder, dashboard, phone: softphone, phoneModule } : null;
}
