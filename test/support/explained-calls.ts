/** Real calls through a gateway in this process, over loopback sockets, in which a test makes one thing go wrong and asks why. */

import { silentLog } from '../../src/base/log.ts';
import { parseConfig } from '../../src/config/load.ts';
import type { Finding } from '../../src/explain/finding.ts';
import { createGateway, type Gateway } from '../../src/gateway.ts';
import type { MediaRelay } from '../../src/relay/media-relay.ts';
import { BareMedia, type BareMediaOptions } from './bare-media.ts';
import { testUser } from './gateway-process.ts';
import { loopbackConfig, phoneAt } from './loopback.ts';
import type { PhoneCall } from './phone-call.ts';
import type { TrunkCall } from './trunk-call.ts';
import { TrunkPeer } from './trunk-peer.ts';
import { until } from './until.ts';
import type { WebSocketPhone } from './websocket-phone.ts';

const trunkAccount = { username: 'gateway', password: 'secret' };

export interface ExplainStageOptions {
  /** Sections of the configuration: each replaces what stands here. */
  readonly config?: Readonly<Record<string, unknown>>;
  readonly relay?: MediaRelay;
  /** Its range of ports. */
  readonly ports?: readonly [number, number];
}

export interface FaultyCallOptions {
  readonly media?: BareMediaOptions;
  /** What the trunk does when the call comes; it answers unless told otherwise. */
  readonly onCall?: (call: TrunkCall) => void;
  /** By default one that nobody else calls; with a 9 in front it goes to a trunk that is not there. */
  readonly number?: string;
}

export class ExplainStage {
  readonly gateway: Gateway;
  readonly trunk: TrunkPeer;
  readonly phone: WebSocketPhone;
  readonly #onCall = new Map<string, (call: TrunkCall) => void>();
  readonly #callIds = new Map<string, string>();
  #dialled = 1000;

  private constructor(gateway: Gateway, trunk: TrunkPeer, phone: WebSocketPhone) {
    this.gateway = gateway;
    this.trunk = trunk;
    this.phone = phone;
    gateway.events.on('call.started', ({ number, callId }) => this.#callIds.set(number, callId));
    trunk.onCall = (call) => this.#onCall.get(numberOf(call))?.(call);
  }

  static async open({ config = {}, ports = [46_000, 46_999], relay }: ExplainStageOptions = {}): Promise<ExplainStage> {
    const trunk = await TrunkPeer.open();
    const gateway = await createGateway(
      parseConfig({
        ...loopbackConfig(ports),
        trunks: [
          { name: 'carrier', target: `sip:127.0.0.1:${trunk.address.port};transport=udp`, auth: trunkAccount },
          { name: 'nowhere', target: 'sip:127.0.0.1:9;transport=udp', sources: ['127.0.0.9'] },
        ],
        routes: {
          outbound: [
            { match: '^9', trunk: 'nowhere' },
            { match: '^[0-9]{3,15}$', trunk: 'carrier' },
          ],
          inbound: [{ match: '.*', users: [testUser.name] }],
        },
        limits: { callsPerUser: 100 },
        ...config,
      }),
      { log: silentLog, ...(relay ? { relay } : {}) },
    );
    return new ExplainStage(gateway, trunk, await phoneAt(gateway));
  }

  /** Calls a number of the trunk. */
  async call(options: FaultyCallOptions = {}): Promise<FaultyCall> {
    this.#dialled += 1;
    const { media = {}, onCall = (call) => call.answer(), number = String(this.#dialled) } = options;
    this.#onCall.set(number, onCall);
    const phone = await this.phone.callWith(await BareMedia.open(media), number);
    const trunk = (): TrunkCall | undefined => this.trunk.calls.find((call) => numberOf(call) === number);
    return new FaultyCall(this.gateway, await this.#callId(number), phone, trunk);
  }

  /** What the gateway says of a call from `number`. */
  async calledBy(number: string, prepare: (call: TrunkCall) => void): Promise<Explained> {
    const { udp } = this.gateway.listeners;
    if (!udp) throw new Error('the gateway has no UDP');
    prepare(await this.trunk.call(udp, testUser.name, { from: number }));
    return new Explained(this.gateway, await this.#callId(number));
  }

  /** An answered call. */
  async answered(options: FaultyCallOptions = {}): Promise<FaultyCall> {
    const call = await this.call(options);
    await call.phone.responded(200);
    return call;
  }

  /** An answered call with ICE and DTLS done. */
  async connected(options: FaultyCallOptions = {}): Promise<FaultyCall> {
    const call = await this.answered(options);
    await call.media.connected();
    return call;
  }

  /** A call in which both talk. */
  async talking(options: FaultyCallOptions = {}): Promise<FaultyCall> {
    const call = await this.connected(options);
    call.media.talk();
    call.trunk.rtp.sendTone();
    return call;
  }

  #callId(number: string): Promise<string> {
    return until(`the call of ${number}`, () => this.#callIds.get(number));
  }

  async close(): Promise<void> {
    await this.phone.close();
    await this.gateway.close();
    this.trunk.close();
  }
}

/** What the gateway says of a call. */
export class Explained {
  readonly callId: string;
  readonly #gateway: Gateway;

  constructor(gateway: Gateway, callId: string) {
    this.#gateway = gateway;
    this.callId = callId;
  }

  get findings(): readonly Finding[] {
    return this.#gateway.explain(this.callId) ?? [];
  }

  get ended(): boolean {
    return this.#gateway.trace(this.callId)?.record !== null;
  }

  /** Rules with a finding, in alphabetical order. How busy the machine of the tests is says nothing about the call. */
  get found(): readonly string[] {
    const rules = new Set(this.findings.map(({ rule }) => rule));
    rules.delete('relay-late');
    return [...rules].sort();
  }

  /** The finding of a rule, once it is there. */
  async explained(rule: string, timeoutMs = 20_000): Promise<Finding> {
    try {
      return await until(rule, () => this.findings.find((finding) => finding.rule === rule), timeoutMs);
    } catch (error) {
      throw new Error(`found ${this.found.join(', ')} after ${this.story}`, { cause: error });
    }
  }

  /** What happened besides SIP, in the order of time. */
  get story(): string {
    const entries = this.#gateway.trace(this.callId)?.entries ?? [];
    const words = entries.flatMap((entry) => {
      if (entry.kind === 'milestone') return [`${entry.milestone.side} ${entry.milestone.what} ${entry.milestone.detail}`];
      return entry.kind === 'call' ? [`${entry.what} ${entry.detail}`] : [];
    });
    return words.join(', ');
  }
}

export class FaultyCall extends Explained {
  readonly phone: PhoneCall<BareMedia>;
  readonly #trunk: () => TrunkCall | undefined;

  constructor(gateway: Gateway, callId: string, phone: PhoneCall<BareMedia>, trunk: () => TrunkCall | undefined) {
    super(gateway, callId);
    this.phone = phone;
    this.#trunk = trunk;
  }

  get media(): BareMedia {
    return this.phone.media;
  }

  get trunk(): TrunkCall {
    const trunk = this.#trunk();
    if (!trunk) throw new Error('the call has not reached the trunk');
    return trunk;
  }
}

function numberOf(call: TrunkCall): string {
  return /^INVITE sip:([0-9]+)@/.exec(call.invite.startLine)?.[1] ?? '';
}
