/**
 * The media relay as the call layer sees it: sessions, legs and plain values. No SIP, no SDP, no sockets.
 * Implemented by `local` (in this thread) and `pool` (worker threads).
 */

import type { SocketAddress } from '../base/address.ts';
import type { LegQuality } from '../events/gateway-events.ts';
import type { MediaMilestone } from '../events/media-milestone.ts';

export interface MediaRelay {
  /** Opens a session on the least loaded thread. Rejects when the relay is closing or out of threads. */
  openSession(events: MediaSessionEvents): Promise<MediaSession>;
  /** How much it carries at this moment. */
  readonly load: RelayLoad;
  /** Closes every session, socket and thread. Idempotent. */
  close(): Promise<void>;
}

export interface RelayLoad {
  /** One for each thread, whether it serves or is being replaced. */
  readonly threads: readonly ThreadLoad[];
  /** RTP/RTCP port pairs towards trunks. */
  readonly ports: { readonly inUse: number; readonly total: number };
}

export interface ThreadLoad {
  readonly alive: boolean;
  readonly sessions: number;
  /** The share of the last second that it worked, 0 .. 1; null where the driver cannot tell. */
  readonly busy: number | null;
  /** What serves there; null until it has started. */
  readonly drivers: DriverNames | null;
}

export interface DriverNames {
  readonly udp: string;
  readonly dtls: string;
  readonly srtp: string;
}

/** Unique within its session. */
export type LegId = number;

/** Whether media flows, from our side of a leg: `sendonly` means that we send and do not accept. */
export type MediaDirection = 'sendrecv' | 'sendonly' | 'recvonly' | 'inactive';

/** A payload type with its meaning (RFC 3551, 4566). `encoding` compares without case. */
export interface PayloadFormat {
  readonly payloadType: number;
  readonly encoding: string;
  readonly clockRate: number;
  readonly channels: number;
}

/** A certificate fingerprint (RFC 8122): `algorithm` in lower case ("sha-256"), `value` as upper-case hex with colons. */
export interface Fingerprint {
  readonly algorithm: string;
  readonly value: string;
}

export type SrtpProfile = 'SRTP_AES128_CM_HMAC_SHA1_80' | 'SRTP_AEAD_AES_128_GCM' | 'SRTP_AEAD_AES_256_GCM';

export interface MediaSession {
  /** Of the legs that it had when it last told: what they carried since they were made, and how well. */
  readonly quality: readonly LegQuality[];
  addBrowserLeg(): Promise<BrowserLegLocal>;
  /** Rejects with `PortsExhausted` when the port range is used up. */
  addTrunkLeg(): Promise<TrunkLegLocal>;
  /** Sets or replaces what the browser's description says. The DTLS role is taken from the first call and kept. */
  configureBrowserLeg(leg: LegId, remote: BrowserLegRemote): void;
  /** Sets or re-points the trunk side; opens a new source-learning window when `learn` allows one. */
  configureTrunkLeg(leg: LegId, remote: TrunkLegRemote): void;
  /** New ICE credentials for a browser's ICE restart; the old ones stay valid until a check with the new ones nominates. */
  restartIce(leg: LegId): Promise<IceCredentials>;
  /** Relays between `a` and `b` from now on; whatever either was bridged to before is left without a partner. */
  bridge(a: LegId, b: LegId): void;
  /** Queues one DTMF digit (0-9 * # A-D) as RFC 4733 events towards the leg. `durationMs` is held to 100 .. 400. */
  sendDigit(leg: LegId, digit: string, durationMs: number): void;
  removeLeg(leg: LegId): void;
  /** Releases every leg, port and binding. The `closed` event follows with the last statistics. Idempotent. */
  close(): void;
}

export interface IceCredentials {
  readonly ufrag: string;
  readonly pwd: string;
}

/** What our description to the browser needs. */
export interface BrowserLegLocal {
  readonly leg: LegId;
  readonly ice: IceCredentials;
  /** One host candidate per advertised address, the preferred first. */
  readonly candidates: readonly SocketAddress[];
  readonly fingerprint: Fingerprint;
  readonly ssrc: number;
  readonly cname: string;
}

/** What our description to the trunk needs. */
export interface TrunkLegLocal {
  readonly leg: LegId;
  /** Advertised address and even RTP port; RTCP is port + 1. */
  readonly rtp: SocketAddress;
}

/** Which formats a leg carries. The peer sends `receive` numbers (they stand in our description), we send `send` numbers. */
export interface LegMedia {
  readonly direction: MediaDirection;
  readonly receive: readonly PayloadFormat[];
  readonly send: readonly PayloadFormat[];
  /** Packet time in milliseconds that the peer wants; null when it did not say. */
  readonly ptimeMs: number | null;
}

export interface BrowserLegRemote extends LegMedia {
  /** Our role: `server` waits for the browser's ClientHello. */
  readonly dtlsRole: 'client' | 'server';
  readonly fingerprints: readonly Fingerprint[];
  /** The browser's ufrag, the second half of the USERNAME of its checks. */
  readonly iceUfrag: string;
}

export interface TrunkLegRemote extends LegMedia {
  /** Where to send; null when on hold by c=0.0.0.0 or before any description. */
  readonly rtp: SocketAddress | null;
  /** Null: the port above `rtp`. */
  readonly rtcp: SocketAddress | null;
  /** Whether another source than `rtp` may be learned (symmetric RTP behind NAT). */
  readonly learn: boolean;
}

export interface MediaSessionEvents {
  /** ICE and DTLS are done on a browser leg; media flows. Once per DTLS association. */
  connected(leg: LegId, info: ConnectedInfo): void;
  /** No valid ICE consent check for 30 s (RFC 7675). */
  pathLost(leg: LegId): void;
  /** A valid check came after `pathLost`. */
  pathRestored(leg: LegId): void;
  /** A DTMF digit received from the leg, once, at its end (or when it is held longer than 5 s). */
  digit(leg: LegId, digit: string, durationMs: number): void;
  /** The leg can never carry media: DTLS failed. */
  failed(leg: LegId, reason: LegFailure): void;
  /** Something happened for the first time, or changed. Bounded, whatever the peers do. */
  milestone(leg: LegId, milestone: LegMilestone): void;
  /** Once a second: `quality` of the session. */
  measured(legs: readonly LegQuality[]): void;
  /** The last event of a session. Its `quality` stands. */
  closed(reason: 'closed' | 'thread-died'): void;
}

/** A milestone as its leg tells it; side and time are for whoever knows the call. */
export type LegMilestone = Pick<MediaMilestone, 'what' | 'remote' | 'detail'>;

export interface ConnectedInfo {
  readonly profile: SrtpProfile;
  readonly remote: SocketAddress;
}

export type LegFailure = 'dtls-fingerprint-mismatch' | 'dtls-no-common-profile' | 'dtls-handshake-failed' | 'dtls-timeout';

/** Every RTP/RTCP port pair is in use or in quarantine. */
export class PortsExhausted extends Error {
  constructor() {
    super('no free RTP port pair');
    this.name = 'PortsExhausted';
  }
}
