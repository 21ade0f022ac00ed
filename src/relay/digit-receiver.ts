/**
 * RFC 4733 events in, digits out: each digit once, however many packets of it come and whichever of them are lost. All packets of an
 * event share its timestamp; that tells one event from the next.
 */

import { digitOfEvent, type TelephoneEvent } from '../rtp/telephone-event.ts';

/** Updates come every 20 to 50 ms (RFC 4733 2.5.1.2): after this silence the end packets are lost. */
const silenceMs = 250;
/** A key held longer counts without waiting for its end. */
const maxHeldMs = 5000;
/** The longest duration that a packet can tell; the event goes on in a new segment from there (RFC 4733 2.5.1.3). */
const segmentTicks = 0xffff;

export interface DigitReceiverOut {
  digit(digit: string, durationMs: number): void;
}

export class DigitReceiver {
  readonly #out: DigitReceiverOut;
  #ssrc = 0;
  #timestamp = -1;
  #code = -1;
  #clockRate = 8000;
  /** Of the present segment, and of those before it. */
  #ticks = 0;
  #earlierTicks = 0;
  #startedAt = 0;
  #heardAt = 0;
  /** Begun and not reported yet. */
  #pending = false;
  #ended = false;
  /** Packets of the event before may still be on their way. */
  #previousTimestamp = -1;

  constructor(out: DigitReceiverOut) {
    this.#out = out;
  }

  /** When `expire` is due; Infinity when no digit is under way. */
  get deadline(): number {
    if (!this.#pending) return Number.POSITIVE_INFINITY;
    return Math.min(this.#heardAt + silenceMs, this.#startedAt + maxHeldMs);
  }

  /** One event packet of the leg, with the SSRC and timestamp of its RTP header and the clock rate of its payload type. */
  receive(event: TelephoneEvent, ssrc: number, timestamp: number, clockRate: number, now: number): void {
    if (digitOfEvent(event.event) === undefined) return;
    if (!this.#isPresent(event, ssrc, timestamp)) {
      if (ssrc === this.#ssrc && timestamp === this.#previousTimestamp) return;
      this.#begin(event, ssrc, timestamp, clockRate, now);
    }
    this.#heardAt = now;
    this.#ticks = Math.max(this.#ticks, event.duration);
    if (!event.end) return;
    this.#ended = true;
    this.#report();
  }

  expire(now: number): void {
    if (this.deadline <= now) this.#report();
  }

  #isPresent(event: TelephoneEvent, ssrc: number, timestamp: number): boolean {
    return event.event === this.#code && ssrc === this.#ssrc && timestamp === this.#timestamp;
  }

  #begin(event: TelephoneEvent, ssrc: number, timestamp: number, clockRate: number, now: number): void {
    if (this.#continues(event, ssrc, timestamp, now)) this.#earlierTicks += segmentTicks;
    else {
      this.#report();
      this.#earlierTicks = 0;
      this.#startedAt = now;
      this.#pending = true;
      this.#ended = false;
    }
    this.#previousTimestamp = this.#timestamp;
    this.#ssrc = ssrc;
    this.#timestamp = timestamp;
    this.#code = event.event;
    this.#clockRate = clockRate;
    this.#ticks = 0;
  }

  /** Whether an event of another timestamp is the next segment of the present one: the same key, held on. */
  #continues(event: TelephoneEvent, ssrc: number, timestamp: number, now: number): boolean {
    const following = (this.#timestamp + segmentTicks) >>> 0 === timestamp && now < this.#heardAt + silenceMs;
    return following && !this.#ended && event.event === this.#code && ssrc === this.#ssrc;
  }

  #report(): void {
    if (!this.#pending) return;
    this.#pending = false;
    const durationMs = Math.round(((this.#earlierTicks + this.#ticks) * 1000) / this.#clockRate);
    this.#out.digit(digitOfEvent(this.#code) ?? '', durationMs);
  }
}
