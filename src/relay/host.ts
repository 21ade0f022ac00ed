/**
 * One relay thread: its sockets, its sessions, and the only timers of the media path. It carries out what the main thread says,
 * and works in bounded turns, so that messages, timers and the end of the process come through as in any thread.
 */

import { Alarm, type Clock, DeadlineQueue } from '../base/clock.ts';
import { errorText } from '../base/errors.ts';
import type { Log } from '../base/log.ts';
import type { Random } from '../base/random.ts';
import type { Certificate } from '../dtls/certificate.ts';
import type { DtlsDriver } from '../dtls/endpoint.ts';
import { createIceCredentials } from '../ice/credentials.ts';
import { SrtpWindows } from '../srtp/context.ts';
import type { SrtpDriver } from '../srtp/transform.ts';
import { BrowserLeg, type BrowserLegThread } from './browser-leg.ts';
import { BrowserPort } from './browser-port.ts';
import { packCounters } from './counters-batch.ts';
import { DataPlane } from './data-plane.ts';
import { PortBusy, type UdpDriver } from './io/driver.ts';
import type { Leg, LegOut } from './leg.ts';
import type { BrowserLegLocal, LegId, TrunkLegLocal } from './media-relay.ts';
import type { FromThread, LegEvent, RelayAnswers, RelayRequest, SessionId, ThreadAddresses, ToThread } from './messages.ts';
import { Negotiations } from './negotiations.ts';
import { Session } from './session.ts';
import { Statistics } from './statistics.ts';
import { TrunkLeg, type TrunkLegThread } from './trunk-leg.ts';
import { TrunkPorts } from './trunk-ports.ts';

/** The longest that a turn waits for packets. */
const maxTurnMs = 10;
/** And while the DTLS thread is at a step of a handshake: its word is heard between turns. */
const maxTurnWithHandshakesMs = 1;

export interface HostOptions {
  readonly addresses: ThreadAddresses;
  readonly certificate: Certificate;
  readonly udp: UdpDriver;
  readonly dtls: DtlsDriver;
  readonly srtp: SrtpDriver;
  readonly random: Random;
  readonly clock: Clock;
  readonly log: Log;
}

/** A question that cannot be answered: its session or leg is gone. */
class Gone extends Error {}

export class Host implements LegOut {
  readonly #options: HostOptions;
  readonly #post: (message: FromThread) => void;
  readonly #thread: BrowserLegThread & TrunkLegThread;
  readonly #sessions = new Map<SessionId, Session>();
  readonly #deadlines = new DeadlineQueue<Leg>();
  readonly #alarm: Alarm;
  readonly #statistics: Statistics;
  /** When the last turn had its packets. */
  #turnedAt = 0;
  #immediate: NodeJS.Immediate | null = null;
  #stopped = false;

  constructor(options: HostOptions, post: (message: FromThread) => void) {
    this.#options = options;
    this.#post = post;
    this.#thread = threadOf(options);
    const { browserPort } = this.#thread;
    this.#statistics = new Statistics(
      { sessions: this.#sessions, waitsItself: options.udp.poll !== null, takeStrays: () => browserPort.takeStrays(), log: options.log },
      post,
    );
    this.#alarm = new Alarm(options.clock, () => this.#turn());
  }

  /** Binds the browsers' port. Rejects with the driver's error. */
  async start(): Promise<void> {
    const { browserHosts, browserPort } = this.#options.addresses;
    await this.#thread.browserPort.open(browserHosts, browserPort);
  }

  receive(message: ToThread): void {
    if (this.#stopped) return;
    if (message.type === 'stop') this.stop();
    else if (message.type === 'open') this.#open(message.session);
    else if (message.type === 'stats-read') this.#statistics.reuse(message.memory);
    else if (message.type === 'ask') void this.#answer(message.request, message.question);
    else this.#carryOut(message);
    this.#schedule();
  }

  /** Closes every session and socket. Idempotent. */
  stop(): void {
    if (this.#stopped) return;
    for (const session of [...this.#sessions.values()]) this.#close(session);
    this.#stopped = true;
    this.#alarm.close();
    if (this.#immediate) clearImmediate(this.#immediate);
    this.#thread.browserPort.close();
    this.#options.udp.shutdown();
    this.#post({ type: 'stopped' });
  }

  #open(id: SessionId): void {
    if (this.#sessions.size === 0) {
      this.#turnedAt = this.#now();
      this.#statistics.begin(this.#turnedAt);
    }
    this.#sessions.set(id, new Session(id));
  }

  #carryOut(message: Exclude<ToThread, { type: 'stop' | 'open' | 'stats-read' | 'ask' }>): void {
    const session = this.#sessions.get(message.session);
    // Messages cross: what is said about a session that has just ended is said to nobody.
    if (!session) return;
    const now = this.#now();
    try {
      if (message.type === 'close') this.#close(session);
      else if (message.type === 'bridge') session.bridge(message.a, message.b);
      else this.#instruct(session, message, now);
    } catch (error) {
      this.#break(session.id, error);
    }
  }

  #instruct(
    session: Session,
    message: Extract<ToThread, { type: 'configure-browser-leg' | 'configure-trunk-leg' | 'send-digit' | 'remove-leg' }>,
    now: number,
  ): void {
    const leg = session.leg(message.leg);
    if (!leg) return;
    if (message.type === 'remove-leg') session.remove(leg.id, now);
    else if (message.type === 'send-digit') leg.stream.sendDigit(message.digit, message.durationMs, now);
    else if (message.type === 'configure-browser-leg' && leg instanceof BrowserLeg) leg.configure(message.remote, now);
    else if (message.type === 'configure-trunk-leg' && leg instanceof TrunkLeg) leg.configure(message.remote, now);
    this.#deadlines.set(leg, leg.deadline);
  }

  async #answer(request: number, question: RelayRequest): Promise<void> {
    try {
      const value = await this.#valueFor(question);
      this.#post({ type: 'answer', request, value });
    } catch (error) {
      const refusal = error instanceof PortBusy ? 'port-busy' : error instanceof Gone ? 'gone' : 'error';
      this.#post({ type: 'refused', request, refusal, detail: errorText(error) });
    }
  }

  async #valueFor(question: RelayRequest): Promise<RelayAnswers[keyof RelayAnswers]> {
    const session = this.#sessions.get(question.session);
    if (!session) throw new Gone('the session has ended');
    if (question.type === 'add-browser-leg') return this.#addBrowserLeg(session, question.leg);
    if (question.type === 'add-trunk-leg') return await this.#addTrunkLeg(session, question.leg, question.port);
    const leg = session.leg(question.leg);
    if (!(leg instanceof BrowserLeg)) throw new Gone('the leg has ended');
    return leg.restartIce();
  }

