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
const leaveOthers = 0x100000; // MAP_FIXED_NOREPLACE: fails where something is mapped (before Linux 4.17: another address)
/** Where low addresses are tried: over the lowest that a process may map, under those that need more than 31 bits. */
const lowest = 0x10000000;
const limit = 0x80000000;

const mmap = bind<(hint: number, length: number, protection: number, flags: number, fd: number, offset: number) => Pointer>(
  'intptr_t mmap(intptr_t, size_t, int, int, int, int64_t)',
);

function map(): Pointer {
  for (let at = lowest; at + regionBytes <= limit; at += regionBytes) {
    const base = mmap(at, regionBytes, readWrite, anonymousPrivate | leaveOthers, -1, 0);
    if (base > 0) return base;
  }
  const base = mmap(0, regionBytes, readWrite, anonymousPrivate, -1, 0);
  invariant(base > 0, 'the system gives no memory');
  return base;
}

export class Region {
  /** The address of byte 0. */
  readonly base: Pointer;
  readonly bytes: Uint8Array;
  readonly words: Int32Array;
  #used = 64;

  constructor() {
    const base = map();
    const view = koffi.view(base, regionBytes) as ArrayBuffer;
    this.base = base;
    this.bytes = new Uint8Array(view);
    this.words = new Int32Array(view);
  }

  /** Offset of `length` zeroed bytes on a 64-byte border. They are never given back: allocate pools, at start. */
  allocate(length: number): number {
    const at = this.#used;
    this.#used = (at + length + 63) & ~63;
    invariant(this.#used <= regionBytes, 'the shared memory is used up');
    return at;
  }
}

/** Blocks of one size, on 64-byte borders, which are given back. */
export class BlockPool {
  readonly #region = sharedRegion();
  readonly #free: number[] = [];
  readonly #blockBytes: number;

  constructor(blockBytes: number) {
    this.#blockBytes = blockBytes;
  }

  /** Offset of zeroed bytes. */
  take(): number {
    return this.#free.pop() ?? this.#region.allocate(this.#blockBytes);
  }

  giveBack(at: number): void {
    this.#region.bytes.fill(0, at, at + this.#blockBytes);
    this.#free.push(at);
  }
}

let region: Region | undefined;

/** The region of this thread. */
export function sharedRegion(): Region {
  region ??= new Region();
  return region;
}
