/** The signalling half of the composition root: transports, user agent, registrar, trunks and calls, on one alarm. */

import type { EventEmitter } from 'node:events';
import type { UserAccount } from './accounts/account.ts';
import type { SocketAddress } from './base/address.ts';
import { Alarm, type Clock, pause, within } from './base/clock.ts';
import type { Log } from './base/log.ts';
import type { Random } from './base/random.ts';
import type { Call } from './call/call.ts';
import { CallOrders } from './call/call-orders.ts';
import { ConfiguredDirectory } from './call/directory.ts';
import { Routing } from './call/routing.ts';
import { Switchboard } from './call/switchboard.ts';
import type { Config } from './config/schema.ts';
import type { GatewayEvents } from './events/gateway-events.ts';
import type { Binding, LocationStore } from './location/location-store.ts';
import { MemoryLocationStore } from './location/memory.ts';
import type { Credentials } from './registrar/credentials.ts';
import { Registrar } from './registrar/registrar.ts';
import type { MediaRelay } from './relay/media-relay.ts';
import type { Authentication } from './sip/authentication.ts';
import type { AdvertisedAddress } from './sip/destination.ts';
import type { Flow } from './sip/message/flow.ts';
import type { SipMessage, SipRequest } from './sip/message/message.ts';
import type { SipError } from './sip/message/sip-error.ts';
import type { Timed } from './sip/schedule.ts';
import type { Refusal } from './sip/transport/limits.ts';
import { RouteCache } from './sip/transport/route.ts';
import type { TransportOut } from './sip/transport/transport-out.ts';
import { Transports } from './sip/transport/transports.ts';
import type { WebSocketTransport } from './sip/transport/websocket.ts';
import { UserAgent } from './sip/user-agent.ts';
import { type TrunkStanding, Trunks } from './trunk/trunks.ts';

/** The users, as they are at the moment. */
export interface SignallingUsers extends Credentials {
  get(name: string): UserAccount | undefined;
  /** Calls back with each name that is no longer a user's, or has another password now. */
  whenRevoked(listener: (name: string) => void): void;
}

export interface SignallingOptions {
  readonly config: Config;
  readonly users: SignallingUsers;
  /** Which trunks an operator lets be used. */
  readonly switches: { isEnabled(trunk: string): boolean };
  readonly relay: MediaRelay;
  readonly events: EventEmitter<GatewayEvents>;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  /** Sees every SIP message that comes and goes; null: nobody looks. */
  readonly tap: SipTap | null;
  /** For the User-Agent and Server headers. */
  readonly product: string;
}

export interface SipTap {
  received(message: SipMessage, octets: Uint8Array, flow: Flow): void;
  sent(bytes: Uint8Array, flow: Flow): void;
}

/** A BYE over UDP is sent at 0, 0.5 and 1.5 s; who has not answered then is gone. */
const byesTakeMs = 2000;
/** Calls end when their relay thread has said its last; one that says nothing does not hold up the end of the gateway. */
const callsTakeMs = 3000;
/** Trunks whose lookup takes longer have no calls yet when the gateway opens; it goes on. */
const lookupsTakeMs = 2000;

export interface SignallingControls {
  readonly switchboard: Switchboard;
  readonly orders: CallOrders;
  readonly location: LocationStore;
  readonly registrar: Registrar;
  readonly trunks: Trunks;
}

export class Signalling implements TransportOut {
  readonly #options: SignallingOptions;
  readonly #alarm: Alarm;
  readonly #location = new MemoryLocationStore();
  readonly #registrar: Registrar;
  readonly #trunks: Trunks;
  readonly #transports: Transports;
  readonly #agent: UserAgent;
  readonly #directory: ConfiguredDirectory;
  readonly #switchboard: Switchboard;
  readonly #orders: CallOrders;
  readonly #engines: readonly Timed[];

  /** Rejects when an address cannot be bound; then nothing stays open. */
  static async open(options: SignallingOptions): Promise<Signalling> {
    const { config, clock, random, log } = options;
    // What the sockets bring in waits for the object that takes it.
    let signalling: Signalling | undefined;
    const transports = await Transports.open(
      {
        ...config.sip,
        allowedOrigins: config.allowedOrigins,
        limits: config.limits,
        clock,
        random,
        log,
        admit: (host) => signalling?.admits(host) ?? false,
      },
      {
        receive: (message, flow, octets) => signalling?.receive(message, flow, octets),
        sent: (bytes, flow) => signalling?.sent(bytes, flow),
        malformed: (error, flow, octets) => signalling?.malformed(error, flow, octets),
        closed: (flow) => signalling?.closed(flow),
        refused: (refusal) => signalling?.refused(refusal),
      },
    );
    signalling = new Signalling(options, transports);
    await signalling.start();
    return signalling;
  }

