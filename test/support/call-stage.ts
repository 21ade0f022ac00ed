/** The signalling of a whole gateway on a fake clock, between browsers and a carrier on in-memory links. */

import { EventEmitter } from 'node:events';
import { expect, onTestFinished } from 'vitest';
import { Alarm } from '../../src/base/clock.ts';
import type { Log } from '../../src/base/log.ts';
import { seededRandom } from '../../src/base/random.ts';
import { type CallUser, type Directory, Routing } from '../../src/call/routing.ts';
import { Switchboard } from '../../src/call/switchboard.ts';
import type { CallRecord, GatewayEvents } from '../../src/events/gateway-events.ts';
import { MemoryLocationStore } from '../../src/location/memory.ts';
import { Registrar } from '../../src/registrar/registrar.ts';
import type { MediaRelay } from '../../src/relay/media-relay.ts';
import type { Flow } from '../../src/sip/message/flow.ts';
import { UserAgent } from '../../src/sip/user-agent.ts';
import { type CapturedMessage, captureReceived, captureSent } from '../../src/trace/captured-message.ts';
import { Traces } from '../../src/trace/traces.ts';
import { DialPlan } from '../../src/trunk/route.ts';
import type { TrunkOptions } from '../../src/trunk/trunk.ts';
import { Trunks } from '../../src/trunk/trunks.ts';
import { BrowserPhone, CarrierPhone, carrierAddress } from './call-phone.ts';
import { credentialsOf } from './credentials.ts';
import { FakeClock } from './fake-clock.ts';
import { ScriptedRelay } from './scripted-relay.ts';
import { type LinkFlow, SipLink } from './sip-link.ts';
import type { PhoneCall } from './stage-call.ts';
import { pause } from './until.ts';

export interface StageOptions {
  /** Instead of the scripted one. */
  readonly media?: MediaRelay;
  readonly trunk?: Partial<TrunkOptions>;
  /** Users whose digits go as INFO. */
  readonly dtmfByInfo?: readonly string[];
  readonly limits?: { calls?: number; callsPerUser?: number; callsPerAddress?: number; callsPerTrunk?: number };
  readonly noAnswerSec?: number;
  readonly graceSec?: number;
  readonly maxSec?: number;
  readonly sessionExpiresSec?: number;
}

const users = ['alice', 'bob', 'carol'];

const trunkOptions: TrunkOptions = {
  name: 'carrier',
  target: `sip:${carrierAddress.host}:${carrierAddress.port};transport=udp`,
  auth: { username: 'gwuser', password: 'gwpass', realm: null },
  register: false,
  registerExpiresSec: 600,
  sources: [],
  codecs: ['PCMU', 'PCMA'],
  tcpFallback: false,
  pingSec: 0,
  media: { learn: false },
};

/** Longer than any transaction and any grace lasts. */
const everythingOverMs = 120_000;

export class CallStage {
  readonly clock = new FakeClock();
  readonly events = new EventEmitter<GatewayEvents>();
  readonly relay = new ScriptedRelay();
  readonly traces = new Traces({ calls: 10, entries: 500, bytes: 131_072, clock: this.clock });
  /** Every SIP message of the gateway's. */
  readonly captured: CapturedMessage[] = [];
  readonly carrier: CarrierPhone;
  /** The carrier's end is `a`. */
  readonly trunkLink: SipLink;
  readonly agent: UserAgent;
  readonly switchboard: Switchboard;
  /** Of calls that ended. */
  readonly records: CallRecord[] = [];
  /** Names of events but `call.quality`, in order. */
  readonly happened: string[] = [];
  /** Lines of the level error: broken invariants. */
  readonly errors: string[] = [];
  readonly #options: StageOptions;
  readonly #random = seededRandom(7);
  readonly #location = new MemoryLocationStore();
  readonly #registrar: Registrar;
  readonly #trunks: Trunks;
  readonly #alarm: Alarm;
  readonly #flows = new Map<string, Flow>();
  readonly #browsers: BrowserPhone[] = [];

