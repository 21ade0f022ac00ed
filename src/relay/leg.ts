/** A leg of a session as its thread handles it, on either side. */

import type { CallSide } from '../events/gateway-events.ts';
import type { LegStream } from './leg-stream.ts';
import type { LegId } from './media-relay.ts';
import type { LegEvent } from './messages.ts';

export interface Leg {
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

export interface LegOut {
  event(event: LegEvent): void;
  /** `deadline` may have come nearer. */
  reschedule(): void;
  broken(error: unknown): void;
}
