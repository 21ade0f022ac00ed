/**
 * Sources that nobody announced, before one of them is believed. Whoever sprays packets over a port range (RTP Bleed) sends a few and
 * goes on, or floods; a peer talks. So a source is fit when its packets follow each other without a gap at the pace of speech: three
 * in sequence (RFC 3550 A.1 has two) over at least 30 ms, with timestamps that advance as the time does.
 */

import type { RtpHeader } from '../rtp/header.ts';
import { noPath, type PathId } from './io/driver.ts';
import type { PathKeeper } from './trunk-source.ts';

const minPackets = 3;
const minSpanMs = 30;
/** Between the time that passed and what the timestamps say: the jitter of a bad network. */
const maxDriftMs = 100;
/** Sources watched at once: the one unheard for longest makes room. */
const maxCandidates = 8;

/** A run of packets from one path. */
interface Candidate {
  readonly path: PathId;
  ssrc: number;
  sequence: number;
  packets: number;
  firstTimestamp: number;
  firstAt: number;
  spanMs: number;
}

export class Probation {
  readonly #paths: Pick<PathKeeper, 'retain' | 'release'>;
  /** Least recently heard first. */
  #candidates: Candidate[] = [];

  constructor(paths: Pick<PathKeeper, 'retain' | 'release'>) {
    this.#paths = paths;
  }

  observe(path: PathId, header: RtpHeader, clockRate: number, now: number): void {
    const candidate = this.#candidateOf(path);
    const next = candidate.packets > 0 && header.ssrc === candidate.ssrc && header.sequence === ((candidate.sequence + 1) & 0xffff);
    const spanMs = now - candidate.firstAt;
    const mediaMs = (((header.timestamp - candidate.firstTimestamp) | 0) * 1000) / clockRate;
    candidate.sequence = header.sequence;
    if (!next || mediaMs <= 0 || Math.abs(mediaMs - spanMs) > maxDriftMs) begin(candidate, header, now);
    else {
      candidate.packets++;
      candidate.spanMs = spanMs;
    }
  }

  /** The preferred fit source, else the fit one that has talked longest; `noPath` if none is fit. */
  best(preferred: (path: PathId) => boolean): PathId {
    const fit = this.#candidates.filter(({ packets, spanMs }) => packets >= minPackets && spanMs >= minSpanMs);
    fit.sort((a, b) => Number(preferred(b.path)) - Number(preferred(a.path)) || b.spanMs - a.spanMs);
    return fit[0]?.path ?? noPath;
  }

  clear(): void {
    for (const { path } of this.#candidates) this.#paths.release(path);
    this.#candidates = [];
  }

  #candidateOf(path: PathId): Candidate {
    const at = this.#candidates.findIndex((candidate) => candidate.path === path);
    const known = at < 0 ? undefined : this.#candidates.splice(at, 1)[0];
    const candidate = known ?? { path, ssrc: 0, sequence: 0, packets: 0, firstTimestamp: 0, firstAt: 0, spanMs: 0 };
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
function begin(candidate: Candidate, header: RtpHeader, now: number): void {
  candidate.ssrc = header.ssrc;
  candidate.packets = 1;
  candidate.firstTimestamp = header.timestamp;
  candidate.firstAt = now;
  candidate.spanMs = 0;
}
