/**
 * Offers within a call. Each leg's offer/answer stands alone: an offer is answered at once from what the other leg is known to
 * do, and the other leg is asked to re-negotiate only when its direction or codec truly changes.
 */

import { commonCodecs, isTelephoneEvent, sameCodec } from '../sdp/codecs.ts';
import type { Codec } from '../sdp/description.ts';
import { intersect, reverse } from '../sdp/direction.ts';
import { SdpError } from '../sdp/sdp-error.ts';
import type { Leg } from './leg.ts';

/** The answer to `from`'s offer. Throws SdpError with the status to refuse it with; the session then stands as it was. */
export async function answerOffer(from: Leg, to: Leg, sdp: string): Promise<string> {
  const offer = from.receiveOffer(sdp);
  const codecs = commonCodecs(offer.codecs, to.capabilities);
  if (codecs.every(isTelephoneEvent)) {
    from.negotiation.rejectOffer();
    throw new SdpError(488, 'no codec in common with the other side');
  }
  await from.prepareAnswer(offer);
  return from.createAnswer(offer, codecs, to);
}

/** Our offer for a re-INVITE without a description: what the session already uses, so that nothing has to change (RFC 3261 14.2). */
export function offerCurrent(leg: Leg, other: Leg): string {
  return leg.createOffer(leg.negotiation.agreed?.receive ?? leg.capabilities, other);
}

/** Brings `leg` in line with `other` by a re-INVITE, if it must change. */
export function synchronise(leg: Leg, other: Leg): void {
  const { negotiation, session } = leg;
  if (session.state !== 'confirmed' || negotiation.state !== 'stable' || !negotiation.agreed) return;
  const codecs = codecsFor(leg, other);
  if (codecs === null && negotiation.agreed.direction === intersect(other.wish, reverse(leg.wish))) return;
  session.reinvite(leg.createOffer(codecs ?? negotiation.agreed.receive, other));
}

/** The codecs to offer `leg` anew; null while everything that it may send is understood by `other`. */
function codecsFor(leg: Leg, other: Leg): readonly Codec[] | null {
  const understood = other.audioCodecs;
  if (leg.audioCodecs.every((codec) => understood.some((known) => sameCodec(codec, known)))) return null;
  const common = commonCodecs(other.codecsInUse, leg.capabilities);
  return common.every(isTelephoneEvent) ? null : common;
}
