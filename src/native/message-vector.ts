/** Arrays of `struct mmsghdr` of Linux (64 bytes on every 64-bit platform), each entry with one buffer and one socket address. */

import { sharedRegion } from './memory.ts';
import type { Pointer } from './openssl-library.ts';
import { maxSockaddrBytes, sockaddrSlotBytes } from './sockaddr.ts';

export const mmsghdrBytes = 64;
const iovecBytes = 16;
// Words of struct mmsghdr: name, name length, vector, vector length, control, control length, flags; then the received length.
const nameWord = 0;
const nameLengthWord = 2;
const vectorWord = 4;
const vectorLengthWord = 6;
const flagsWord = 12;
const lengthWord = 14;

const truncatedFlag = 0x20; // MSG_TRUNC

export class MessageVector {
  readonly size: number;
  /** The address of the first entry. */
  readonly base: Pointer;
  readonly #region = sharedRegion();
  readonly #headers: number;
  readonly #vectors: number;
  readonly #names: number;
  readonly #buffers: number;
  readonly #bufferBytes: number;

  /** `size` entries, each with a buffer of `bufferBytes`, of which `receiveBytes` may be received into. */
  constructor(size: number, bufferBytes: number, receiveBytes: number) {
    this.size = size;
    this.#headers = this.#region.allocate(size * mmsghdrBytes);
    this.#vectors = this.#region.allocate(size * iovecBytes);
    this.#names = this.#region.allocate(size * sockaddrSlotBytes);
    this.#buffers = this.#region.allocate(size * bufferBytes);
    this.#bufferBytes = bufferBytes;
    this.base = this.#region.base + this.#headers;
    for (let index = 0; index < size; index++) {
      this.set(index, this.buffer(index), receiveBytes, this.name(index), maxSockaddrBytes);
      const { base, words } = this.#region;
      writePointer(words, this.#header(index) + vectorWord, base + this.#vectors + index * iovecBytes);
      words[this.#header(index) + vectorLengthWord] = 1;
    }
  }

  /** What entry `index` sends, and where to. */
  set(index: number, offset: number, length: number, nameAt: number, nameLength: number): void {
    const { words, base } = this.#region;
    const header = this.#header(index);
    const vector = (this.#vectors + index * iovecBytes) >> 2;
    writePointer(words, header + nameWord, base + nameAt);
    words[header + nameLengthWord] = nameLength;
    writePointer(words, vector, base + offset);
    words[vector + 2] = length;
  }

  buffer(index: number): number {
    return this.#buffers + index * this.#bufferBytes;
  }

  name(index: number): number {
    return this.#names + index * sockaddrSlotBytes;
  }

  /** Where the length of entry `index`'s socket address stands: what there is room for before, what it was after receiving. */
  nameLength(index: number): number {
    return (this.#header(index) + nameLengthWord) << 2;
  }

  /** Receiving has shortened it. */
  expectName(index: number): void {
    this.#region.words[this.#header(index) + nameLengthWord] = maxSockaddrBytes;
  }

  /** Of the datagram received, or -1 if it was longer than what could be received of it. */
  received(index: number): number {
    const header = this.#header(index);
    const truncated = ((this.#region.words[header + flagsWord] as number) & truncatedFlag) !== 0;
    return truncated ? -1 : (this.#region.words[header + lengthWord] as number);
  }

  /** Notes a datagram that was received otherwise. */
  note(index: number, length: number, truncated: boolean): void {
    const header = this.#header(index);
    this.#region.words[header + flagsWord] = truncated ? truncatedFlag : 0;
    this.#region.words[header + lengthWord] = length;
  }

  #header(index: number): number {
    return (this.#headers + index * mmsghdrBytes) >> 2;
  }
}

/** Little-endian, as x86-64 and arm64 are: the self-test refuses anything else. */
function writePointer(words: Int32Array, at: number, pointer: Pointer): void {
  words[at] = pointer;
  words[at + 1] = pointer / 0x100000000;
}
