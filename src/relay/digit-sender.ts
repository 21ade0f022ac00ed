/**
 * Digits out as RFC 4733 events, one at a time, in the line of the audio. The audio of the leg is held back while an event is sent
 * (`active`), since one source cannot be in two places; the timestamps of the line go on underneath.
 */

import { eventOfDigit } from '../rtp/telephone-event.ts';

const packetMs = 20;
/** Below this, receivers miss digits; above, they take one for two (and SIP.js asks for 2000). */
const minDurationMs = 100;
const maxDurationMs = 400;
/** Silence between two digits. */
const gapMs = 50;
/** The end of an event is said three times (RFC 4733 2.5.1.4). */
const endPackets = 3;
/** More digits than anybody dials ahead. */
const maxQueued = 128;

export interface DigitSenderOut {
  /** Where the timestamps of the line are. */
  timestampAt(now: number): number;
  /** One event packet; `durationMs` since the event began. `marker` on the first. */
  sendEvent(code: number, end: boolean, durationMs: number, timestamp: number, marker: boolean, now: number): void;
}

interface QueuedDigit {
  readonly code: number;
  readonly durationMs: number;
}

export class DigitSender {
  readonly #out: DigitSenderOut;
  readonly #queue: QueuedDigit[] = [];
  #current: QueuedDigit | null = null;
  #timestamp = 0;
  #startedAt = 0;
  #sent = 0;
  /** When the next packet is due, or the next digit may begin. */
  #dueAt = 0;

  constructor(out: DigitSenderOut) {
    this.#out = out;
  }

  /** Whether an event is being sent, so that no audio may be. */
  get active(): boolean {
    return this.#current !== null;
  }

  get deadline(): number {
    return this.#current || this.#queue.length > 0 ? this.#dueAt : Number.POSITIVE_INFINITY;
  }

  /** Queues `digit` (0-9 * # A-D); anything else is ignored. `durationMs` is held to 100 .. 400. */
  send(digit: string, durationMs: number, now: number): void {
    const code = eventOfDigit(digit);
    if (code === undefined || this.#queue.length >= maxQueued) return;
    this.#queue.push({ code, durationMs: Math.min(Math.max(durationMs || 0, minDurationMs), maxDurationMs) });
    this.#dueAt = Math.max(this.#dueAt, this.#current ? 0 : now);
  }

  expire(now: number): void {
    while (this.deadline <= now) {
      if (this.#current) this.#sendNext(this.#current, now);
      else this.#begin(now);
    }
  }

  #begin(now: number): void {
    this.#current = this.#queue.shift() ?? null;
    this.#timestamp = this.#out.timestampAt(now);
    this.#startedAt = now;
    this.#sent = 0;
    this.#dueAt = now;
  }

  #sendNext(digit: QueuedDigit, now: number): void {
    const first = this.#sent === 0;
    const elapsedMs = Math.min((this.#sent + 1) * packetMs, digit.durationMs);
    const end = elapsedMs === digit.durationMs;
    this.#out.sendEvent(digit.code, end, elapsedMs, this.#timestamp, first, now);
    this.#sent++;
    this.#dueAt += packetMs;
    if (this.#sent < Math.ceil(digit.durationMs / packetMs) + endPackets - 1) return;
    this.#current = null;
    this.#dueAt = Math.max(this.#dueAt, this.#startedAt + digit.durationMs + gapMs);
  }
}
