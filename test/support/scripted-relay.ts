/** A media relay without media: it answers like the real one, remembers what it was told, and says what a test has it say. */

import type { CallSide, LegQuality } from '../../src/events/gateway-events.ts';
import {
  type BrowserLegLocal,
  type BrowserLegRemote,
  type IceCredentials,
  type LegFailure,
  type LegId,
  type LegMilestone,
  type MediaRelay,
  type MediaSession,
  type MediaSessionEvents,
  PortsExhausted,
  type RelayLoad,
  type TrunkLegLocal,
  type TrunkLegRemote,
} from '../../src/relay/media-relay.ts';

export class ScriptedRelay implements MediaRelay {
  /** All that ever were. */
  readonly sessions: ScriptedSession[] = [];
  /** While set, no leg is allocated. */
  #gate: Promise<void> | null = null;
  #holdsSessions = false;
  #openGate: () => void = () => {};
  /** Port pairs that are left. */
  ports = 1000;
  running = true;

  async openSession(events: MediaSessionEvents): Promise<MediaSession> {
    if (this.#holdsSessions) await this.#gate;
    if (!this.running) throw new Error('the media relay is not running');
    const session = new ScriptedSession(this, events);
    this.sessions.push(session);
    return session;
  }

  get load(): RelayLoad {
    const { open } = this;
    return {
      threads: [{ alive: this.running, sessions: open, busy: null, drivers: null }],
      ports: { inUse: open, total: open + this.ports },
    };
  }

  async close(): Promise<void> {
    for (const session of this.sessions) session.close();
  }

  /** From now on sessions and legs wait for `resume`. */
  pause(): void {
    this.pauseLegs();
    this.#holdsSessions = true;
  }

  pauseLegs(): void {
    this.#gate = new Promise((resolve) => {
      this.#openGate = resolve;
    });
  }

  resume(): void {
    this.#gate = null;
    this.#holdsSessions = false;
    this.#openGate();
  }

  get allocating(): Promise<void> {
    return this.#gate ?? Promise.resolve();
  }

  /** Sessions that are not closed. */
  get open(): number {
    return this.sessions.filter(({ closed }) => !closed).length;
  }

  /** The session opened last. */
  get last(): ScriptedSession {
    const session = this.sessions.at(-1);
    if (!session) throw new Error('no session was opened');
    return session;
  }
}

export class ScriptedLeg {
  readonly id: LegId;
  readonly side: CallSide;
  /** Every description that it was given, the last one last. */
  readonly remotes: (BrowserLegRemote | TrunkLegRemote)[] = [];
  readonly digits: string[] = [];
  restarts = 0;
  removed = false;

  constructor(id: LegId, side: CallSide) {
    this.id = id;
    this.side = side;
  }

  get browser(): BrowserLegRemote {
    return this.remotes.at(-1) as BrowserLegRemote;
  }

  get trunk(): TrunkLegRemote {
    return this.remotes.at(-1) as TrunkLegRemote;
  }
}

export class ScriptedSession implements MediaSession {
  readonly legs: ScriptedLeg[] = [];
  readonly bridges: string[] = [];
  closed = false;
  quality: readonly LegQuality[] = [];
  readonly #relay: ScriptedRelay;
  readonly #events: MediaSessionEvents;

  constructor(relay: ScriptedRelay, events: MediaSessionEvents) {
    this.#relay = relay;
    this.#events = events;
  }

  async addBrowserLeg(): Promise<BrowserLegLocal> {
    const leg = await this.#add('browser');
    return {
      leg: leg.id,
      ice: credentials(leg),
      candidates: [{ host: '203.0.113.5', port: 40000 }],
      fingerprint: {
        algorithm: 'sha-256',
        value: Array.from({ length: 32 }, (_, at) => at.toString(16).padStart(2, '0').toUpperCase()).join(':'),
      },
      ssrc: 1000 + leg.id,
      cname: `cname-${leg.id}`,
    };
  }

