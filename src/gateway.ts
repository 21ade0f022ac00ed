/** The composition root: makes every long-lived object, joins them, and closes them in reverse order. */

import { EventEmitter } from 'node:events';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { CallSummary, GatewayControl, GatewayState } from './api/gateway-control.ts';
import { ApiServer } from './api/server.ts';
import type { SocketAddress } from './base/address.ts';
import { Alarm, type Clock, systemClock } from './base/clock.ts';
import { createLog, type Log } from './base/log.ts';
import { type Random, systemRandom } from './base/random.ts';
import { type CallUser, type Directory, Routing } from './call/routing.ts';
import { Switchboard } from './call/switchboard.ts';
import type { Config } from './config/schema.ts';
import type { GatewayEvents } from './events/gateway-events.ts';
import type { Binding } from './location/location-store.ts';
import { MemoryLocationStore } from './location/memory.ts';
import { Registrar } from './registrar/registrar.ts';
import { createLocalRelay } from './relay/local.ts';
import type { MediaRelay } from './relay/media-relay.ts';
import { createRelayPool } from './relay/pool.ts';
import type { Authentication } from './sip/authentication.ts';
import type { AdvertisedAddress } from './sip/destination.ts';
import type { Flow } from './sip/message/flow.ts';
import type { SipRequest } from './sip/message/message.ts';
import { localHostTowards } from './sip/transport/route.ts';
import { Transports } from './sip/transport/transports.ts';
import { UserAgent } from './sip/user-agent.ts';
import { DialPlan } from './trunk/route.ts';
import { Trunks } from './trunk/trunks.ts';

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
  calls(): readonly CallSummary[];
  /** Takes no more calls and ends those that run, with BYE on both sides; resolves when all are gone. */
  drain(): Promise<void>;
  /** Drains, then closes everything. Idempotent. */
  close(): Promise<void>;
}

const packageFile = new URL('../package.json', import.meta.url);
const pagesFolder = fileURLToPath(new URL('./web', import.meta.url));

/** `offhook/1.2.3`, for the User-Agent and Server headers. */
export const product = `offhook/${(JSON.parse(readFileSync(packageFile, 'utf8')) as { version: string }).version}`;

/** Calls end when their relay thread has said its last; one that says nothing does not hold up the end of the gateway. */
const callsTakeMs = 3000;

/** A BYE over UDP is sent at 0, 0.5 and 1.5 s; who has not answered then is gone. */
const byesTakeMs = 2000;

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

class RunningGateway implements Gateway, GatewayControl {
  readonly log: Log;
  readonly events = new EventEmitter<GatewayEvents>();
  readonly #config: Config;
  readonly #overrides: GatewayOverrides;
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #alarm: Alarm;
  readonly #location = new MemoryLocationStore();
  readonly #registrar: Registrar;
  readonly #trunks: Trunks;
  readonly #directory: Directory;
  #state: GatewayState = 'starting';
  #relay: MediaRelay | null = null;
  #transports: Transports | null = null;
  #agent: UserAgent | null = null;
  #switchboard: Switchboard | null = null;
  #api: ApiServer | null = null;
  #closing: Promise<void> | null = null;

  constructor(config: Config, overrides: GatewayOverrides) {
    const pretty = config.log.format === 'pretty' || (config.log.format === 'auto' && process.stdout.isTTY);
    this.#config = config;
    this.#overrides = overrides;
    this.#clock = overrides.clock ?? systemClock;
    this.#random = overrides.random ?? systemRandom;
    this.log = overrides.log ?? createLog({ level: config.log.level, pretty });
    this.#alarm = new Alarm(this.#clock, (now) => this.#expire(now));
    this.#registrar = this.#createRegistrar();
    this.#trunks = this.#createTrunks();
    this.#directory = this.#createDirectory();
  }

  async open(): Promise<void> {
    this.#relay = this.#overrides.relay ?? (await this.#startRelay());
    this.#transports = await this.#openTransports();
    this.#agent = this.#createAgent(this.#transports);
    this.#switchboard = this.#createSwitchboard(this.#agent, this.#relay);
    this.#connect(this.#agent, this.#switchboard);
    await this.#trunks.start();
    this.#api = await this.#openApi(this.#transports);
    this.#state = 'ready';
    this.log.info({ ...this.listeners }, 'listening');
  }

  get state(): GatewayState {
    return this.#state;
  }

  get listeners(): Listeners {
    return {
      http: this.#api?.http ?? null,
      https: this.#api?.https ?? null,
      udp: this.#transports?.udp ?? null,
      tcp: this.#transports?.tcp ?? null,
    };
  }