  private constructor(options: SignallingOptions, transports: Transports) {
    this.#options = options;
    this.#transports = transports;
    this.#alarm = new Alarm(options.clock, (now) => this.#expire(now));
    this.#registrar = this.#createRegistrar();
    this.#trunks = this.#createTrunks();
    this.#agent = this.#createAgent();
    this.#directory = this.#createDirectory();
    this.#switchboard = this.#createSwitchboard();
    this.#orders = this.#createOrders();
    this.#engines = [this.#agent, this.#switchboard, this.#orders, this.#registrar, this.#trunks];
    options.users.whenRevoked((name) => this.#registrar.removeUser(name));
    this.#agent.handle('REGISTER', (incoming) => this.#registrar.receive(incoming, options.clock.now()));
    this.#agent.handleInvite((incoming) => this.#switchboard.invited(incoming));
  }

  get udp(): SocketAddress | null {
    return this.#transports.udp;
  }

  get tcp(): SocketAddress | null {
    return this.#transports.tcp;
  }

  get calls(): Iterable<Call> {
    return this.#switchboard.calls;
  }

  /** What an operator may look at and act upon. */
  get controls(): SignallingControls {
    return {
      switchboard: this.#switchboard,
      orders: this.#orders,
      location: this.#location,
      registrar: this.#registrar,
      trunks: this.#trunks,
    };
  }

  /** How each trunk stands. */
  get trunks(): readonly TrunkStanding[] {
    return this.#trunks.standings();
  }

  /** Contacts of users that can be reached. */
  get registrations(): number {
    return [...this.#location.all()].filter(({ flowId }) => flowId !== null).length;
  }

  /** Takes over HTTP upgrades on /sip. */
  get webSocket(): WebSocketTransport {
    return this.#transports.webSocket;
  }

  /** Whether any trunk sends from this host. */
  admits(host: string): boolean {
    return this.#trunks.admits(host);
  }

  receive(message: SipMessage, flow: Flow, octets: Uint8Array): void {
    this.#options.tap?.received(message, octets, flow);
    this.#agent.receive(message, flow, this.#options.clock.now());
  }

  sent(bytes: Uint8Array, flow: Flow): void {
    this.#options.tap?.sent(bytes, flow);
  }

  malformed(error: SipError, flow: Flow, octets: Uint8Array): void {
    if (error.partial) this.#options.tap?.received(error.partial, octets, flow);
    this.#agent.malformed(error, flow, this.#options.clock.now());
  }

  closed(flow: Flow): void {
    const now = this.#options.clock.now();
    this.#registrar.flowClosed(flow.id, now);
    this.#agent.flowClosed(flow, now);
    this.#switchboard.flowClosed(flow.id);
    this.#rearm();
  }

  refused(refusal: Refusal): void {
    this.#options.log.warn(refusal, 'refused');
    this.#options.events.emit('security.refused', refusal);
  }

  /** Resolves when every trunk has been looked up once; a name server that is dead does not keep the others waiting. */
  async start(): Promise<void> {
    await within(this.#options.clock, lookupsTakeMs, this.#trunks.start());
  }

  /** Takes other trunks and routes; running calls go on. Resolves when the new trunks have been looked up, or in bounded time. */
  async reconfigure({ trunks, routes }: Pick<Config, 'trunks' | 'routes'>): Promise<void> {
    this.#directory.replaceRoutes(routes);
    await within(this.#options.clock, lookupsTakeMs, this.#trunks.replace(trunks));
    this.#rearm();
  }

  /**
   * Takes no more calls, lets those that run go on for `patienceMs`, then ends them, and resolves when every BYE is answered, or in bounded
   * time.
   */
  async drain(patienceMs = 0): Promise<void> {
    const { clock, log } = this.#options;
    this.#orders.stop();
    if (!(await within(clock, patienceMs + callsTakeMs, this.#switchboard.drain(patienceMs))))
      log.warn({}, 'some calls did not end in time');
    const until = clock.now() + byesTakeMs;
    while (this.#agent.sessions > 0 && clock.now() < until) await pause(clock, 20);
  }

  /** In reverse order of opening. */
  async close(): Promise<void> {
    await this.#trunks.stop();
    await this.#transports.close();
    this.#alarm.close();
  }

  #createAgent(): UserAgent {
    const { config, clock, random, log, product } = this.#options;
    const transports = this.#transports;
    const graceMs = config.call.graceSec * 1000;
    return new UserAgent(
      { random, clock, log, product, connector: transports.connector, graceMs },
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
    const { config, users, random, log, events } = this.#options;
    const { domain, auth, registrar, limits, call } = config;
    const options = {
      ...registrar,
      domain,
      credentials: users,
      algorithms: auth.algorithms,
      nonceTtlMs: auth.nonceTtlSec * 1000,
      attempts: { maxFailures: auth.maxFailures, windowMs: auth.failureWindowSec * 1000 },
      maxContactsPerUser: limits.registrationsPerUser,
      maxContactsPerAddress: limits.registrationsPerAddress,
      graceMs: call.graceSec * 1000,
      location: this.#location,
      random,
    };
    return new Registrar(options, {
      authenticationFailed: (failure) => {
        log.warn(failure, 'authentication failed');
        events.emit('security.auth-failed', failure);
      },
      registered: (binding, previous) => this.#registered(binding, previous),
      unregistered: ({ user, contactUri }, cause) => events.emit('registration.removed', { user, contact: contactUri, cause }),
    });
  }

  #createTrunks(): Trunks {
    const { config, switches, clock, random, log, events } = this.#options;
    const routes = new RouteCache();
    return new Trunks(
      { trunks: config.trunks, clock, random, log },
      {
        request: (request, done) => this.#agent.request(request, done),
        resolve: async (uri) => (await this.#transports.connector.candidates(uri)).map(({ address }) => address),
        ownHost: (trunkHost) => config.sip.advertise?.host ?? routes.towards(trunkHost, config.domain, clock.now()),
        stateChanged: (trunk, state, detail) => {
          log.info({ trunk, state, detail }, 'trunk');
          events.emit('trunk.state', { trunk, state, detail });
        },
        isEnabled: (trunk) => switches.isEnabled(trunk),
        hasCalls: (trunk) => [...this.#switchboard.calls].some(({ parties }) => parties.trunk === trunk),
        deadlineMoved: () => this.#rearm(),
      },
    );
  }

  #createDirectory(): ConfiguredDirectory {
    const { users, config } = this.#options;
    return new ConfiguredDirectory({ users, routes: config.routes, trunks: this.#trunks, flow: (id) => this.#transports.flow(id) });
  }

  #createSwitchboard(): Switchboard {
    const { config, relay, clock, random, log, events } = this.#options;
    const { domain, call, limits } = config;
    const { sessionExpiresSec } = call;
    const shared = { directory: this.#directory, random, sessionExpiresSec };
    return new Switchboard({
      ...shared,
      routing: new Routing({ ...shared, domain, location: this.#location }),
      agent: this.#agent,
      relay,
      limits,
      times: { noAnswerMs: call.noAnswerSec * 1000, graceMs: call.graceSec * 1000, maxMs: call.maxSec * 1000 },
      events,
      clock,
      log,
      rescheduled: () => this.#rearm(),
    });
  }

  #createOrders(): CallOrders {
    const { config, events, clock, random, log } = this.#options;
    const { domain, call } = config;
    return new CallOrders({
      agent: this.#agent,
      directory: this.#directory,
      location: this.#location,
      events,
      domain,
      sessionExpiresSec: call.sessionExpiresSec,
      noAnswerMs: call.noAnswerSec * 1000,
      clock,
      random,
      log,
      answered: (incoming, callId) => this.#switchboard.invited(incoming, callId),
      rescheduled: () => this.#rearm(),
    });
  }

  /** A browser is known by its credentials or its registration, a trunk by its address; nobody else is answered. */
  #authenticate(request: SipRequest, flow: Flow, now: number): Authentication {
    if (flow.transport === 'ws' || flow.transport === 'wss') {
      const authentication = this.#registrar.authenticate(request, flow, now);
      if (authentication.outcome === 'accept') this.webSocket.accept(flow.id);
      return authentication;
    }
    const trunk = this.#trunks.bySource(flow.remote);
    return trunk ? { outcome: 'accept', identity: { kind: 'trunk', trunk: trunk.name } } : { outcome: 'ignore' };
  }

  #advertised({ transport, local }: Flow): AdvertisedAddress {
    const advertise = transport === 'udp' || transport === 'tcp' ? this.#options.config.sip.advertise : null;
    return { host: advertise?.host ?? local.host, port: advertise?.port ?? local.port, transport };
  }

  #registered(binding: Binding, previous: Binding | null): void {
    const { user, contactUri: contact, instanceId, key, remote, flowId } = binding;
    if (previous?.flowId === flowId) return;
    if (flowId !== null) this.#switchboard.moved({ user, instanceId, key }, flowId);
    this.#options.log.info({ user, contact, remote }, 'registered');
    this.#options.events.emit('registration.added', { user, contact, instanceId, remote });
  }

  #expire(now: number): void {
    for (const engine of this.#engines) if (engine.deadline <= now) engine.expire(now);
    this.#rearm();
  }

  #rearm(): void {
    let nearest = Number.POSITIVE_INFINITY;
    for (const { deadline } of this.#engines) nearest = Math.min(nearest, deadline);
    this.#alarm.arm(nearest);
  }
}
