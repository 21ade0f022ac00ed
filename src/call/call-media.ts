/** The media session of one call: opens with the call's legs, knows them by the relay's numbers, and says what happens to which. */

import { errorText } from '../base/errors.ts';
import type { CallSide, LegQuality } from '../events/gateway-events.ts';
import type { ConnectedInfo, LegFailure, LegId, LegMilestone, MediaRelay, MediaSession, MediaSessionEvents } from '../relay/media-relay.ts';
import { PortsExhausted } from '../relay/media-relay.ts';
import type { Leg, LegOut, LegPlan } from './leg.ts';

/** The relay cannot serve now, for another reason than a want of ports. */
export class MediaUnavailable extends Error {
  constructor(cause: unknown) {
    super(errorText(cause), { cause });
    this.name = 'MediaUnavailable';
  }
}

export interface CallMediaOut extends LegOut {
  connected(info: ConnectedInfo): void;
  /** A leg's media path went or came back. */
  judgeReachability(): void;
  heard(from: Leg, digit: string, durationMs: number): void;
  failed(leg: Leg, reason: LegFailure): void;
  milestone(side: CallSide, milestone: LegMilestone): void;
  /** Once a second. */
  measured(quality: readonly LegQuality[]): void;
  /** The last event, even if nothing was open yet. */
  closed(reason: 'closed' | 'thread-died'): void;
}

export class CallMedia implements MediaSessionEvents {
  readonly #out: CallMediaOut;
  #session: MediaSession | null = null;
  #legs: readonly Leg[] = [];
  #over = false;

  constructor(out: CallMediaOut) {
    this.#out = out;
  }

  /** Of the legs that the call has, as measured last. */
  get quality(): readonly LegQuality[] {
    return this.#session?.quality ?? [];
  }

  /** The legs in the order of their plans. Rejects with PortsExhausted or MediaUnavailable, and when `close` came first. */
  async open(relay: MediaRelay, plans: readonly LegPlan[]): Promise<readonly Leg[]> {
    try {
      return await this.#allocate(relay, plans);
    } catch (error) {
      throw error instanceof PortsExhausted ? error : new MediaUnavailable(error);
    }
  }

  bridge(a: Leg, b: Leg): void {
    this.#session?.bridge(a.mediaLeg, b.mediaLeg);
  }

  remove(leg: Leg): void {
    this.#legs = this.#legs.filter((other) => other !== leg);
    this.#session?.removeLeg(leg.mediaLeg);
  }

  close(): void {
    this.#over = true;
    if (this.#session) this.#session.close();
    else this.#out.closed('closed');
  }

  async #allocate(relay: MediaRelay, plans: readonly LegPlan[]): Promise<readonly Leg[]> {
    const session = await relay.openSession(this);
    this.#session = session;
    if (this.#over) {
      session.close();
      throw new Error('the call is over');
    }
    const legs = await Promise.all(plans.map((plan) => plan.open(session)));
    for (const leg of legs) leg.watch(this.#out);
    this.#legs = legs;
    return legs;
  }

  // What the session has to say.

  connected(id: LegId, info: ConnectedInfo): void {
    this.#with(id, () => this.#out.connected(info));
    this.#pathChanged(id, 'up');
  }

  pathLost(id: LegId): void {
    this.#pathChanged(id, 'lost');
  }

  pathRestored(id: LegId): void {
    this.#pathChanged(id, 'up');
  }

  digit(id: LegId, digit: string, durationMs: number): void {
    this.#with(id, (leg) => this.#out.heard(leg, digit, durationMs));
  }

  failed(id: LegId, reason: LegFailure): void {
    this.#with(id, (leg) => this.#out.failed(leg, reason));
  }

  milestone(id: LegId, milestone: LegMilestone): void {
    this.#with(id, (leg) => this.#out.milestone(leg.side, milestone));
  }

  measured(legs: readonly LegQuality[]): void {
    this.#out.measured(legs);
  }

  closed(reason: 'closed' | 'thread-died'): void {
    this.#out.closed(reason);
  }

  #pathChanged(id: LegId, path: 'up' | 'lost'): void {
    this.#with(id, (leg) => {
      leg.pathChanged(path);
      this.#out.judgeReachability();
    });
  }

  /** What is said of a leg that was removed comes too late. */
  #with(id: LegId, action: (leg: Leg) => void): void {
    const leg = this.#legs.find(({ mediaLeg }) => mediaLeg === id);
    if (leg) action(leg);
  }
}