  calls(): readonly CallSummary[] {
    return [...(this.#switchboard?.calls ?? [])].flatMap(({ parties, state, invitedAt, answeredAt }) =>
      state === 'ended' ? [] : [{ ...parties, state, invitedAt, answeredAt }],
    );
  }

  async drain(): Promise<void> {
    if (this.#state !== 'draining') this.events.emit('node.draining');
    this.#state = 'draining';
    if (!(await this.#within(callsTakeMs, this.#switchboard?.drain()))) this.log.warn({}, 'some calls did not end in time');
    await this.#quiet();
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  /** In reverse order of `open`. */
  async #close(): Promise<void> {
    await this.drain();
    await this.#api?.close();
    if (this.#agent) await this.#trunks.stop();
    await this.#transports?.close();
    await this.#relay?.close();
    this.#alarm.close();
  }

  /** Waits until every BYE is answered, for as long as it takes to send one anew three times. */
  async #quiet(): Promise<void> {
    const until = this.#clock.now() + byesTakeMs;
    while ((this.#agent?.sessions ?? 0) > 0 && this.#clock.now() < until) {
      await this.#after(20);
    }
  }

  #after(delayMs: number): Promise<void> {
    return new Promise((resolve) => this.#clock.after(delayMs, resolve));
  }

  async #within(timeMs: number, work: Promise<void> | undefined): Promise<boolean> {
    let cancel = (): void => {};
    const late = new Promise<boolean>((resolve) => {
      cancel = this.#clock.after(timeMs, () => resolve(false));
    });
    const done = await Promise.race([Promise.resolve(work).then(() => true), late]);
    cancel();
    return done;
  }

  #startRelay(): Promise<MediaRelay> {
    const { workers, ...media } = this.#config.media;
    const options = { ...media, loopback: this.#overrides.loopback ?? false, log: this.log, clock: this.#clock, random: this.#random };
    return workers === 0 ? createLocalRelay(options) : createRelayPool({ ...options, workers });
  }

  #openTransports(): Promise<Transports> {
    const { sip, allowedOrigins, limits } = this.#config;
    const options = { ...sip, allowedOrigins, limits, clock: this.#clock, random: this.#random, log: this.log };
    return Transports.open(
      { ...options, admit: (host) => this.#trunks.admits(host) },
      {
        receive: (message, flow) => this.#agent?.receive(message, flow, this.#clock.now()),
        malformed: (error, flow) => this.#agent?.malformed(error, flow, this.#clock.now()),
        closed: (flow) => this.#flowClosed(flow),
      },
    );
  }

  #createAgent(transports: Transports): UserAgent {
    const { connector } = transports;
    const graceMs = this.#config.call.graceSec * 1000;
    return new UserAgent(
      { random: this.#random, clock: this.#clock, log: this.log, product, connector, graceMs },
      {
        authenticate: (request, flow, now) => this.#authenticate(request, flow, now),
        flow: (id) => transports.flow(id),
        flowTo: (flow, remote) => transports.flowTo(flow, remote),
        advertised: (flow) => this.#advertised(flow),
        deadlineMoved: () => this.#rearm(),
      },
    );
  }

  #createRegistrar(): Registrar {
    const { domain, users, auth, registrar, limits, call } = this.#config;
    const options = {
      domain,
      users,
      algorithms: auth.algorithms,
      nonceTtlMs: auth.nonceTtlSec * 1000,
      ...registrar,
      maxContactsPerUser: limits.registrationsPerUser,
      maxContactsPerAddress: limits.registrationsPerAddress,
      graceMs: call.graceSec * 1000,
      location: this.#location,
      random: this.#random,
    };
    return new Registrar(options, {
      authenticationFailed: (failure) => {
        this.log.warn(failure, 'authentication failed');
        this.events.emit('security.auth-failed', failure);
      },
      registered: (binding, previous) => this.#registered(binding, previous),
      unregistered: ({ user, contactUri }, cause) => this.events.emit('registration.removed', { user, contact: contactUri, cause }),
    });
  }

  #createTrunks(): Trunks {
    const options = { trunks: this.#config.trunks, clock: this.#clock, random: this.#random, log: this.log };
    return new Trunks(options, {
      request: (request, done) => this.#running.request(request, done),
      resolve: async (uri) => {
        const servers = (await this.#transports?.connector.candidates(uri)) ?? [];
        return servers.map(({ address }) => address);
      },
      ownHost: (trunkHost) => this.#config.sip.advertise?.host ?? localHostTowards(trunkHost) ?? this.#config.domain,
      stateChanged: (trunk, state, detail) => {
        this.log.info({ trunk, state, detail }, 'trunk');
        this.events.emit('trunk.state', { trunk, state, detail });
      },
      deadlineMoved: () => this.#rearm(),
    });
  }

  #createDirectory(): Directory {
    const users = new Map(this.#config.users.map((user) => [user.name, callUser(user)]));
    const plan = new DialPlan(this.#config.routes);
    return {
      user: (name) => users.get(name),
      trunk: (name) => this.#trunks.byName(name),
      trunkFor: (number) => {
        const trunks = plan.trunksFor(number).flatMap((name) => this.#trunks.byName(name) ?? []);
        return trunks.find(({ available }) => available) ?? trunks[0];
      },
      usersFor: (number) => plan.usersFor(number).flatMap((name) => users.get(name) ?? []),
      flow: (id) => this.#transports?.flow(id),
    };
  }

  #createSwitchboard(agent: UserAgent, relay: MediaRelay): Switchboard {
    const { domain, call, limits } = this.#config;
    const { sessionExpiresSec } = call;
    const shared = { directory: this.#directory, random: this.#random, sessionExpiresSec };
    return new Switchboard({
      ...shared,
      routing: new Routing({ ...shared, domain, location: this.#location }),
      agent,
      relay,
      limits,
      times: { noAnswerMs: call.noAnswerSec * 1000, graceMs: call.graceSec * 1000, maxMs: call.maxSec * 1000 },
      events: this.events,
      clock: this.#clock,
      log: this.log,
      rescheduled: () => this.#rearm(),
    });
  }

  #connect(agent: UserAgent, switchboard: Switchboard): void {
    agent.handle('REGISTER', (incoming) => this.#registrar.receive(incoming, this.#clock.now()));
    agent.handleInvite((incoming) => switchboard.invited(incoming));
  }

  #openApi({ webSocket }: Transports): Promise<ApiServer> {
    const { http, https, web, limits } = this.#config;
    return ApiServer.open({
      http,
      https,
      control: this,
      pages: web.softphone ? pagesFolder : null,
      softphone: this.#overrides.softphone ?? null,
      maxConnections: limits.connections,
      log: this.log,
      upgrade: (request, socket, head) => webSocket.upgrade(request, socket, head),
    });
  }

  /** A browser is known by its credentials or its registration, a trunk by its address; nobody else is answered. */
  #authenticate(request: SipRequest, flow: Flow, now: number): Authentication {
    if (flow.transport === 'ws' || flow.transport === 'wss') return this.#registrar.authenticate(request, flow, now);
    const trunk = this.#trunks.bySource(flow.remote);
    return trunk ? { outcome: 'accept', identity: { kind: 'trunk', trunk: trunk.name } } : { outcome: 'ignore' };
  }

  #advertised({ transport, local }: Flow): AdvertisedAddress {
    const advertise = transport === 'udp' || transport === 'tcp' ? this.#config.sip.advertise : null;
    return { host: advertise?.host ?? local.host, port: advertise?.port ?? local.port, transport };
  }

  #registered(binding: Binding, previous: Binding | null): void {
    const { user, contactUri: contact, instanceId, key, remote, flowId } = binding;
    if (flowId !== null && previous?.flowId !== flowId) this.#switchboard?.moved({ user, instanceId, key }, flowId);
    if (previous?.flowId === flowId) return;
    this.log.info({ user, contact, remote }, 'registered');
    this.events.emit('registration.added', { user, contact, instanceId, remote });
  }

  #flowClosed(flow: Flow): void {
    const now = this.#clock.now();
    this.#registrar.flowClosed(flow.id, now);
    this.#agent?.flowClosed(flow, now);
    this.#switchboard?.flowClosed(flow.id);
    this.#rearm();
  }

  get #running(): UserAgent {
    if (!this.#agent) throw new Error('the gateway is not open');
    return this.#agent;
  }

  #expire(now: number): void {
    for (const engine of [this.#agent, this.#switchboard, this.#registrar, this.#trunks]) {
      if (engine && engine.deadline <= now) engine.expire(now);
    }
    this.#rearm();
  }

  #rearm(): void {
    const deadlines = [this.#agent, this.#switchboard, this.#registrar, this.#trunks].map((engine) => engine?.deadline ?? Infinity);
    this.#alarm.arm(Math.min(...deadlines));
  }
}

function callUser({ name, callerId, dtmf }: Config['users'][number]): CallUser {
  return { name, callerId: callerId ?? name, dtmfByInfo: dtmf === 'info' };
}
