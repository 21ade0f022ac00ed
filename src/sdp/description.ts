/** Descriptions as plain types: the text model, which loses nothing, and what a leg reads out of it. */

import type { SocketAddress } from '../base/address.ts';

/** One line as it stood: `type=value` and its own line end (RFC 8866 section 5 wants CRLF; a bare LF is read and kept). */
export interface Line {
  readonly type: string;
  readonly value: string;
  readonly end: '\r\n' | '\n' | '';
}

/** A run of lines with its attributes: the session level or one m= section. */
export interface Section {
  readonly lines: readonly Line[];
}

/** An m= line with what follows it (RFC 8866 section 5.14). `lines` begins with the m= line itself. */
export interface MediaDescription extends Section {
  readonly kind: string;
  readonly port: number;
  readonly protocol: string;
  readonly formats: readonly string[];
}

export interface SessionDescription {
  readonly session: Section;
  readonly media: readonly MediaDescription[];
}

/** Seen from whoever says it: `sendonly` means that the speaker sends and does not want to receive (RFC 3264 section 5.1). */
export type Direction = 'sendrecv' | 'sendonly' | 'recvonly' | 'inactive';

/** A payload type with its meaning. `encoding` compares without case. */
export interface Codec {
  /** 0 .. 127 */
  readonly payloadType: number;
  readonly encoding: string;
  /** Hz */
  readonly clockRate: number;
  readonly channels: number;
  /** The parameters behind the payload type of a=fmtp, as they stood. */
  readonly fmtp: string | null;
}

/** RFC 8122: `algorithm` in lower case ("sha-256"), `value` as upper-case hex with colons. */
export interface Fingerprint {
  readonly algorithm: string;
  readonly value: string;
}

export interface IceCredentials {
  readonly ufrag: string;
  readonly pwd: string;
}

export type Setup = 'active' | 'passive' | 'actpass' | 'holdconn';

/** What a peer's description says about its audio. */
export interface RemoteAudio {
  /** All codecs and telephone-events, in the peer's order and with its numbers. */
  readonly codecs: readonly Codec[];
  /** As the peer says it; a hold by c=0.0.0.0 is folded in (RFC 3264 section 8.4). */
  readonly direction: Direction;
  readonly ptimeMs: number | null;
  readonly maxPtimeMs: number | null;
  /** Where a trunk wants its media; null on hold by c=0.0.0.0, and always for a browser, whose address ICE tells. */
  readonly rtp: SocketAddress | null;
  readonly rtcp: SocketAddress | null;
  /** ICE, certificate and DTLS role of a browser; null and empty for a trunk. */
  readonly ice: IceCredentials | null;
  readonly fingerprints: readonly Fingerprint[];
  readonly setup: Setup | null;
}

export interface RemoteOffer extends RemoteAudio {
  /** The browser changed its ufrag or pwd (RFC 8839 section 4.4.1.1.1): answer with new credentials of our own. */
  readonly iceRestart: boolean;
}

/** The outcome of an exchange, in the relay's terms. */
export interface AgreedAudio {
  /** What the peer sends, under the numbers of our description. */
  readonly receive: readonly Codec[];
  /** What we send, under the peer's numbers and with its fmtp: hand these to the other leg. */
  readonly send: readonly Codec[];
  /** Ours: `sendonly` means that we send. */
  readonly direction: Direction;
  /** The packet time that the peer asked for; null when it did not say. */
  readonly ptimeMs: number | null;
}
