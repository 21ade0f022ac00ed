/**
 * Which path belongs to an address, by a hash of it: likely, not certain. No larger than it has to be, since each datagram of a shared
 * port is looked up here, and in a small table neighbours bring each other's slots into the processor's caches.
 */

import { noPath, type PathId } from './driver.ts';

/** Slots in a row in which a path may be. */
export const cacheProbes = 4;

const leastSlots = 1024;
const slotsForPath = 4;
/** A table with more in it begins anew: much of it is paths that are gone. */
const fullest = 1 / 3;

export class PathCache {
  #slots = emptySlots(leastSlots);
  #used = 0;

  /** `probe`: from 0 to `cacheProbes` - 1. Behind `noPath` there is nothing. */
  get(hash: number, probe: number): PathId {
    return this.#slots[(hash + probe) & (this.#slots.length - 1)] as PathId;
  }

  /** `known`: how many paths there are now. */
  put(hash: number, path: PathId, known: number): void {
    if (this.#used > this.#slots.length * fullest) this.#beginAnew(known);
    let probe = 0;
    while (this.get(hash, probe) !== noPath && probe < cacheProbes - 1) probe++;
    if (this.get(hash, probe) === noPath) this.#used++;
    this.#slots[(hash + probe) & (this.#slots.length - 1)] = path;
  }

  #beginAnew(known: number): void {
    let size = leastSlots;
    while (size < slotsForPath * known) size *= 2;
    this.#slots = emptySlots(size);
    this.#used = 0;
  }
}

function emptySlots(size: number): Int32Array {
  return new Int32Array(size).fill(noPath);
}
