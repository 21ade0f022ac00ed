/** A leg of a session as its thread handles it, on either side. */

import type { Random } from '../base/random.ts';
import type { CallSide } from '../events/gateway-events.ts';
import type { DataPlane } from './data-plane.ts';
import type { UdpDriver } from './io/driver.ts';
import type { LegStream } from './leg-stream.ts';
import type { LegId } from './media-relay.ts';
import type { LegEvent, SessionId } from './messages.ts';
import type { Negotiations } from './negotiations.ts';

export interface LegNames {
  readonly session: SessionId;
  readonly id: LegId;
  /** In our RTCP (RFC 3550 6.5.1). */
  readonly cname: string;
}

/** What a leg finds on its thread, the same for all of them. */
export interface LegThread {
  readonly udp: UdpDriver;
  readonly plane: DataPlane;
  readonly negotiations: Negotiations;
  readonly random: Random;
  /** Milliseconds to add to `now` for the time since the Unix epoch. */
  readonly epochMs: number;
}

export interface Leg {
  readonly session: SessionId;
  readonly id: LegId;
  readonly side: CallSide;
  readonly stream: LegStream;
  /** When `expire` is due, monotonic milliseconds; Infinity once closed. */
  readonly deadline: number;
  expire(now: number): void;
  /** Something of the leg met a broken invariant: its session ends, and nothing else. */
  broken(error: unknown): void;
  /** Says goodbye and gives back every path, port and key. Idempotent. */
  close(now: number): void;
}

/** Listens to all legs of a thread. */
export interface LegOut {
  event(leg: Leg, event: LegEvent): void;
  /** `deadline` may have come nearer. */
  reschedule(leg: Leg): void;
  broken(leg: Leg, error: unknown): void;
}
