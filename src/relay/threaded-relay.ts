/** The relay as the call layer sees it, over one or more threads: picks a thread for each session and replaces one that died. */

import type { Clock } from '../base/clock.ts';
import { errorText } from '../base/errors.ts';
import type { Log } from '../base/log.ts';
import { type CountersBatch, splitCounters } from './counters-batch.ts';
import type { DriverNames, MediaRelay, MediaSession, MediaSessionEvents, RelayLoad } from './media-relay.ts';
import type { FromThread, SessionId } from './messages.ts';
import type { PortRange } from './port-range.ts';
import { RemoteSession } from './remote-session.ts';
import { type RelayThread, ThreadLink } from './thread-link.ts';

/** A thread that lived shorter than this is not started again at once. */
const restartDelayMs = 1000;

export interface ThreadOut {
  message(message: FromThread): void;
  /** It ended without having been stopped. */
  died(detail: string): void;
}

/** Starts thread `index`; resolves when it serves, rejects when it cannot. `out` hears nothing before. */
export type StartThread = (index: number, out: ThreadOut) => Promise<RelayThread>;

export interface ThreadedRelayOptions {
  readonly threads: number;
  readonly start: StartThread;
  readonly ports: PortRange;
  readonly clock: Clock;
  readonly log: Log;
  /** A thread came too late to its packets. */
  late(thread: number, lateMs: number): void;
}

/** The place of one thread, whichever lives there now. */
interface Slot {
  readonly index: number;
  link: ThreadLink | null;
  startedAt: number;
  busy: number | null;
  drivers: DriverNames | null;
  readonly sessions: Map<SessionId, RemoteSession>;
}

export class ThreadedRelay implements MediaRelay {
  readonly #options: ThreadedRelayOptions;
  readonly #slots: Slot[];
  readonly #restarts = new Set<() => void>();
  #lastSession: SessionId = 0;
  #closing: Promise<void> | null = null;

  private constructor(options: ThreadedRelayOptions) {
    this.#options = options;
    this.#slots = Array.from({ length: options.threads }, (_, index) => ({
      index,
      link: null,
      startedAt: 0,
      busy: null,
      drivers: null,
      sessions: new Map(),
    }));
  }

  /** Rejects when any thread cannot start; none is left then. */
  static async start(options: ThreadedRelayOptions): Promise<ThreadedRelay> {
    const relay = new ThreadedRelay(options);
    const starts = await Promise.allSettled(relay.#slots.map((slot) => relay.#start(slot)));
    const failed = starts.find((start) => start.status === 'rejected');
    if (!failed) return relay;
    await relay.close();
    throw failed.reason;
  }

  async openSession(events: MediaSessionEvents): Promise<MediaSession> {
    const { ports, clock, log } = this.#options;
    const slot = this.#leastLoaded();
    if (this.#closing || !slot?.link) throw new Error('the media relay is not running');
    const session = new RemoteSession({ id: ++this.#lastSession, thread: slot.link, ports, clock, log, events });
    slot.sessions.set(session.id, session);
    return session;
  }

  get load(): RelayLoad {
    const { taken, size } = this.#options.ports;
    const threads = this.#slots.map(({ link, sessions, busy, drivers }) => ({
      alive: link !== null,
      sessions: sessions.size,
      busy,
      drivers,
    }));
    return { threads, ports: { inUse: taken, total: size } };
  }

  close(): Promise<void> {
    this.#closing ??= this.#stopAll();
    return this.#closing;
  }

  #leastLoaded(): Slot | undefined {
    const alive = this.#slots.filter(({ link }) => link !== null);
    return alive.sort((a, b) => a.sessions.size - b.sessions.size)[0];
  }

  async #stopAll(): Promise<void> {
    for (const cancel of this.#restarts) cancel();
    await Promise.all(this.#slots.map(({ link }) => link?.stop()));
    for (const slot of this.#slots) this.#endSessions(slot);
  }

  async #start(slot: Slot): Promise<void> {
    const { start, clock } = this.#options;
    const thread = await start(slot.index, {
      message: (message) => this.#receive(slot, message),
      died: (detail) => this.#replace(slot, detail),
    });
    slot.link = new ThreadLink(thread);
    slot.startedAt = clock.now();
    if (this.#closing) await slot.link.stop();
  }

  #receive(slot: Slot, message: FromThread): void {
    if (message.type === 'answer' || message.type === 'refused') slot.link?.receive(message);
    else if (message.type === 'leg') slot.sessions.get(message.session)?.receive(message);
    else if (message.type === 'stats') this.#measured(slot, message.batch);
    else if (message.type === 'busy') slot.busy = message.share;
    else if (message.type === 'drivers') slot.drivers = message.drivers;
    else if (message.type === 'late') this.#late(slot, message.lateMs);
    else if (message.type === 'log') this.#options.log[message.level]({ thread: slot.index, ...message.fields }, message.message);
    else if (message.type === 'closed') {
      const session = slot.sessions.get(message.session);
      slot.sessions.delete(message.session);
      session?.receive(message);
    }
  }

  /** The thread gets the memory back: what is told every second would otherwise wait outside of V8's heap to be collected. */
  #measured(slot: Slot, batch: CountersBatch): void {
    splitCounters(batch, (session, from, to) => slot.sessions.get(session)?.measured(batch, from, to));
    slot.link?.post({ type: 'stats-read', memory: batch.buffer });
  }

  #late(slot: Slot, lateMs: number): void {
    this.#options.log.warn({ thread: slot.index, lateMs, sessions: slot.sessions.size }, 'relay thread came too late to its packets');
    this.#options.late(slot.index, lateMs);
    for (const session of slot.sessions.values()) session.late(lateMs);
  }

  #replace(slot: Slot, detail: string): void {
    const { log, clock } = this.#options;
    log.error({ thread: slot.index, detail, sessions: slot.sessions.size }, 'relay thread died');
    slot.link?.close();
    slot.link = null;
    this.#endSessions(slot);
    this.#restart(slot, clock.now() - slot.startedAt < restartDelayMs ? restartDelayMs : 0);
  }

  #restart(slot: Slot, delayMs: number): void {
    if (this.#closing) return;
    const { log, clock } = this.#options;
    const cancel = clock.after(delayMs, () => {
      this.#restarts.delete(cancel);
      this.#start(slot).catch((error: unknown) => {
        log.error({ thread: slot.index, error: errorText(error) }, 'relay thread cannot be started again');
        this.#restart(slot, restartDelayMs);
      });
    });
    this.#restarts.add(cancel);
  }

  #endSessions(slot: Slot): void {
    const sessions = [...slot.sessions.values()];
    slot.sessions.clear();
    for (const session of sessions) session.threadDied();
  }
}
