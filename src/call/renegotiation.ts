/**
 * Offers within a call. Each leg's offer/answer stands alone: an offer is answered at once from what the other leg is known to
 * do, and the other leg is asked to re-negotiate only when its direction or codec truly changes.
 */

import { commonCodecs, isTelephoneEvent, sameCodec } from '../sdp/codecs.ts';
import type { Codec, RemoteOffer } from '../sdp/description.ts';
import { SdpError } from '../sdp/sdp-error.ts';
import type { Leg } from './leg.ts';

/** The answer to `from`'s offer. Throws SdpError with the status to refuse it with; the session then stands as it was. */
export async function answerOffer(from: Leg, to: Leg, sdp: string): Promise<string> {
  const offer = from.receiveOffer(sdp);
  try {
    const codecs = codecsToAnswer(offer, to);
    await from.prepareAnswer(offer);
    return from.createAnswer(offer, codecs, to);
  } catch (error) {
    from.refuseOffer();
    throw error;
  }
}

/** What `to` uses already, so that nothing changes for it; else what it could change to. */
function codecsToAnswer(offer: RemoteOffer, to: Leg): readonly Codec[] {
  for (const known of [to.codecsInUse, to.capabilities]) {
    const common = commonCodecs(offer.codecs, known);
    if (!common.every(isTelephoneEvent)) return common;
  }
  throw new SdpError(488, 'no codec in common with the other side');
}

/** Our offer for a re-INVITE without a description: what the session already uses, so that nothing has to change (RFC 3261 14.2). */
export function offerCurrent(leg: Leg, other: Leg): string {
  return leg.createOffer(leg.negotiation.agreed?.receive ?? leg.capabilities, other);
}

/**
 * Brings `leg` in line with `other` by a re-INVITE, if it must change. To be called again when what was under way on either is
 * over. `leads`: its peer was the last to choose the codec, so that it is the other side that has to change.
 */
export function synchronise(leg: Leg, other: Leg, leads: boolean): void {
  const { negotiation, session } = leg;
  if (!session.canOffer || negotiation.state !== 'stable' || !negotiation.agreed) return;
  const codecs = mustChange(leg, other, leads) ? codecsToOffer(leg, other) : null;
  if (codecs === null && leg.told === other.wish) return;
  session.reinvite(leg.createOffer(codecs ?? negotiation.agreed.receive, other));
}

/** Whether `other` can take whatever `leg`'s peer may send. */
export function understands(other: Leg, leg: Leg): boolean {
  return leg.audioCodecs.every((codec) => isAmong(codec, other.audioCodecs));
}

/**
 * Two legs that changed at once, each to what the other used before, would follow each other for ever: nobody follows a leg
 * that is under way, and of two that have nothing in common only one moves.
 */
function mustChange(leg: Leg, other: Leg, leads: boolean): boolean {
  if (other.negotiation.state !== 'stable' || understands(other, leg)) return false;
  return !leads || leg.audioCodecs.some((codec) => isAmong(codec, other.audioCodecs));
}

/** Null when there is nothing to offer that would help. */
function codecsToOffer(leg: Leg, other: Leg): readonly Codec[] | null {
  const common = commonCodecs(other.codecsInUse, leg.capabilities);
  return common.every(isTelephoneEvent) ? null : common;
}

function isAmong(codec: Codec, codecs: readonly Codec[]): boolean {
  return codecs.some((known) => sameCodec(codec, known));
}
