/** Bounded reading and writing of network-order bytes. Reads past the end throw `TruncatedError`, never return garbage. */

import { TruncatedError } from './errors.ts';

export class ByteReader {
  readonly bytes: Uint8Array;
  readonly end: number;
  offset: number;

  constructor(bytes: Uint8Array, offset = 0, end: number = bytes.length) {
    if (offset < 0 || end > bytes.length || offset > end) throw new TruncatedError(offset, end);
    this.bytes = bytes;
    this.offset = offset;
    this.end = end;
  }

  get remaining(): number {
    return this.end - this.offset;
  }

  u8(): number {
    const at = this.#advance(1);
    return this.bytes[at] as number;
  }

  u16(): number {
    const at = this.#advance(2);
    return readU16(this.bytes, at);
  }

  u24(): number {
    const at = this.#advance(3);
    return ((this.bytes[at] as number) << 16) | readU16(this.bytes, at + 1);
  }

  u32(): number {
    const at = this.#advance(4);
    return readU32(this.bytes, at);
  }

  /** A view of the next `length` bytes (not a copy). */
  take(length: number): Uint8Array {
    const at = this.#advance(length);
    return this.bytes.subarray(at, at + length);
  }

  skip(length: number): void {
    this.#advance(length);
  }

  #advance(length: number): number {
    const at = this.offset;
    if (length < 0 || at + length > this.end) throw new TruncatedError(at + length, this.end);
    this.offset = at + length;
    return at;
  }
}

/** Writes into a buffer that grows as needed. */
export class ByteWriter {
  #bytes: Uint8Array;
  #length = 0;

  constructor(capacity = 256) {
    this.#bytes = new Uint8Array(capacity);
  }

  get length(): number {
    return this.#length;
  }

  u8(value: number): this {
    const at = this.#reserve(1);
    this.#bytes[at] = value;
    return this;
  }

  u16(value: number): this {
    const at = this.#reserve(2);
    writeU16(this.#bytes, at, value);
    return this;
  }

  u24(value: number): this {
    return this.u8(value >>> 16).u16(value & 0xffff);
  }

  u32(value: number): this {
    const at = this.#reserve(4);
    writeU32(this.#bytes, at, value);
    return this;
  }

  raw(bytes: Uint8Array): this {
    const at = this.#reserve(bytes.length);
    this.#bytes.set(bytes, at);
    return this;
  }

  /** Overwrites two bytes written before, for a length known only afterwards. */
  patchU16(at: number, value: number): this {
    if (at + 2 > this.#length) throw new TruncatedError(at + 2, this.#length);
    writeU16(this.#bytes, at, value);
    return this;
  }

  /** What was written so far: a view, valid until the next write. */
  view(): Uint8Array {
    return this.#bytes.subarray(0, this.#length);
  }

  #reserve(length: number): number {
    const at = this.#length;
    const needed = at + length;
    if (needed > this.#bytes.length) {
      const grown = new Uint8Array(Math.max(needed, this.#bytes.length * 2));
      grown.set(this.view());
      this.#bytes = grown;
    }
    this.#length = needed;
    return at;
  }
}

/** Unchecked big-endian accessors for hot paths: the caller has checked the bounds. */
export function readU16(bytes: Uint8Array, at: number): number {
  return ((bytes[at] as number) << 8) | (bytes[at + 1] as number);
}

export function readU32(bytes: Uint8Array, at: number): number {
  return ((readU16(bytes, at) << 16) | readU16(bytes, at + 2)) >>> 0;
}

export function writeU16(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value >>> 8;
  bytes[at + 1] = value;
}

export function writeU32(bytes: Uint8Array, at: number, value: number): void {
  writeU16(bytes, at, value >>> 16);
  writeU16(bytes, at + 2, value & 0xffff);
}