  private constructor(options: StageOptions) {
    this.#options = options;
    this.#alarm = new Alarm(this.clock, (now) => this.#expire(now));
    this.#registrar = this.#createRegistrar();
    this.#trunks = this.#createTrunks();
    this.carrier = new CarrierPhone(this.clock);
    this.trunkLink = new SipLink(this.clock, { transport: 'udp', a: carrierAddress, b: { host: '198.51.100.5', port: 5060 } });
    this.carrier.party.attach(this.trunkLink.a);
    this.agent = this.#createAgent();
    this.switchboard = this.#createSwitchboard();
    this.agent.handle('REGISTER', (incoming) => this.#registrar.receive(incoming, this.clock.now()));
    this.agent.handleInvite((incoming) => this.switchboard.invited(incoming));
    this.#attach(this.trunkLink.b);
    this.#listen();
  }

  /** Ready for calls; when the test is over every call is ended, and nothing may be left of any. */
  static async open(options: StageOptions = {}): Promise<CallStage> {
    const stage = new CallStage(options);
    await stage.#trunks.start();
    onTestFinished(() => stage.#isClean());
    return stage;
  }

  /** A browser of `user`, connected and registered. */
  async browser(user: string, options: { instance?: string; host?: string } = {}): Promise<BrowserPhone> {
    const count = this.#browsers.length + 1;
    const { instance = `${user}-${count}`, host = `192.0.2.${count}` } = options;
    const phone = new BrowserPhone(this.clock, { user, instance, host, accept: (link) => this.#attach(link.b) });
    this.#browsers.push(phone);
    phone.connect();
    await this.register(phone);
    phone.link.log.length = 0;
    return phone;
  }

  async register(phone: BrowserPhone): Promise<void> {
    const registered = phone.register();
    await this.advance(100);
    expect(await registered).toBe(200);
  }

  advance(ms: number): Promise<void> {
    return this.clock.advance(ms);
  }

  /** Lets a real relay do its part, which takes real time. */
  async until(what: string, condition: () => boolean): Promise<void> {
    for (let tries = 0; tries < 2000; tries += 1) {
      await this.advance(1);
      if (condition()) return;
      await pause(1);
    }
    throw new Error(`waited in vain for ${what}`);
  }

  /** A call from a browser that the carrier has answered. */
  async outbound(phone: BrowserPhone, number = '+15550123'): Promise<{ browser: PhoneCall; trunk: PhoneCall }> {
    const browser = phone.call(number);
    await this.advance(100);
    const trunk = this.carrier.lastCall;
    trunk.answer();
    await this.advance(100);
    return this.#started(browser, trunk);
  }

  /** A call from the carrier that the browser has answered. */
  async inbound(phone: BrowserPhone, number = phone.user): Promise<{ browser: PhoneCall; trunk: PhoneCall }> {
    const trunk = this.carrier.call(number);
    await this.advance(100);
    const browser = phone.lastCall;
    browser.answer();
    await this.advance(100);
    return this.#started(browser, trunk);
  }

  /** Media flows; from here on the ends note what comes after the answer. */
  #started(browser: PhoneCall, trunk: PhoneCall): { browser: PhoneCall; trunk: PhoneCall } {
    this.relay.last.connected();
    browser.log.length = 0;
    trunk.log.length = 0;
    return { browser, trunk };
  }

  setTrunkAvailable(available: boolean): void {
    const trunk = this.#trunks.byName('carrier');
    if (trunk) trunk.available = available;
  }

  get record(): CallRecord {
    const record = this.records.at(-1);
    if (!record) throw new Error('no call has ended');
    return record;
  }

  /** The gateway's end of a link. */
  #attach(flow: LinkFlow): void {
    this.#flows.set(flow.id, flow);
    flow.receive = (message, _flow, octets) => {
      this.#tap(captureReceived(message, octets, flow, this.clock.wallTime()));
      this.agent.receive(message, flow, this.clock.now());
    };
    flow.onSent = (bytes) => this.#tap(captureSent(bytes, flow, this.clock.wallTime()));
    flow.onClosed = () => {
      const now = this.clock.now();
      this.#flows.delete(flow.id);
      this.#registrar.flowClosed(flow.id, now);
      this.agent.flowClosed(flow, now);
      this.switchboard.flowClosed(flow.id);
      this.#rearm();
    };
  }

  #tap(message: CapturedMessage | null): void {
    if (!message) return;
    this.captured.push(message);
    this.traces.sip(message);
  }

  #createAgent(): UserAgent {
    const { graceSec = 30 } = this.#options;
    return new UserAgent(
      {
        random: this.#random,
        clock: this.clock,
        log: this.#log(),
        product: 'offhook/test',
        connector: {
          candidates: async (uri) => [{ transport: 'udp', address: { host: uri.host, port: uri.port ?? 5060 } }],
          connect: async ({ address }) => {
            if (address.host !== carrierAddress.host || this.trunkLink.b.closed) throw new Error('connection refused');
            return this.trunkLink.b;
          },
        },
        graceMs: graceSec * 1000,
      },
      {
        authenticate: (request, flow, now) => {
          if (flow.transport === 'ws') return this.#registrar.authenticate(request, flow, now);
          const trunk = this.#trunks.bySource(flow.remote);
          return trunk ? { outcome: 'accept', identity: { kind: 'trunk', trunk: trunk.name } } : { outcome: 'ignore' };
        },
        flow: (id) => this.#flows.get(id),
        flowTo: (flow) => flow,
        advertised: ({ local, transport }) => ({ ...local, transport }),
        deadlineMoved: () => this.#rearm(),
      },
    );
  }

