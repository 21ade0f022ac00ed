/** One offer/answer machine per leg (RFC 3264): what it can be asked. */

import type { AgreedAudio, Codec, Direction, RemoteAudio, RemoteOffer } from './description.ts';

export type NegotiationState = 'idle' | 'stable' | 'local-offer' | 'remote-offer';

export interface Negotiation {
  readonly state: NegotiationState;
  /** Reads the peer's offer. Throws SdpError: answer with its status, nothing has changed then. */
  receiveOffer(sdp: string): RemoteOffer;
  /**
   * Answers the offer. `codecs` are what the other leg agreed (its `agreed.send`), matched here by name, clock and channels;
   * `direction` is ours and is held to what the offer permits. Throws SdpError 488 when no codec is common.
   */
  createAnswer(codecs: readonly Codec[], direction: Direction, ptimeMs?: number | null, maxPtimeMs?: number | null): string;
  /** Offers `codecs` in their order. The version in o= rises only when the content differs from what was sent last. */
  createOffer(codecs: readonly Codec[], direction: Direction, ptimeMs?: number | null, maxPtimeMs?: number | null): string;
  /** Reads the answer to our offer. Called again before the next offer, it replaces that answer (a fork, or a 200 that differs from its 183). */
  receiveAnswer(sdp: string): RemoteAudio;
  /** The peer's offer was refused by us, or ours by the peer: all is as before it. */
  rejectOffer(): void;
  /** What we sent last and was not refused, byte for byte. */
  readonly localDescription: string | null;
  /** The outcome of the last finished exchange. */
  readonly agreed: AgreedAudio | null;
}
