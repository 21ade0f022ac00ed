/** A trace as rules ask for it. */

import { formatAddress } from '../base/address.ts';
import type { CallEnd } from '../events/call-end.ts';
import type { CallSide, LegQuality } from '../events/gateway-events.ts';
import type { MediaMilestone, MilestoneName } from '../events/media-milestone.ts';
import type { CallEntry, MediaEntry } from '../trace/call-trace.ts';
import type { CapturedTrace } from '../trace/captured-message.ts';
import { type AudioView, MessageView } from './message-view.ts';

type Entry = CapturedTrace['entries'][number];

/** What has not come by then is missing. */
export const patienceMs = 5000;

export class CallView {
  readonly trace: CapturedTrace;
  readonly messages: readonly MessageView[];
  readonly answeredAt: number | null;
  /** The end of the call, or now. */
  readonly until: number;
  readonly #milestones: readonly MediaMilestone[];

  constructor(trace: CapturedTrace, now: number) {
    this.trace = trace;
    this.messages = trace.entries.flatMap((entry) => (entry.kind === 'sip' ? new MessageView(entry) : []));
    this.#milestones = trace.entries.flatMap((entry) => (entry.kind === 'milestone' ? entry.milestone : []));
    this.answeredAt = trace.record?.answeredAt ?? this.events('answered')[0]?.at ?? null;
    this.until = trace.record?.endedAt ?? now;
  }

  /** The trunk's name in the configuration. */
  get trunk(): string {
    return this.trace.parties.trunk;
  }

  /** Null while the call runs. */
  get end(): CallEnd | null {
    return this.trace.record?.end ?? null;
  }

  /** Milliseconds of conversation; 0 before the answer. */
  get answeredForMs(): number {
    return this.answeredAt === null ? 0 : this.until - this.answeredAt;
  }

  /** Whether that long has passed since, within the call. */
  waited(since: number, ms: number = patienceMs): boolean {
    return this.until - since >= ms;
  }

  events(what: CallEntry['what']): ReadonlyArray<CallEntry & { readonly at: number }> {
    return this.trace.entries.flatMap((entry) => (entry.kind === 'call' && entry.what === what ? entry : []));
  }

  milestones(side: CallSide, ...names: readonly MilestoneName[]): readonly MediaMilestone[] {
    return this.#milestones.filter(isOf(side, names));
  }

  first(side: CallSide, ...names: readonly MilestoneName[]): MediaMilestone | null {
    return this.#milestones.find(isOf(side, names)) ?? null;
  }

  last(side: CallSide, ...names: readonly MilestoneName[]): MediaMilestone | null {
    return this.#milestones.findLast(isOf(side, names)) ?? null;
  }

  /** The last `began` that no `ended` followed. */
  lasting(side: CallSide, began: MilestoneName, ended: MilestoneName): MediaMilestone | null {
    const last = this.last(side, began, ended);
    return last?.what === began ? last : null;
  }

  /** As measured last. */
  quality(side: CallSide): LegQuality | null {
    const legs = this.trace.record?.quality ?? [];
    return (legs.length > 0 ? legs : (this.trace.quality.at(-1)?.legs ?? [])).find((leg) => leg.side === side) ?? null;
  }

  /** When `quality` was measured; 0 before the first time. */
  get measuredAt(): number {
    return this.end ? this.until : (this.trace.quality.at(-1)?.at ?? 0);
  }

  receivedPackets(side: CallSide): number {
    return this.quality(side)?.received.packets ?? 0;
  }

  sentPackets(side: CallSide): number {
    return this.quality(side)?.sent.packets ?? 0;
  }

  /** Whether any packet of that side was ever taken. */
  hasHeard(side: CallSide): boolean {
    return this.first(side, 'rtp-began') !== null || this.receivedPackets(side) > 0;
  }

  /** What was agreed with that side last. */
  agreed(side: CallSide): (MediaEntry & { readonly at: number }) | null {
    const isTheirs = (entry: Entry): entry is MediaEntry & { readonly at: number } => entry.kind === 'media' && entry.side === side;
    return this.trace.entries.findLast(isTheirs) ?? null;
  }

  /** Whether a description of that side came that nothing was agreed on with. */
  hasUnsettled(side: CallSide): boolean {
    const agreed = this.agreed(side);
    const settledAt = agreed?.codec ? agreed.at : Number.NEGATIVE_INFINITY;
    return this.messages.some((view) => view.at > settledAt && view.side === side && view.direction === 'received' && view.hasDescription);
  }

  /** Whether that side is to send: neither has put the other on hold. */
  shouldSend(side: CallSide): boolean {
    const direction = this.agreed(side)?.direction ?? 'sendrecv';
    return direction === 'sendrecv' || direction === 'recvonly';
  }

  shouldHear(side: CallSide): boolean {
    const direction = this.agreed(side)?.direction ?? 'sendrecv';
    return direction === 'sendrecv' || direction === 'sendonly';
  }

  /** What we told that side last, or it told us. */
  description(side: CallSide, direction: 'sent' | 'received'): AudioView | null {
    return this.described(side, direction)?.sdp ?? null;
  }

  /** The message with that description. */
  described(side: CallSide, direction: 'sent' | 'received'): (MessageView & { readonly sdp: AudioView }) | null {
    const isDescribed = (view: MessageView): view is MessageView & { readonly sdp: AudioView } =>
      view.side === side && view.direction === direction && view.sdp !== null;
    return this.messages.findLast(isDescribed) ?? null;
  }

  /** Where that side's SIP messages come from or go to. */
  signallingHost(side: CallSide): string | null {
    return this.messages.findLast((view) => view.side === side)?.remote.host ?? null;
  }

  /** Where our description asks that side to send its media: `10.0.0.5:30012`. */
  ourAddresses(side: CallSide): readonly string[] {
    const ours = this.description(side, 'sent');
    if (!ours) return [];
    if (side === 'browser') return ours.candidates.map(formatAddress);
    return ours.host === null ? [] : [formatAddress({ host: ours.host, port: ours.port })];
  }
}

function isOf(side: CallSide, names: readonly MilestoneName[]): (milestone: MediaMilestone) => boolean {
  return (milestone) => milestone.side === side && names.includes(milestone.what);
}
