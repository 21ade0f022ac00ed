/** The codecs that the gateway passes, and how payload types of two peers find each other: by meaning, never by number. */

import { invariant } from '../base/errors.ts';
import type { Codec } from './description.ts';
import { SdpError } from './sdp-error.ts';

/** Names that a policy may list. */
export const codecNames = ['PCMU', 'PCMA', 'G722', 'opus'] as const;

// RFC 3551 section 6 and RFC 7587. G722 says 8000 for its 16 kHz (RFC 3551 section 4.5.2).
const audioFormats: readonly Codec[] = [
  { payloadType: 0, encoding: 'PCMU', clockRate: 8000, channels: 1, fmtp: null },
  { payloadType: 8, encoding: 'PCMA', clockRate: 8000, channels: 1, fmtp: null },
  { payloadType: 9, encoding: 'G722', clockRate: 8000, channels: 1, fmtp: null },
  { payloadType: 111, encoding: 'opus', clockRate: 48000, channels: 2, fmtp: null },
];

// RFC 4733 section 2.1: events share the clock of the audio they interrupt, so there is one format per clock rate.
const eventFormats: readonly Codec[] = [
  { payloadType: 101, encoding: 'telephone-event', clockRate: 8000, channels: 1, fmtp: '0-15' },
  { payloadType: 110, encoding: 'telephone-event', clockRate: 48000, channels: 1, fmtp: '0-15' },
];

/** The format itself where `codec` is no other in anything: what most peers say is kept once for all calls. */
export function shared(codec: Codec): Codec {
  const { payloadType, encoding, fmtp } = codec;
  const isEqual = (known: Codec): boolean =>
    known.payloadType === payloadType && known.encoding === encoding && known.fmtp === fmtp && sameCodec(known, codec);
  return audioFormats.find(isEqual) ?? eventFormats.find(isEqual) ?? codec;
}

export function sameCodec(a: Codec, b: Codec): boolean {
  return a.clockRate === b.clockRate && a.channels === b.channels && a.encoding.toLowerCase() === b.encoding.toLowerCase();
}

export function isTelephoneEvent(codec: Codec): boolean {
  return codec.encoding.toLowerCase() === 'telephone-event';
}

/** The formats of a policy in its order, the telephone-events of their clocks behind them. */
export function offerableCodecs(names: readonly string[]): Codec[] {
  const audio = names.map((name) => {
    const format = audioFormats.find((known) => known.encoding.toLowerCase() === name.toLowerCase());
    invariant(format, `codec ${name} is not one of ${codecNames.join(', ')}`);
    return format;
  });
  return audio.concat(eventsFor(audio));
}

/** The codecs of `a` that `b` has too, in the order, with the numbers and the fmtp of `a`. */
export function commonCodecs(a: readonly Codec[], b: readonly Codec[]): Codec[] {
  return a.filter((codec) => b.some((other) => sameCodec(codec, other)));
}

/** The gateway's own telephone-event formats for the clocks of `audio`. */
export function eventsFor(audio: readonly Codec[]): Codec[] {
  return eventFormats.filter((event) => audio.some((codec) => codec.clockRate === event.clockRate));
}

/** Longer parameters of a codec are not passed on: what goes to a trunk has to fit into a datagram. */
const maxFmtpBytes = 200;

/** `codec` as the gateway writes it: our spelling and number, the fmtp kept where it means something; undefined when we do not pass it. */
export function passable(codec: Codec): Codec | undefined {
  const format = audioFormats.find((known) => sameCodec(known, codec));
  const keepsFmtp = format?.encoding === 'opus' && Buffer.byteLength(codec.fmtp ?? '') <= maxFmtpBytes;
  return keepsFmtp ? { ...format, fmtp: codec.fmtp } : format;
}

export function numbered(codec: Codec, payloadType: number): Codec {
  return codec.payloadType === payloadType ? codec : { ...codec, payloadType };
}

/** Which number means what in our descriptions: fixed for the life of a session (RFC 3264 section 8.3.2). */
export class PayloadNumbers {
  #bound: readonly Codec[] = [];

  /** Takes over the numbers of a peer's offer: an answer uses them (RFC 3264 section 6.1). */
  adopt(codecs: readonly Codec[]): void {
    const kept = this.#bound.map((bound) => codecs.find(({ payloadType }) => payloadType === bound.payloadType) ?? bound);
    this.#bound = kept.concat(codecs.filter(({ payloadType }) => this.#isFree(payloadType)));
  }

  /** `codec` under the number that it has in this session, its usual one if it is new and that is free. */
  assign(codec: Codec): Codec {
    const known = this.#bound.find((bound) => sameCodec(bound, codec));
    if (known) return numbered(codec, known.payloadType);
    const assigned = numbered(codec, this.#isFree(codec.payloadType) ? codec.payloadType : this.#freeNumber());
    this.#bound = this.#bound.concat(assigned);
    return assigned;
  }

  #isFree(number: number): boolean {
    return this.#bound.every(({ payloadType }) => payloadType !== number);
  }

  #freeNumber(): number {
    for (let number = 96; number < 128; number += 1) if (this.#isFree(number)) return number;
    for (let number = 35; number < 64; number += 1) if (this.#isFree(number)) return number;
    throw new SdpError(488, 'the peer leaves no payload type free');
  }
}
