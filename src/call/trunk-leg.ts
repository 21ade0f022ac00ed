/** The leg towards a trunk: plain RTP, and SIP with an address of our own. */

import { isPrivateAddress } from '../base/address.ts';
import type { MediaSession, TrunkLegLocal } from '../relay/media-relay.ts';
import { offerableCodecs } from '../sdp/codecs.ts';
import type { RemoteAudio } from '../sdp/description.ts';
import { TrunkNegotiation } from '../sdp/trunk-negotiation.ts';
import type { Flow } from '../sip/message/flow.ts';
import type { Dialling, LegPlan } from './leg.ts';
import { Leg } from './leg.ts';

export interface TrunkLegOptions {
  readonly sessionId: string;
  /** Null for a call that comes from the trunk. */
  readonly dialling: Dialling | null;
  /** Names of the codecs that the trunk may use, the preferred first. */
  readonly codecs: readonly string[];
  /** Whether the trunk's RTP source may differ from its SDP. */
  readonly learn: boolean;
  readonly trunk: FlowSource;
  /** The host that its signalling goes to and comes from. */
  readonly signallingHost: string;
}

/** Who knows where a trunk's requests come from. */
export interface FlowSource {
  isSource(flow: Flow): boolean;
}

export function planTrunkLeg(options: TrunkLegOptions): LegPlan {
  return { open: async (media) => new TrunkLeg(media, await media.addTrunkLeg(), options) };
}

class TrunkLeg extends Leg {
  readonly side = 'trunk';
  readonly #trunk: FlowSource;
  readonly #learn: boolean;
  readonly #signallingHost: string;

  constructor(media: MediaSession, local: TrunkLegLocal, options: TrunkLegOptions) {
    const negotiation = new TrunkNegotiation({ rtp: local.rtp, sessionId: options.sessionId }, { codecs: options.codecs });
    super(media, local.leg, negotiation, offerableCodecs(options.codecs), options.dialling);
    this.#trunk = options.trunk;
    this.#learn = options.learn;
    this.#signallingHost = options.signallingHost;
  }

  acceptsFlow(flow: Flow): boolean {
    return this.#trunk.isSource(flow);
  }

  protected applyMedia(remote: RemoteAudio): void {
    const { agreed } = this.negotiation;
    if (!agreed) return;
    this.media.configureTrunkLeg(this.mediaLeg, { rtp: remote.rtp, rtcp: remote.rtcp, learn: this.#mayLearn(remote), ...agreed });
  }

  /** A private media address behind a different signalling address is a NAT's doing: the real source has to be learned. */
  #mayLearn(remote: RemoteAudio): boolean {
    if (this.#learn) return true;
    return remote.rtp !== null && isPrivateAddress(remote.rtp.host) && remote.rtp.host !== this.#signallingHost;
  }
}
