/** What the exporter knows of each call: which SIP messages are its, and where its media goes. */

import type { SocketAddress } from '../base/address.ts';
import type { CallSide, LegQuality } from '../events/gateway-events.ts';
import type { CapturedMessage } from '../trace/captured-message.ts';

export interface ExportedLeg {
  /** Between which addresses its SIP messages go; null before the first. */
  signalling: Pick<CapturedMessage, 'local' | 'remote'> | null;
  /** Where the peer's media comes from; null before it comes. */
  media: SocketAddress | null;
  clockRate: number;
  /** As it was reported last. */
  reported: LegQuality | null;
}

export interface ExportedCall {
  readonly callId: string;
  readonly legs: Readonly<Record<CallSide, ExportedLeg>>;
  readonly keys: string[];
  reportedAt: number;
}

/** The answer to a BYE comes after the end. */
const keptAfterEnd = 1000;

export class ExportedCalls {
  readonly #running = new Map<string, ExportedCall>();
  readonly #ended: ExportedCall[] = [];
  /** By side and SIP Call-ID. */
  readonly #byLeg = new Map<string, ExportedCall>();

  get(callId: string): ExportedCall | undefined {
    return this.#running.get(callId);
  }

  start(callId: string): void {
    const legs = { browser: newLeg(), trunk: newLeg() };
    this.#running.set(callId, { callId, legs, keys: [], reportedAt: Number.NEGATIVE_INFINITY });
  }

  claim(callId: string, side: CallSide, sipCallId: string): void {
    const call = this.#running.get(callId);
    const key = legKey(side, sipCallId);
    const owner = this.#byLeg.get(key);
    if (!call || (owner && this.#running.has(owner.callId))) return;
    this.#byLeg.set(key, call);
    call.keys.push(key);
  }

  end(callId: string): void {
    const call = this.#running.get(callId);
    if (!call) return;
    this.#running.delete(callId);
    this.#ended.push(call);
    const forgotten = this.#ended.length > keptAfterEnd ? this.#ended.shift() : undefined;
    for (const key of forgotten?.keys ?? []) if (this.#byLeg.get(key) === forgotten) this.#byLeg.delete(key);
  }

  /** The call that a message belongs to, if it is known by now. */
  callOf({ side, sipCallId, local, remote }: CapturedMessage): ExportedCall | undefined {
    const call = this.#byLeg.get(legKey(side, sipCallId));
    if (call) call.legs[side].signalling = { local, remote };
    return call;
  }
}

function newLeg(): ExportedLeg {
  return { signalling: null, media: null, clockRate: 8000, reported: null };
}

function legKey(side: CallSide, sipCallId: string): string {
  return `${side} ${sipCallId}`;
}