  async addTrunkLeg(): Promise<TrunkLegLocal> {
    if (this.#relay.ports === 0) throw new PortsExhausted();
    const leg = await this.#add('trunk');
    this.#relay.ports -= 1;
    return { leg: leg.id, rtp: { host: '198.51.100.5', port: 30000 + 2 * leg.id } };
  }

  configureBrowserLeg(leg: LegId, remote: BrowserLegRemote): void {
    this.leg(leg).remotes.push(remote);
  }

  configureTrunkLeg(leg: LegId, remote: TrunkLegRemote): void {
    this.leg(leg).remotes.push(remote);
  }

  async restartIce(id: LegId): Promise<IceCredentials> {
    await this.#relay.allocating;
    if (this.closed) throw new Error('no such session');
    const leg = this.leg(id);
    leg.restarts += 1;
    return credentials(leg);
  }

  bridge(a: LegId, b: LegId): void {
    this.bridges.push([a, b].map((id) => `${this.leg(id).side} ${id}`).join(' - '));
  }

  sendDigit(leg: LegId, digit: string, durationMs: number): void {
    this.leg(leg).digits.push(`${digit} ${durationMs}`);
  }

  removeLeg(id: LegId): void {
    const leg = this.legs.find((candidate) => candidate.id === id);
    if (!leg || leg.removed || this.closed) return;
    leg.removed = true;
    if (leg.side === 'trunk') this.#relay.ports += 1;
  }

  close(): void {
    this.#end('closed');
  }

  leg(id: LegId): ScriptedLeg {
    const leg = this.legs.find((candidate) => candidate.id === id);
    if (!leg) throw new Error(`no leg ${id}`);
    return leg;
  }

  /** The legs that are left, by side. */
  of(side: CallSide): ScriptedLeg[] {
    return this.legs.filter((leg) => leg.side === side && !leg.removed);
  }

  get browser(): ScriptedLeg {
    return only(this.of('browser'));
  }

  get trunk(): ScriptedLeg {
    return only(this.of('trunk'));
  }

  connected(leg: ScriptedLeg = this.browser): void {
    const remote = { host: '203.0.113.77', port: 5000 };
    this.#tell(() => this.#events.connected(leg.id, { profile: 'SRTP_AES128_CM_HMAC_SHA1_80', remote }));
  }

  milestone(milestone: LegMilestone, leg: ScriptedLeg = this.browser): void {
    this.#tell(() => this.#events.milestone(leg.id, milestone));
  }

  pathLost(leg: ScriptedLeg = this.browser): void {
    this.#tell(() => this.#events.pathLost(leg.id));
  }

  pathRestored(leg: ScriptedLeg = this.browser): void {
    this.#tell(() => this.#events.pathRestored(leg.id));
  }

  digit(leg: ScriptedLeg, digit: string, durationMs = 120): void {
    this.#tell(() => this.#events.digit(leg.id, digit, durationMs));
  }

  failed(leg: ScriptedLeg, reason: LegFailure): void {
    this.#tell(() => this.#events.failed(leg.id, reason));
  }

  measure(packets: number): void {
    this.quality = this.#qualities(packets);
    this.#tell(() => this.#events.measured(this.quality));
  }

  threadDied(): void {
    this.#end('thread-died');
  }

  /** After `close` the real relay says nothing but `closed`. */
  #tell(event: () => void): void {
    if (!this.closed) event();
  }

  async #add(side: CallSide): Promise<ScriptedLeg> {
    await this.#relay.allocating;
    if (this.closed) throw new Error('no such session');
    const leg = new ScriptedLeg(this.legs.length + 1, side);
    this.legs.push(leg);
    return leg;
  }

  #qualities(packets: number): LegQuality[] {
    return this.legs.filter(({ removed }) => !removed).map(({ side }) => qualityOf(side, packets));
  }

  /** The last word comes later, as from a thread. */
  #end(reason: 'closed' | 'thread-died'): void {
    if (this.closed) return;
    this.quality = this.#qualities(500);
    for (const leg of this.legs) this.removeLeg(leg.id);
    this.closed = true;
    queueMicrotask(() => this.#events.closed(reason));
  }
}

function only(legs: readonly ScriptedLeg[]): ScriptedLeg {
  const [leg] = legs;
  if (!leg || legs.length > 1) throw new Error(`${legs.length} such legs`);
  return leg;
}

function credentials({ id, restarts }: ScriptedLeg): IceCredentials {
  return { ufrag: `gw${id}gen${restarts}`, pwd: `gatewayPasswordOfLeg${id}Generation${restarts}` };
}

function qualityOf(side: CallSide, packets: number): LegQuality {
  const stream = { packets, bytes: packets * 160, lost: 0, jitterMs: 1 };
  const dropped = { malformed: 0, source: 0, authentication: 0, replay: 0, 'payload-type': 0, 'no-route': 0, 'not-ready': 0 };
  return { side, received: stream, sent: stream, roundTripMs: 20, mos: 4.3, iceChecks: 1, iceChecksRefused: 0, dropped };
}
