/**
 * Where a trunk leg takes packets from and sends them to: the address in the peer's description, or, where that is allowed, the one
 * that packets really come from (symmetric RTP behind a NAT). Plain RTP proves nothing about its sender, so learning is held short.
 *
 * - A packet from the described address always wins, and ends the learning.
 * - Each description opens a window. A first packet from elsewhere starts the clock; when it has run `windowMs`, the source that did
 *   best on probation is learned and the window is closed. If none was fit, it stays open.
 * - Until then nothing is taken from a source or sent to it.
 * - A learned source that is being heard stays, whatever comes, until another address is described.
 */

import type { RtpHeader } from '../rtp/header.ts';
import { noPath, type PathId, type UdpDriver } from './io/driver.ts';
import { Probation } from './probation.ts';

const windowMs = 500;
/** A learned source heard within this time is alive. */
const aliveMs = 500;
const reviewMs = 2000;

export type PathKeeper = Pick<UdpDriver, 'remoteAddress' | 'retain' | 'release'>;

export interface TrunkSourceOut {
  /**
   * Told as often as this may have changed: the only path that anything is wanted from, or `noPath` when packets from elsewhere are of
   * interest, to learn from them or to say why nothing is heard.
   */
  settle(path: PathId): void;
}

export class TrunkSource {
  #described: PathId = noPath;
  #learned: PathId = noPath;
  #open = false;
  /** The described address has been heard, and nothing is learned. */
  #steady = false;
  readonly #paths: PathKeeper;
  readonly #out: TrunkSourceOut;
  /** Of those who sent something while a source may be learned. */
  #probation: Probation | null = null;
  #reviewAt = 0;
  /** Packets, at the last review. */
  #reviewed = 0;
  #decideAt = Number.POSITIVE_INFINITY;
  #heardAt = Number.NEGATIVE_INFINITY;

  constructor(paths: PathKeeper, out: TrunkSourceOut) {
    this.#paths = paths;
    this.#out = out;
  }

  /** Where to send, or `noPath`. */
  get target(): PathId {
    return this.#learned === noPath ? this.#described : this.#learned;
  }

  /** Whether sources that prove themselves in another way, as RTCP does by its RTP, may be accepted. */
  get open(): boolean {
    return this.#open && this.#learned === noPath;
  }

  /** A new description: `noPath` when it names no address. What was learned in place of another address is forgotten. */
  describe(path: PathId, learn: boolean): void {
    if (path !== this.#described || !learn) {
      this.#learned = this.#replace(this.#learned, noPath);
      this.#described = this.#replace(this.#described, path);
    }
    this.#close();
    this.#open = learn;
    this.#decideAt = Number.POSITIVE_INFINITY;
    this.#unsettle();
  }

  /** Whether packets from `path` are taken. */
  admits(path: PathId, now: number): boolean {
    if (path === noPath) return false;
    if (path === this.#learned) {
      this.#heardAt = now;
      this.#open = false;
      return true;
    }
    if (path !== this.#described) return false;
    if (!this.#steady) this.#hearDescribed();
    return true;
  }

  /**
   * To be called every few seconds: a described address that fell silent is no longer the only one of interest. `received`: packets so
   * far, since those of a path that `settle` was told of need not pass here.
   */
  review(received: number, now: number): void {
    if (now < this.#reviewAt) return;
    this.#reviewAt = now + reviewMs;
    if (received === this.#reviewed) this.#unsettle();
    this.#reviewed = received;
  }

  /** A packet from a path that is not admitted; true if the path is from now on. `clockRate`: of its negotiated payload type. */
  learn(path: PathId, header: RtpHeader, clockRate: number, now: number): boolean {
    const alive = this.#learned !== noPath && now - this.#heardAt < aliveMs;
    if (!this.#open || alive) return false;
    this.#probation ??= new Probation(this.#paths);
    this.#probation.observe(path, header, clockRate, now);
    this.#decideAt = Math.min(this.#decideAt, now + windowMs);
    if (now < this.#decideAt) return false;
    const best = this.#probation.best((candidate) => this.#isOnDescribedHost(candidate));
    if (best === noPath) this.#decideAt = Number.POSITIVE_INFINITY;
    else this.accept(best, now);
    return best === path;
  }

  accept(path: PathId, now: number): void {
    this.#learned = this.#replace(this.#learned, path);
    this.#heardAt = now;
    this.#close();
    this.#unsettle();
  }

  /** Gives every path back. */
  close(): void {
    this.#close();
    this.#learned = this.#replace(this.#learned, noPath);
    this.#described = this.#replace(this.#described, noPath);
    this.#unsettle();
  }

  #hearDescribed(): void {
    this.#learned = this.#replace(this.#learned, noPath);
    this.#close();
    this.#steady = true;
    this.#out.settle(this.#described);
  }

  #unsettle(): void {
    this.#steady = false;
    this.#out.settle(noPath);
  }

  #close(): void {
    this.#open = false;
    this.#probation?.clear();
    this.#probation = null;
  }

  #isOnDescribedHost(path: PathId): boolean {
    return this.#described !== noPath && this.#paths.remoteAddress(path).host === this.#paths.remoteAddress(this.#described).host;
  }

  #replace(held: PathId, path: PathId): PathId {
    if (path !== noPath) this.#paths.retain(path);
    if (held !== noPath) this.#paths.release(held);
    return path;
  }
}
