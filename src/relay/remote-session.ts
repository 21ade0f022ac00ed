/** A session as the call layer holds it: every command is a message to the session's thread. */

import type { Clock } from '../base/clock.ts';
import { errorText } from '../base/errors.ts';
import type { Log } from '../base/log.ts';
import type { LegQuality } from '../events/gateway-events.ts';
import { type CountersBatch, unpackCounters } from './counters-batch.ts';
import {
  type BrowserLegLocal,
  type BrowserLegRemote,
  type IceCredentials,
  type LegId,
  type MediaSession,
  type MediaSessionEvents,
  PortsExhausted,
  type TrunkLegLocal,
  type TrunkLegRemote,
} from './media-relay.ts';
import type { FromThread, LegEvent, SessionId, ToThread } from './messages.ts';
import type { PortRange } from './port-range.ts';
import { Refused, type ThreadLink } from './thread-link.ts';

const firstLeg: LegId = 1;

export interface RemoteSessionOptions {
  readonly id: SessionId;
  readonly thread: ThreadLink;
  readonly ports: PortRange;
  readonly clock: Clock;
  readonly log: Log;
  readonly events: MediaSessionEvents;
}

export class RemoteSession implements MediaSession {
  readonly id: SessionId;
  readonly #options: RemoteSessionOptions;
  readonly #portOf = new Map<LegId, number>();
  #lastLeg: LegId = 0;
  /** Rows as told last, written over each second: an old object that is replaced would have to wait for a full collection. */
  readonly #counters: number[] = [];
  #state: 'open' | 'closing' | 'closed' = 'open';

  constructor(options: RemoteSessionOptions) {
    this.id = options.id;
    this.#options = options;
    options.thread.post({ type: 'open', session: this.id });
  }

  addBrowserLeg(): Promise<BrowserLegLocal> {
    return this.#options.thread.ask({ type: 'add-browser-leg', session: this.id, leg: ++this.#lastLeg });
  }

  async addTrunkLeg(): Promise<TrunkLegLocal> {
    const { ports, clock } = this.#options;
    const leg = ++this.#lastLeg;
    const busy: number[] = [];
    try {
      for (;;) {
        const port = ports.take(clock.now());
        if (port === undefined) throw new PortsExhausted();
        const local = await this.#tryPort(leg, port);
        if (local) return local;
        busy.push(port);
      }
    } finally {
      // Only now, so that each pair is tried once.
      for (const port of busy) ports.release(port, clock.now());
    }
  }

  configureBrowserLeg(leg: LegId, remote: BrowserLegRemote): void {
    this.#command({ type: 'configure-browser-leg', session: this.id, leg, remote });
  }

  configureTrunkLeg(leg: LegId, remote: TrunkLegRemote): void {
    this.#command({ type: 'configure-trunk-leg', session: this.id, leg, remote });
  }

  restartIce(leg: LegId): Promise<IceCredentials> {
    return this.#options.thread.ask({ type: 'restart-ice', session: this.id, leg });
  }

  bridge(a: LegId, b: LegId): void {
    this.#command({ type: 'bridge', session: this.id, a, b });
  }

  sendDigit(leg: LegId, digit: string, durationMs: number): void {
    this.#command({ type: 'send-digit', session: this.id, leg, digit, durationMs });
  }

  removeLeg(leg: LegId): void {
    this.#command({ type: 'remove-leg', session: this.id, leg });
    this.#releasePort(leg);
  }

  close(): void {
    if (this.#state !== 'open') return;
    this.#command({ type: 'close', session: this.id });
    this.#state = 'closing';
  }

  /** What the thread says about this session. */
  receive(message: Extract<FromThread, { type: 'leg' | 'closed' }>): void {
    if (message.type === 'closed') {
      this.#keep(message.batch, 0, message.batch.length);
      this.#end('closed');
    } else if (this.#state === 'open') this.#tell(message.leg, message.event);
  }

  get quality(): readonly LegQuality[] {
    return unpackCounters(this.#counters);
  }

  /** Its rows stand in the batch between `from` and `to`. */
  measured(batch: CountersBatch, from: number, to: number): void {
    this.#keep(batch, from, to);
    if (this.#state === 'open') this.#guard(() => this.#options.events.measured(this.quality));
  }

  /** The thread came too late to its packets: that concerns the call, and is told of its first leg. */
  late(lateMs: number): void {
    if (this.#lastLeg >= firstLeg && this.#state === 'open')
      this.#tell(firstLeg, { type: 'milestone', milestone: { what: 'relay-late', remote: null, detail: `${lateMs} ms` } });
  }

  /** The thread is gone, and its last statistics with it: those before stand. */
  threadDied(): void {
    this.#end('thread-died');
  }

  /** Null if the pair is busy; it stays taken then. */
  async #tryPort(leg: LegId, port: number): Promise<TrunkLegLocal | null> {
    this.#portOf.set(leg, port);
    try {
      return await this.#options.thread.ask({ type: 'add-trunk-leg', session: this.id, leg, port });
    } catch (error) {
      if (error instanceof Refused && error.refusal === 'port-busy') {
        this.#portOf.delete(leg);
        return null;
      }
      this.#releasePort(leg);
      throw error;
    }
  }

  #tell(leg: LegId, event: LegEvent): void {
    const { events } = this.#options;
    this.#guard(() => {
      if (event.type === 'connected') events.connected(leg, event.info);
      else if (event.type === 'path-lost') events.pathLost(leg);
      else if (event.type === 'path-restored') events.pathRestored(leg);
      else if (event.type === 'digit') events.digit(leg, event.digit, event.durationMs);
      else if (event.type === 'milestone') events.milestone(leg, event.milestone);
      else {
        this.#options.log.warn({ session: this.id, leg, reason: event.reason, detail: event.detail }, 'media leg failed');
        events.failed(leg, event.reason);
      }
    });
  }

  #end(reason: 'closed' | 'thread-died'): void {
    if (this.#state === 'closed') return;
    this.#state = 'closed';
    for (const leg of [...this.#portOf.keys()]) this.#releasePort(leg);
    this.#guard(() => this.#options.events.closed(reason));
  }

  #keep(batch: CountersBatch, from: number, to: number): void {
    const counters = this.#counters;
    counters.length = to - from;
    for (let at = from; at < to; at++) counters[at - from] = batch[at] as number;
  }

  /** A listener that throws has broken its own call, and nobody else's. */
  #guard(tell: () => void): void {
    try {
      tell();
    } catch (error) {
      this.#options.log.error({ session: this.id, error: errorText(error) }, 'listener of a media session failed');
      this.close();
    }
  }

  #command(message: ToThread): void {
    if (this.#state === 'open') this.#options.thread.post(message);
  }

  #releasePort(leg: LegId): void {
    const port = this.#portOf.get(leg);
    if (port === undefined) return;
    this.#portOf.delete(leg);
    this.#options.ports.release(port, this.#options.clock.now());
  }
}
