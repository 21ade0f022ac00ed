/** The browser's side: ICE-lite, DTLS-SRTP, rtcp-mux, and m= lines that keep their place and mid for ever. */

import type { SocketAddress } from '../base/address.ts';
import { invariant } from '../base/errors.ts';
import type { LocalAudio } from './agreement.ts';
import type { Fingerprint, IceCredentials, MediaDescription, RemoteAudio, Section, SessionDescription, Setup } from './description.ts';
import { codecLines, packetTimeLines } from './media-lines.ts';
import { type DescriptionKind, type Frame, networkAddress, OfferAnswer, type Slot } from './offer-answer.ts';
import {
  attribute,
  hasAttribute,
  readBundle,
  readCodecs,
  readDirection,
  readFingerprints,
  readIce,
  readMilliseconds,
  readSetup,
} from './parse-audio.ts';
import { SdpError } from './sdp-error.ts';

export interface BrowserLocal {
  /** One host candidate per advertised address, the preferred first; that one also stands in c= and m=. */
  readonly candidates: readonly SocketAddress[];
  readonly ice: IceCredentials;
  readonly fingerprint: Fingerprint;
  readonly ssrc: number;
  readonly cname: string;
  /** Digits, for o= (below 2^63). */
  readonly sessionId: string;
  /** Whether telephone-events are negotiated; not for a user whose digits go as SIP INFO. */
  readonly telephoneEvents: boolean;
}

export type DtlsRole = 'client' | 'server';

// RFC 8829 section 5.1.2 lists the profiles to accept; what counts is that they are secure. The answer mirrors the token.
const profiles = ['UDP/TLS/RTP/SAVPF', 'UDP/TLS/RTP/SAVP', 'TCP/DTLS/RTP/SAVPF', 'TCP/DTLS/RTP/SAVP', 'RTP/SAVPF', 'RTP/SAVP'];

const firstFrame: Frame = {
  slots: [{ kind: 'audio', protocol: 'UDP/TLS/RTP/SAVPF', format: '0', mid: '0', accepted: true }],
  bundled: true,
};

export class BrowserNegotiation extends OfferAnswer {
  readonly #local: BrowserLocal;
  readonly #address: SocketAddress;
  #ice: IceCredentials;
  #iceBefore: IceCredentials;
  #dtlsRole: DtlsRole | null = null;

  constructor(local: BrowserLocal) {
    const address = local.candidates[0];
    invariant(address, 'a browser leg has a candidate');
    super({ sessionId: local.sessionId, host: address.host, profiles, frame: firstFrame, telephoneEvents: local.telephoneEvents });
    this.#local = local;
    this.#address = address;
    this.#ice = local.ice;
    this.#iceBefore = local.ice;
  }

  /** Our DTLS role, from the first exchange on for ever (RFC 8842 section 5.5); null before. */
  get dtlsRole(): DtlsRole | null {
    return this.#dtlsRole;
  }

  /** New local credentials: due before an offer with `iceRestart` is answered (RFC 8839 section 4.4.2). */
  replaceIce(credentials: IceCredentials): void {
    this.#ice = credentials;
  }

  protected override readAudio(media: MediaDescription, description: SessionDescription, kind: DescriptionKind): RemoteAudio {
    const { session } = description;
    const sections = transportSections(media, description);
    const muxed = sections.some((section) => hasAttribute(section, 'rtcp-mux'));
    if (!muxed) throw new SdpError(488, `the ${kind} has no a=rtcp-mux (RFC 8834 section 4.5)`);
    if (hasAttribute(session, 'ice-lite')) throw new SdpError(488, `the ${kind} is ICE-lite, and so are we: nobody would check`);
    const ice = readIce(sections);
    if (!ice) throw new SdpError(488, `the ${kind} has no valid a=ice-ufrag and a=ice-pwd`);
    const fingerprints = readFingerprints(sections);
    if (fingerprints.length === 0) throw new SdpError(488, `the ${kind} has no a=fingerprint of sha-256 or better`);
    const setup = readSetup(sections);
    this.#roleFor(setup, kind);
    return {
      codecs: readCodecs(media),
      direction: readDirection(media, session),
      ptimeMs: readMilliseconds(media, 'ptime'),
      maxPtimeMs: readMilliseconds(media, 'maxptime'),
      rtp: null,
      rtcp: null,
      ice,
      fingerprints,
      setup,
    };
  }

