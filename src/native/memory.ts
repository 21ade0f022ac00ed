/**
 * Memory that C and JavaScript share: one mapping per thread, below 2 GB where the system allows, so that an address is a small
 * integer and passing it to C allocates nothing. Pages are taken from the system only when they are first written.
 */

import koffi from 'koffi';
import { invariant } from '../base/errors.ts';
import { bind, type Pointer } from './openssl-library.ts';

const regionBytes = 64 << 20;
const readWrite = 1 | 2; // PROT_READ | PROT_WRITE
const anonymousPrivate = 0x20 | 0x02; // MAP_ANONYMOUS | MAP_PRIVATE
const below2Gb = 0x40; // MAP_32BIT, x86-64 only

const mmap = bind<(hint: number, length: number, protection: number, flags: number, fd: number, offset: number) => Pointer>(
  'intptr_t mmap(intptr_t, size_t, int, int, int, int64_t)',
);

export class Region {
  /** The address of byte 0. */
  readonly base: Pointer;
  readonly bytes: Uint8Array;
  readonly words: Uint32Array;
  readonly halves: Uint16Array;
  #used = 64;

  constructor() {
    const flags = anonymousPrivate | (process.arch === 'x64' ? below2Gb : 0);
    const base = mmap(0, regionBytes, readWrite, flags, -1, 0);
    invariant(base > 0, 'the system gives no memory');
    const view = koffi.view(base, regionBytes) as ArrayBuffer;
    this.base = base;
    this.bytes = new Uint8Array(view);
    this.words = new Uint32Array(view);
    this.halves = new Uint16Array(view);
  }

  /** Offset of `length` zeroed bytes on a 64-byte border. They are never given back: allocate pools, at start. */
  allocate(length: number): number {
    const at = this.#used;
    this.#used = (at + length + 63) & ~63;
    invariant(this.#used <= regionBytes, 'the shared memory is used up');
    return at;
  }
}

let region: Region | undefined;

/** The region of this thread. */
export function sharedRegion(): Region {
  region ??= new Region();
  return region;
}
