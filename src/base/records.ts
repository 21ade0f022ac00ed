/**
 * Records of 32-bit words, side by side, by number. A call's state is needed for each of its packets, every 20 ms, and has left the
 * processor's caches by then: here it is fetched with a few neighbouring lines, where objects that point to each other are dozens of
 * lines all over the heap, each known only when the one before has come.
 */

/** Small whole numbers, reused after `giveBack`. */
export type RecordNumber = number;

/** In place of a number. */
export const noRecord: RecordNumber = -1;

const leastRecords = 64;
/** Allocators put 16 bytes before what they give: from here on, records lie on the borders of cache lines. */
const lead = 12;

export class Records {
  readonly #size: number;
  readonly #free: RecordNumber[] = [];
  #count = 0;
  #words: Int32Array;

  /** `size`: words of a record. Sixteen are a cache line. */
  constructor(size: number) {
    this.#size = size;
    this.#words = new Int32Array(lead + size * leastRecords);
  }

  /** All records. Not to be kept over `take`, which may need more room. */
  get words(): Int32Array {
    return this.#words;
  }

  /** Where `record` begins in `words`. */
  at(record: RecordNumber): number {
    return lead + record * this.#size;
  }

  get(record: RecordNumber, word: number): number {
    return this.#words[this.at(record) + word] as number;
  }

  set(record: RecordNumber, word: number, value: number): void {
    this.#words[this.at(record) + word] = value;
  }

  /** A record of zeros. */
  take(): RecordNumber {
    const record = this.#free.pop() ?? this.#count++;
    if (this.at(record) + this.#size > this.#words.length) this.#grow();
    return record;
  }

  giveBack(record: RecordNumber): void {
    this.#words.fill(0, this.at(record), this.at(record) + this.#size);
    this.#free.push(record);
  }

  #grow(): void {
    const grown = new Int32Array(lead + 2 * (this.#words.length - lead));
    grown.set(this.#words);
    this.#words = grown;
  }
}
