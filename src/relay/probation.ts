/**
 * Sources that nobody announced, before they are believed. Whoever sprays packets over a port range (RTP Bleed) sends a few and goes
 * on; a peer talks. So a source passes when its packets follow each other without a gap at the pace of speech: three in sequence
 * (RFC 3550 A.1 has two) over at least 30 ms, with timestamps that advance as the time does.
 */

import type { RtpHeader } from '../rtp/header.ts';
import type { PathId } from './io/driver.ts';
import type { PathKeeper } from './trunk-source.ts';

const minPackets = 3;
const minSpanMs = 30;
/** Between the time that passed and what the timestamps say: the jitter of a bad network. */
const maxDriftMs = 100;
/** Sources watched at once: the one unheard for longest makes room. */
const maxCandidates = 8;

interface Candidate {
  readonly path: PathId;
  ssrc: number;
  sequence: number;
  packets: number;
  firstTimestamp: number;
  firstAt: number;
}

export class Probation {
  readonly #paths: Pick<PathKeeper, 'retain' | 'release'>;
  /** Least recently heard first. */
  #candidates: Candidate[] = [];

  constructor(paths: Pick<PathKeeper, 'retain' | 'release'>) {
    this.#paths = paths;
  }

  /** Counts one packet of `path`; true when its source has proved itself. */
  passes(path: PathId, header: RtpHeader, clockRate: number, now: number): boolean {
    const candidate = this.#candidateOf(path);
    const inSequence = header.ssrc === candidate.ssrc && header.sequence === ((candidate.sequence + 1) & 0xffff);
    candidate.sequence = header.sequence;
    if (candidate.packets === 0 || !inSequence) return begin(candidate, header, now);
    candidate.packets++;
    const spanMs = now - candidate.firstAt;
    const mediaMs = (((header.timestamp - candidate.firstTimestamp) | 0) * 1000) / clockRate;
    if (mediaMs <= 0 || Math.abs(mediaMs - spanMs) > maxDriftMs) return begin(candidate, header, now);
    return candidate.packets >= minPackets && spanMs >= minSpanMs;
  }

  clear(): void {
    for (const { path } of this.#candidates) this.#paths.release(path);
    this.#candidates = [];
  }

  #candidateOf(path: PathId): Candidate {
    const at = this.#candidates.findIndex((candidate) => candidate.path === path);
    const known = at < 0 ? undefined : this.#candidates.splice(at, 1)[0];
    const candidate = known ?? { path, ssrc: 0, sequence: 0, packets: 0, firstTimestamp: 0, firstAt: 0 };
    if (!known) this.#admit(path);
    this.#candidates.push(candidate);
    return candidate;
  }

  #admit(path: PathId): void {
    this.#paths.retain(path);
    if (this.#candidates.length < maxCandidates) return;
    const oldest = this.#candidates.shift();
    if (oldest) this.#paths.release(oldest.path);
  }
}

/** A run of packets starts here. */
function begin(candidate: Candidate, header: RtpHeader, now: number): false {
  candidate.ssrc = header.ssrc;
  candidate.packets = 1;
  candidate.firstTimestamp = header.timestamp;
  candidate.firstAt = now;
  return false;
}
