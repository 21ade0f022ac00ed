/** What happens to the media of a call, told once or when it changes: plain values for traces, explanations and people. */

import type { SocketAddress } from '../base/address.ts';

export interface MediaMilestone {
  readonly side: 'browser' | 'trunk';
  /** Milliseconds since the Unix epoch. */
  readonly at: number;
  readonly what: MilestoneName;
  /** Whom it concerns; null where there is no one peer. */
  readonly remote: SocketAddress | null;
  /** In plain words; '' when the name says it all. */
  readonly detail: string;
}

export type MilestoneName =
  /** The first connectivity check of a leg, valid or not. */
  | 'ice-check'
  /** The first check refused for each reason (`detail`). */
  | 'ice-check-refused'
  /** An address of the browser passed a check: media is taken from it. */
  | 'ice-validated'
  /** Media is sent to this address from now on. */
  | 'ice-nominated'
  /** New credentials of ours, for the browser's ICE restart. */
  | 'ice-restarted'
  /** A DTLS handshake began: the peer's first datagram or ours. */
  | 'dtls-hello'
  /** `detail`: the SRTP profile. */
  | 'dtls-connected'
  /** `detail`: the reason, and what DTLS says of it. */
  | 'dtls-failed'
  /** Most packets of the browser fail SRTP authentication. */
  | 'srtp-authentication-failing'
  | 'srtp-authentication-recovered'
  /** The first packet of a leg that was taken. `detail`: its format and payload type. */
  | 'rtp-began'
  /** Nothing for 2 s although the peer should send. */
  | 'rtp-stopped'
  | 'rtp-resumed'
  /** The first packet refused for each reason (`detail`) and remote address. */
  | 'rtp-refused'
  /** The trunk's packets are taken from another address than its description names. */
  | 'source-learned'
  | 'ssrc-changed'
  /** The peer has sent nothing but digital silence for 3 s. */
  | 'silence-began'
  | 'silence-ended'
  /** The peer's packets are of another length than was agreed. `detail`: both. */
  | 'packet-time'
  /** No consent check of the browser for 30 s (RFC 7675). */
  | 'path-lost'
  | 'path-restored'
  /** The relay thread came too late to its packets. `detail`: by how much. */
  | 'relay-late';
