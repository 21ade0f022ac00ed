/**
 * Where a trunk leg takes packets from and sends them to: the address in the peer's description, or, where that is allowed, the one
 * that packets really come from (symmetric RTP behind a NAT). Plain RTP proves nothing about its sender, so learning is held short.
 *
 * - A packet from the described address always wins, and ends the learning.
 * - Another address is learned only while the window is open. Each description opens it; it closes `windowMs` after a first source
 *   was accepted, and what was learned stays until the next description.
 * - Before a source is accepted nothing is taken from it or sent to it: it has to be on probation first (see `Probation`).
 * - A source that is being heard is displaced by the described host only.
 */

import type { RtpHeader } from '../rtp/header.ts';
import { noPath, type PathId, type UdpDriver } from './io/driver.ts';
import { Probation } from './probation.ts';

const windowMs = 500;
/** A learned source heard within this time is alive. */
const aliveMs = 500;

export type PathKeeper = Pick<UdpDriver, 'remoteAddress' | 'retain' | 'release'>;

export class TrunkSource {
  readonly #paths: PathKeeper;
  readonly #probation: Probation;
  #described: PathId = noPath;
  #learned: PathId = noPath;
  #learn = false;
  #closesAt = Number.POSITIVE_INFINITY;
  #heardAt = Number.NEGATIVE_INFINITY;

  constructor(paths: PathKeeper) {
    this.#paths = paths;
    this.#probation = new Probation(paths);
  }

  /** Where to send, or `noPath`. */
  get target(): PathId {
    return this.#learned === noPath ? this.#described : this.#learned;
  }

  /** A new description: `noPath` when it names no address. What was learned under another address is forgotten. */
  describe(path: PathId, learn: boolean): void {
    this.#probation.clear();
    if (path !== this.#described || !learn) {
      this.#learned = this.#replace(this.#learned, noPath);
      this.#described = this.#replace(this.#described, path);
    }
    this.#learn = learn;
    this.#closesAt = Number.POSITIVE_INFINITY;
  }

  /** Whether packets from `path` are taken. */
  admits(path: PathId, now: number): boolean {
    if (path === this.#learned && path !== noPath) {
      this.#heardAt = now;
      this.#close(now + windowMs);
      return true;
    }
    if (path !== this.#described || path === noPath) return false;
    if (this.#learned !== noPath) this.#learned = this.#replace(this.#learned, noPath);
    this.#close(now);
    return true;
  }

  /** Whether a packet from a path that is not admitted makes it so. `clockRate`: of the packet's negotiated payload type. */
  learn(path: PathId, header: RtpHeader, clockRate: number, now: number): boolean {
    if (!this.#learn || now >= this.#closesAt) return false;
    const alive = this.#learned !== noPath && now - this.#heardAt < aliveMs;
    if (alive && !(this.#onDescribedHost(path) && !this.#onDescribedHost(this.#learned))) return false;
    if (!this.#probation.passes(path, header, clockRate, now)) return false;
    this.accept(path, now);
    return true;
  }

  /** Whether the window is open for sources that are proved otherwise, as RTCP is by its RTP. */
  isOpen(now: number): boolean {
    return this.#learn && this.#learned === noPath && now < this.#closesAt;
  }

  accept(path: PathId, now: number): void {
    this.#learned = this.#replace(this.#learned, path);
    this.#probation.clear();
    this.#heardAt = now;
    this.#close(now + windowMs);
  }

  close(): void {
    this.#probation.clear();
    this.#learned = this.#replace(this.#learned, noPath);
    this.#described = this.#replace(this.#described, noPath);
  }

  #close(at: number): void {
    this.#closesAt = Math.min(this.#closesAt, at);
  }

  #onDescribedHost(path: PathId): boolean {
    return this.#described !== noPath && this.#paths.remoteAddress(path).host === this.#paths.remoteAddress(this.#described).host;
  }

  #replace(held: PathId, path: PathId): PathId {
    if (path !== noPath) this.#paths.retain(path);
    if (held !== noPath) this.#paths.release(held);
    return path;
  }
}
