/** What comes out of an offer and an answer, by the rules of RFC 3264 sections 6 and 7. */

import { commonCodecs, isTelephoneEvent, numbered, passable, sameCodec, shared } from './codecs.ts';
import type { AgreedAudio, Codec, Direction, RemoteAudio } from './description.ts';
import { intersect, reverse } from './direction.ts';
import { SdpError } from './sdp-error.ts';

/** What we say about our audio. */
export interface LocalAudio {
  readonly codecs: readonly Codec[];
  readonly direction: Direction;
  readonly ptimeMs: number | null;
  readonly maxPtimeMs: number | null;
}

/**
 * Our codecs in an answer: the wanted ones in the order wanted, since media is passed on and not transcoded, under the numbers
 * of the offer (RFC 3264 section 6.1), and those of `events` that it has. Throws SdpError 488 when nothing is common.
 */
export function answerCodecs(offer: RemoteAudio, wanted: readonly Codec[], eventsFor: (audio: readonly Codec[]) => Codec[]): Codec[] {
  const audio = wanted.flatMap((codec) => passable(codec) ?? []).flatMap((codec) => numberedAs(offer, codec));
  if (audio.length === 0) throw new SdpError(488, 'no common codec');
  return audio.concat(eventsFor(audio).flatMap((event) => numberedAs(offer, event)));
}

/** `codec` under the number that the offer gives it; nothing when the offer does not have it. */
function numberedAs(offer: RemoteAudio, codec: Codec): Codec[] {
  const theirs = offer.codecs.find((offered) => sameCodec(offered, codec));
  return theirs ? [numbered(codec, theirs.payloadType)] : [];
}

/** The answer is ours: both sides use the numbers of the offer. */
export function agreedByUs(offer: RemoteAudio, answer: LocalAudio): AgreedAudio {
  const fmtpOf = (codec: Codec): string | null => offer.codecs.find((theirs) => sameCodec(theirs, codec))?.fmtp ?? null;
  const send = answer.codecs.map((codec) => shared({ ...codec, fmtp: fmtpOf(codec) }));
  return { receive: answer.codecs, send, direction: answer.direction, ptimeMs: offer.ptimeMs };
}

/** The answer is the peer's: it sends our numbers, we send its numbers. Throws SdpError 488 when it took none of our codecs. */
export function agreedByPeer(offer: LocalAudio, answer: RemoteAudio): AgreedAudio {
  const send = commonCodecs(answer.codecs, offer.codecs);
  if (send.every(isTelephoneEvent)) throw new SdpError(488, 'the answer has no codec of the offer');
  const receive = send.flatMap((codec) => offer.codecs.find((ours) => sameCodec(ours, codec)) ?? []);
  const direction = intersect(offer.direction, reverse(answer.direction));
  // Lists that were filtered have room for more: what a call keeps has none.
  return { receive: receive.slice(), send: send.slice(), direction, ptimeMs: answer.ptimeMs };
}