  #addBrowserLeg(session: Session, id: LegId): BrowserLegLocal {
    const { certificate, random, addresses } = this.#options;
    const cname = random.token(16);
    const ice = createIceCredentials(random);
    const leg = new BrowserLeg({ session: session.id, id, cname }, ice, this.#thread, this);
    session.add(leg);
    const sockets = this.#thread.browserPort.addresses;
    const { browserAdvertise: host } = addresses;
    const candidates = host === null ? sockets : sockets.slice(0, 1).map(({ port }) => ({ host, port }));
    return { leg: id, ice, candidates, fingerprint: certificate.fingerprint, ssrc: leg.stream.ssrc, cname };
  }

  async #addTrunkLeg(session: Session, id: LegId, port: number): Promise<TrunkLegLocal> {
    const { random, addresses } = this.#options;
    const leg = new TrunkLeg({ session: session.id, id, cname: random.token(16) }, this.#thread, this);
    try {
      await leg.open(port);
      if (this.#sessions.get(session.id) !== session) throw new Gone('the session ended meanwhile');
    } catch (error) {
      leg.close(this.#now());
      throw error;
    }
    session.add(leg);
    return { leg: id, rtp: { host: addresses.trunkAdvertise, port } };
  }

  // What legs have to say.

  event(leg: Leg, event: LegEvent): void {
    this.#post({ type: 'leg', session: leg.session, leg: leg.id, event });
  }

  reschedule(leg: Leg): void {
    this.#deadlines.set(leg, leg.deadline);
    this.#schedule();
  }

  broken(leg: Leg, error: unknown): void {
    this.#break(leg.session, error);
  }

  #break(id: SessionId, error: unknown): void {
    this.#options.log.error({ session: id, error: errorText(error) }, 'relay session broken');
    const session = this.#sessions.get(id);
    if (session) this.#close(session);
  }

  #close(session: Session): void {
    if (!this.#sessions.delete(session.id)) return;
    for (const leg of session.legs) this.#deadlines.delete(leg);
    const batch = packCounters(session.counters());
    session.close(this.#now());
    if (this.#sessions.size === 0) this.#statistics.rest();
    this.#post({ type: 'closed', session: session.id, batch });
  }

  /** What has arrived, then what is due. */
  #turn(): void {
    const { udp, dtls } = this.#options;
    const longestMs = dtls.pending > 0 ? maxTurnWithHandshakesMs : maxTurnMs;
    const waitMs = Math.min(longestMs, Math.max(0, this.#deadline - this.#now()));
    const waitedMs = udp.poll?.(waitMs) ?? 0;
    const now = this.#now();
    this.#statistics.note(waitedMs, now - (udp.poll ? this.#turnedAt + waitMs : this.#deadline));
    this.#turnedAt = now;
    for (let leg = this.#deadlines.takeExpired(now); leg; leg = this.#deadlines.takeExpired(now)) this.#expire(leg, now);
    if (this.#statistics.deadline <= now) this.#statistics.expire(now);
    this.#schedule();
  }

  #expire(leg: Leg, now: number): void {
    try {
      leg.expire(now);
    } catch (error) {
      leg.broken(error);
    }
    this.#deadlines.set(leg, leg.deadline);
  }

  get #deadline(): number {
    return Math.min(this.#deadlines.deadline, this.#statistics.deadline);
  }

  /** Sees to the next turn: at once while there is work or a driver to poll, else when something is due. */
  #schedule(): void {
    if (this.#stopped) return;
    const polling = this.#options.udp.poll !== null && this.#sessions.size > 0;
    this.#alarm.arm(polling ? Number.POSITIVE_INFINITY : this.#deadline);
    if (this.#immediate || !polling) return;
    this.#immediate = setImmediate(() => {
      this.#immediate = null;
      this.#turn();
    });
  }

  #now(): number {
    return this.#options.clock.now();
  }
}

function threadOf(options: HostOptions): BrowserLegThread & TrunkLegThread {
  const { udp, dtls, srtp, certificate, random, clock, addresses } = options;
  const plane = new DataPlane(udp);
  return {
    udp,
    dtls,
    srtp,
    certificate,
    random,
    plane,
    windows: new SrtpWindows(),
    negotiations: new Negotiations(),
    browserPort: new BrowserPort(udp, plane),
    trunkPorts: new TrunkPorts(udp, plane),
    trunkHost: addresses.trunkHost,
    epochMs: clock.wallTime() - clock.now(),
    now: () => clock.now(),
  };
}