  /** Our role opposite `setup`: the one in force if there is one. Throws when the browser contradicts that. */
  #roleFor(setup: Setup | null, kind: DescriptionKind): DtlsRole {
    const demanded = demandedRole(setup, kind);
    const settled = this.#dtlsRole;
    if (settled && demanded && settled !== demanded) throw new SdpError(488, `the ${kind} reverses the DTLS role`);
    return settled ?? demanded ?? 'server';
  }

  /** Offers leave the choice open, though it is made: RFC 8842 section 5.5. */
  #setupIn(kind: DescriptionKind): Setup {
    if (kind === 'offer') return 'actpass';
    return this.#dtlsRole === 'client' ? 'active' : 'passive';
  }

  // RFC 3264 section 8 and RFC 8829 section 5.2.2: m= lines never go, and a mid changes only where a refused line is used anew.
  protected override checkSlots(now: readonly Slot[], before: readonly Slot[]): void {
    if (now.length < before.length) throw new SdpError(488, 'an m= line of the session is missing');
    const moved = before.some(({ accepted, mid }, index) => accepted && (now[index]?.mid ?? mid) !== mid);
    if (moved) throw new SdpError(488, 'the mid of the audio has changed');
  }

  protected override accept(remote: RemoteAudio, kind: DescriptionKind): void {
    this.#dtlsRole = this.#roleFor(remote.setup, kind);
    this.#iceBefore = this.#ice;
  }

  protected override undo(): void {
    this.#ice = this.#iceBefore;
  }

  protected override write(audio: LocalAudio, frame: Frame, kind: DescriptionKind): string[] {
    const mid = frame.slots.find((slot) => slot.accepted)?.mid;
    return [
      's=-',
      't=0 0',
      ...(frame.bundled && mid !== undefined ? [`a=group:BUNDLE ${mid}`] : []),
      'a=ice-lite',
      ...frame.slots.flatMap((slot) => (slot.accepted ? this.#audioLines(slot, audio, kind) : refusedLines(slot))),
    ];
  }

  #audioLines(slot: Slot, audio: LocalAudio, kind: DescriptionKind): string[] {
    const { fingerprint, ssrc, cname } = this.#local;
    return [
      `m=audio ${this.#address.port} ${slot.protocol} ${audio.codecs.map((codec) => codec.payloadType).join(' ')}`,
      `c=${networkAddress(this.#address.host)}`,
      ...midLines(slot),
      `a=${audio.direction}`,
      ...codecLines(audio.codecs),
      ...packetTimeLines(audio),
      'a=rtcp-mux',
      `a=setup:${this.#setupIn(kind)}`,
      `a=fingerprint:${fingerprint.algorithm} ${fingerprint.value}`,
      `a=ice-ufrag:${this.#ice.ufrag}`,
      `a=ice-pwd:${this.#ice.pwd}`,
      ...this.#local.candidates.map(candidateLine),
      'a=end-of-candidates',
      'a=msid:offhook offhook-audio',
      `a=ssrc:${ssrc} cname:${cname}`,
    ];
  }
}

/** RFC 4145 section 4.1 with RFC 8842 section 5: null when `setup` leaves the choice to us. Throws for what DTLS-SRTP forbids. */
function demandedRole(setup: Setup | null, kind: DescriptionKind): DtlsRole | null {
  if (setup === 'active') return 'server';
  if (setup === 'passive') return 'client';
  // Absent, it means active in an offer and passive in an answer.
  if (setup === null) return kind === 'offer' ? 'server' : 'client';
  if (setup === 'actpass' && kind === 'offer') return null;
  throw new SdpError(488, `a=setup:${setup} has no place in an ${kind}`);
}

/**
 * Where transport attributes may stand: the section, the tagged section of its BUNDLE group (which speaks for those that
 * carry none, RFC 9143 section 7.1.3), the session level.
 */
function transportSections(media: MediaDescription, description: SessionDescription): Section[] {
  const [tag] = readBundle(description.session, attribute(media, 'mid'));
  const tagged = description.media.find((section) => tag !== undefined && attribute(section, 'mid') === tag);
  return tagged ? [media, tagged, description.session] : [media, description.session];
}

/** RFC 9143 section 7.3.3: a refused m= line has port 0 and is in no group; its mid stays (RFC 8829 section 5.3.1). */
function refusedLines(slot: Slot): string[] {
  return [`m=${slot.kind} 0 ${slot.protocol} ${slot.format}`, 'c=IN IP4 0.0.0.0', ...midLines(slot), 'a=inactive'];
}

function midLines(slot: Slot): string[] {
  return slot.mid === undefined ? [] : [`a=mid:${slot.mid}`];
}

/** RFC 8839 section 5.1; the priority of RFC 8445 section 5.1.2.1 for a host candidate of component 1. */
function candidateLine(address: SocketAddress, index: number): string {
  const priority = 126 * 2 ** 24 + (65535 - index) * 2 ** 8 + 255;
  return `a=candidate:${index + 1} 1 udp ${priority} ${address.host} ${address.port} typ host`;
}
