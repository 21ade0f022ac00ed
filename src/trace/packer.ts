/** Packs texts that resemble each other, as the calls of one gateway do: each is deflated with what was learned from those before. */

import { deflateRawSync, inflateRawSync } from 'node:zlib';
import { keepOctets, type Octets, readOctets } from '../base/octets.ts';

/** A text, deflated. */
export interface Pack {
  readonly octets: Octets;
  /** What reading it takes too: packs share it, and it goes with the last of them. */
  readonly dictionary: Uint8Array;
}

/** A dictionary and the text of a call are within one window of 32 kB. Higher levels take a third longer; the result is 1.3 kB, mostly. */
const deflating = { level: 3, windowBits: 15, memLevel: 5, chunkSize: 2048 };

/** As long as what sets up a call: with half of it packs are half as large again. */
const dictionaryBytes = 16_384;
/** What is packed into no less than an eighth is unlike the dictionary: what is like it takes a twelfth, and without any a fifth. */
const usualRatio = 8;
/** Packs after which learning begins anew: an unusual call spoils no more. It costs some 20 kB each time. */
const renewedAfter = 500;
/** What is longer is rare, and gets a buffer of its own. */
const scratchBytes = 65_536;

const nothingLearned = new Uint8Array(0);

export class Packer {
  /** Texts stand here while they are deflated: buffers of their own would wait outside of the heap for a collection. */
  readonly #scratch = Buffer.allocUnsafeSlow(scratchBytes);
  #dictionary = nothingLearned;
  #packs = 0;

  pack(text: string): Pack {
    if (this.#packs % renewedAfter === 0) this.#dictionary = nothingLearned;
    this.#packs += 1;
    const dictionary = this.#dictionary;
    const bytes = this.#encode(text);
    const deflated = deflateRawSync(bytes, { ...deflating, dictionary });
    if (deflated.length * usualRatio > bytes.length) this.#learn(bytes);
    return { octets: keepOctets(deflated), dictionary };
  }

  #encode(text: string): Uint8Array {
    if (Buffer.byteLength(text) > scratchBytes) return Buffer.from(text);
    return this.#scratch.subarray(0, this.#scratch.write(text));
  }

  /** Until the dictionary is full; where it would be too long, its end stays. Each that a pack was made with takes room: they are to be few. */
  #learn(text: Uint8Array): void {
    if (this.#dictionary.length === dictionaryBytes) return;
    this.#dictionary = new Uint8Array(Buffer.concat([this.#dictionary, text]).subarray(-dictionaryBytes));
  }
}

export function unpack({ octets, dictionary }: Pack): string {
  return inflateRawSync(readOctets(octets), { dictionary }).toString();
}
