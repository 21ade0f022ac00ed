/** The trunk's side: plain RTP over one port, and nothing of the browser's. */

import { isIpAddress, isIpv6, isWildcard, type SocketAddress } from '../base/address.ts';
import type { LocalAudio } from './agreement.ts';
import { commonCodecs, offerableCodecs, sameCodec } from './codecs.ts';
import type { Codec, Direction, MediaDescription, RemoteAudio, SessionDescription } from './description.ts';
import { withoutReceiving } from './direction.ts';
import { codecLines, packetTimeLines } from './media-lines.ts';
import { type Frame, networkAddress, OfferAnswer, type Slot } from './offer-answer.ts';
import { hasAttribute, readCodecs, readConnection, readDirection, readMilliseconds, readRtcp } from './parse-audio.ts';
import { SdpError } from './sdp-error.ts';

export interface TrunkLocal {
  /** Advertised address and even RTP port; RTCP is the next one. */
  readonly rtp: SocketAddress;
  /** Digits, for o= (below 2^63). */
  readonly sessionId: string;
}

export interface TrunkPolicy {
  /** Codec names in the order of preference: PCMU, PCMA, G722, opus. */
  readonly codecs: readonly string[];
}

const profiles = ['RTP/AVP', 'RTP/AVPF'];

const firstFrame: Frame = {
  slots: [{ kind: 'audio', protocol: 'RTP/AVP', format: '0', mid: undefined, accepted: true }],
  bundled: false,
};

export class TrunkNegotiation extends OfferAnswer {
  readonly #rtp: SocketAddress;
  readonly #allowed: readonly Codec[];

  constructor(local: TrunkLocal, policy: TrunkPolicy) {
    super({ sessionId: local.sessionId, host: local.rtp.host, profiles, frame: firstFrame, telephoneEvents: true });
    this.#rtp = local.rtp;
    this.#allowed = offerableCodecs(policy.codecs);
  }

  /** Offers what the policy permits of `codecs`, in its order of preference. */
  override createOffer(codecs: readonly Codec[], direction: Direction, ptimeMs?: number | null, maxPtimeMs?: number | null): string {
    const permitted = this.#allowed.flatMap((allowed) => codecs.find((codec) => sameCodec(codec, allowed)) ?? []);
    return super.createOffer(permitted, direction, ptimeMs, maxPtimeMs);
  }

  /** Answers with what the policy permits of `codecs`, in their order: so both directions come to use the same one. */
  override createAnswer(codecs: readonly Codec[], direction: Direction, ptimeMs?: number | null, maxPtimeMs?: number | null): string {
    return super.createAnswer(commonCodecs(codecs, this.#allowed), direction, ptimeMs, maxPtimeMs);
  }

  protected override readAudio(media: MediaDescription, { session }: SessionDescription): RemoteAudio {
    const host = this.#readHost(media, session);
    const rtp = host === null ? null : { host, port: media.port };
    const direction = readDirection(media, session);
    // RFC 3264 section 8.4: 0.0.0.0 asks not to be sent to. With ICE it only says that the address is not known yet.
    const held = rtp === null && !hasAttribute(media, 'ice-ufrag') && !hasAttribute(session, 'ice-ufrag');
    return {
      // What the policy forbids is not there for anybody.
      codecs: commonCodecs(readCodecs(media), this.#allowed),
      direction: held ? withoutReceiving(direction) : direction,
      ptimeMs: readMilliseconds(media, 'ptime'),
      maxPtimeMs: readMilliseconds(media, 'maxptime'),
      rtp,
      rtcp: rtp && readRtcp(media, rtp),
      ice: null,
      fingerprints: [],
      setup: null,
    };
  }

  /** null for 0.0.0.0 and ::. A host name is refused: looking it up is no business of a description. */
  #readHost(media: MediaDescription, session: SessionDescription['session']): string | null {
    const host = readConnection(media, session);
    if (host === undefined || !isIpAddress(host) || host.includes('%')) throw new SdpError(488, 'the media address is not an IP address');
    if (isWildcard(host)) return null;
    if (isMulticast(host)) throw new SdpError(488, 'the media address is a group or broadcast address');
    if (isIpv6(host) !== isIpv6(this.#rtp.host)) throw new SdpError(488, 'the media address is of another IP version');
    return host;
  }

  protected override write(audio: LocalAudio, frame: Frame): string[] {
    const head = ['s=-', `c=${networkAddress(this.#rtp.host)}`, 't=0 0'];
    return [...head, ...frame.slots.flatMap((slot) => (slot.accepted ? this.#audioLines(slot, audio) : refusedLines(slot)))];
  }

  #audioLines(slot: Slot, audio: LocalAudio): string[] {
    return [
      `m=audio ${this.#rtp.port} ${slot.protocol} ${audio.codecs.map((codec) => codec.payloadType).join(' ')}`,
      ...codecLines(audio.codecs),
      ...packetTimeLines(audio),
      `a=${audio.direction}`,
    ];
  }
}

function refusedLines(slot: Slot): string[] {
  return [`m=${slot.kind} 0 ${slot.protocol} ${slot.format}`];
}

/** 224.0.0.0/4 and above, or ff00::/8. */
function isMulticast(host: string): boolean {
  return isIpv6(host) ? host.toLowerCase().startsWith('ff') : Number.parseInt(host, 10) >= 224;
}