  #createRegistrar(): Registrar {
    const { graceSec = 30 } = this.#options;
    return new Registrar(
      {
        domain: 'example.com',
        credentials: credentialsOf('example.com', Object.fromEntries(users.map((name) => [name, `password of ${name}`]))),
        algorithms: ['MD5'],
        nonceTtlMs: 300_000,
        attempts: { maxFailures: 10, windowMs: 60_000 },
        minExpiresSec: 60,
        maxExpiresSec: 3600,
        maxContactsPerUser: 10,
        maxContactsPerAddress: 100,
        graceMs: graceSec * 1000,
        location: this.#location,
        random: this.#random,
      },
      {
        authenticationFailed: () => {},
        registered: ({ user, instanceId, key, flowId }, previous) => {
          if (flowId !== null && previous?.flowId !== flowId) this.switchboard.moved({ user, instanceId, key }, flowId);
        },
        unregistered: () => {},
      },
    );
  }

  #createTrunks(): Trunks {
    const trunks = [{ ...trunkOptions, ...this.#options.trunk }];
    return new Trunks(
      { trunks, clock: this.clock, random: this.#random, log: this.#log() },
      {
        request: (request, done) => this.agent.request(request, done),
        resolve: async () => [carrierAddress],
        ownHost: () => '198.51.100.5',
        stateChanged: () => {},
        hasCalls: () => false,
        isEnabled: () => true,
        deadlineMoved: () => {},
      },
    );
  }

  #createSwitchboard(): Switchboard {
    const { limits, noAnswerSec = 60, graceSec = 30, maxSec = 14_400, sessionExpiresSec = 1800 } = this.#options;
    const directory = this.#createDirectory();
    return new Switchboard({
      agent: this.agent,
      relay: this.#options.media ?? this.relay,
      directory,
      routing: new Routing({ domain: 'example.com', sessionExpiresSec, directory, location: this.#location, random: this.#random }),
      times: { noAnswerMs: noAnswerSec * 1000, graceMs: graceSec * 1000, maxMs: maxSec * 1000 },
      sessionExpiresSec,
      limits: { calls: 100, callsPerUser: 10, callsPerAddress: 20, callsPerTrunk: null, ...limits },
      events: this.events,
      clock: this.clock,
      random: this.#random,
      log: this.#log(),
      rescheduled: () => this.#rearm(),
    });
  }

  #createDirectory(): Directory {
    const known = new Map<string, CallUser>(
      users.map((name) => [
        name,
        { name, callerId: `+1555010${users.indexOf(name)}`, dtmfByInfo: this.#options.dtmfByInfo?.includes(name) ?? false },
      ]),
    );
    const plan = new DialPlan({
      outbound: [{ match: /^\+?[0-9]{3,15}$/, trunk: 'carrier' }],
      inbound: [
        { match: /^team$/, users },
        { match: /^(alice|bob|carol)$/, users: [] },
      ],
    });
    return {
      user: (name) => known.get(name),
      trunk: (name) => this.#trunks.byName(name),
      trunkFor: (number) => plan.trunksFor(number).flatMap((name) => this.#trunks.byName(name) ?? [])[0],
      usersFor: (number) =>
        (known.get(number) ? [known.get(number)] : plan.usersFor(number).map((name) => known.get(name))).flatMap((user) => user ?? []),
      flow: (id) => this.#flows.get(id),
    };
  }

  #listen(): void {
    this.traces.follow(this.events);
    this.events.on('call.ended', (record) => this.records.push(record));
    for (const name of ['call.started', 'call.ringing', 'call.answered', 'call.media', 'call.ended'] as const) {
      this.events.on(name, () => this.happened.push(name));
    }
    this.events.on('call.held', ({ by }) => this.happened.push(`call.held ${by}`));
    this.events.on('call.resumed', ({ by }) => this.happened.push(`call.resumed ${by}`));
    this.events.on('dtmf', ({ from, digit }) => this.happened.push(`dtmf ${digit} from ${from}`));
  }

  #log(): Log {
    const log: Log = {
      debug: () => {},
      info: () => {},
      warn: () => {},
      error: (fields, message) => this.errors.push(`${message}: ${String((fields as { err?: unknown }).err ?? '')}`),
      child: () => log,
    };
    return log;
  }

  #expire(now: number): void {
    for (const engine of [this.agent, this.switchboard, this.#registrar]) if (engine.deadline <= now) engine.expire(now);
    this.#rearm();
  }

  #rearm(): void {
    const engines = [this.agent, this.switchboard, this.#registrar];
    this.#alarm.arm(Math.min(...engines.map((engine) => engine?.deadline ?? Number.POSITIVE_INFINITY)));
  }

  async #isClean(): Promise<void> {
    void this.switchboard.drain();
    await this.advance(everythingOverMs);
    const reachable = [this.carrier, ...this.#browsers.filter(({ link }) => !link.a.closed)];
    const parties = reachable.map(({ party }) => party.agent);
    expect({
      errors: this.errors,
      calls: this.switchboard.size,
      deadline: this.switchboard.deadline,
      sessions: this.agent.sessions,
      transactions: this.agent.transactions,
      media: this.relay.open,
      peers: parties.map(({ sessions, transactions }) => sessions + transactions),
    }).toEqual({
      errors: [],
      calls: 0,
      deadline: Number.POSITIVE_INFINITY,
      sessions: 0,
      transactions: 0,
      media: 0,
      peers: parties.map(() => 0),
    });
  }
}
