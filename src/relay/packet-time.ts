/** How much audio a peer puts into a packet, against what our description asked it for. */

import type { SocketAddress } from '../base/address.ts';
import type { RtpHeader } from '../rtp/header.ts';
import type { Milestones } from './milestones.ts';

/** RFC 3551 4.2: what is sent where nobody asked for anything. */
const defaultMs = 20;
/** A longer step of the timestamp is a pause. */
const longestMs = 120;
/** Pairs of packets that have to agree. */
const leastPairs = 4;

export class PacketTime {
  readonly #milestones: Milestones;
  #ssrc = -1;
  #sequence = -1;
  #timestamp = 0;
  #measuredMs = 0;
  #pairs = 0;
  #toldMs = 0;

  constructor(milestones: Milestones) {
    this.#milestones = milestones;
  }

  /** Measures between packets that follow each other directly. `askedMs`: what the peer was asked for, null for nothing. */
  look(header: RtpHeader, clockRate: number, askedMs: number | null, remote: SocketAddress | null): void {
    const follows = header.ssrc === this.#ssrc && header.sequence === ((this.#sequence + 1) & 0xffff) && !header.marker;
    const ms = (((header.timestamp - this.#timestamp) | 0) * 1000) / clockRate;
    this.#ssrc = header.ssrc;
    this.#sequence = header.sequence;
    this.#timestamp = header.timestamp;
    if (follows && ms > 0 && ms <= longestMs) this.#measure(ms, askedMs, remote);
  }

  #measure(ms: number, askedMs: number | null, remote: SocketAddress | null): void {
    this.#pairs = ms === this.#measuredMs ? this.#pairs + 1 : 1;
    this.#measuredMs = ms;
    if (this.#pairs < leastPairs) return;
    const isStrange = ms !== (askedMs ?? defaultMs);
    if (isStrange && ms !== this.#toldMs) this.#milestones.tell('packet-time', remote, describe(ms, askedMs));
    this.#toldMs = isStrange ? ms : 0;
  }
}

function describe(ms: number, askedMs: number | null): string {
  return `${ms} ms, ${askedMs === null ? `${defaultMs} ms is usual` : `${askedMs} ms was agreed`}`;
}
