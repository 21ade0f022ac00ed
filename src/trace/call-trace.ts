/** What is kept of one call, in the order in which it happened: plain values, of a running call or one that ended. */

import type { SocketAddress } from '../base/address.ts';
import type { CallParties, CallRecord, CallSide, LegQuality } from '../events/gateway-events.ts';
import type { MediaMilestone } from '../events/media-milestone.ts';

/** `at`: milliseconds since the Unix epoch. `Sip`: how messages are told of. */
export type TraceEntry<Sip = SipEntry> = { readonly at: number } & (Sip | MilestoneEntry | MediaEntry | CallEntry);

export interface SipEntry {
  readonly kind: 'sip';
  readonly side: CallSide;
  readonly direction: 'received' | 'sent';
  readonly transport: string;
  readonly local: SocketAddress;
  readonly remote: SocketAddress;
  readonly firstLine: string;
  /** The whole message, credentials hidden. */
  readonly text: string;
}

export interface MilestoneEntry {
  readonly kind: 'milestone';
  readonly milestone: MediaMilestone;
}

/** What a leg and its peer have agreed on from here on. `direction` as seen from the gateway. */
export interface MediaEntry {
  readonly kind: 'media';
  readonly side: CallSide;
  readonly codec: string | null;
  readonly direction: string;
  readonly ptimeMs: number | null;
}

export interface CallEntry {
  readonly kind: 'call';
  readonly what: 'started' | 'ringing' | 'answered' | 'held' | 'resumed' | 'dtmf' | 'ended';
  readonly detail: string;
}

/** The legs as they stood at a moment. */
export interface QualitySample {
  readonly at: number;
  readonly legs: readonly LegQuality[];
}

export interface CallTrace<Sip = SipEntry> {
  readonly callId: string;
  readonly parties: CallParties;
  readonly entries: ReadonlyArray<TraceEntry<Sip>>;
  /** Entries were left out for want of room. */
  readonly truncated: boolean;
  /** Null while the call runs. */
  readonly record: CallRecord | null;
  /** One in five seconds; jitter, round trip and MOS to a thousandth. */
  readonly quality: readonly QualitySample[];
}
