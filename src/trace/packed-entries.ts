/** Entries of a trace in the order in which they came: the latest as they are, those before packed into a tenth of their room. */

import type { TraceEntry } from './call-trace.ts';
import type { CapturedMessage } from './captured-message.ts';
import { type Pack, type Packer, unpack } from './packer.ts';

export type KeptEntry = TraceEntry<CapturedMessage>;

/** What fewer would save is not worth the time. */
const fewestToPack = 4;

export class PackedEntries {
  readonly #packer: Packer;
  /** Added to by `concat`: after a `push` it would have room for 17. */
  #packs: readonly Pack[] = [];
  #open: KeptEntry[] = [];
  #length = 0;

  constructor(packer: Packer) {
    this.#packer = packer;
  }

  get length(): number {
    return this.#length;
  }

  /** Equal to those that were added. */
  get all(): readonly KeptEntry[] {
    return [...this.#packs.flatMap(readEntries), ...this.#open];
  }

  add(entry: KeptEntry): void {
    this.#open.push(entry);
    this.#length += 1;
  }

  pack(): void {
    if (this.#open.length < fewestToPack) return;
    this.#packs = this.#packs.concat(this.#packer.pack(JSON.stringify(this.#open)));
    this.#open = [];
  }
}

function readEntries(pack: Pack): readonly KeptEntry[] {
  return JSON.parse(unpack(pack)) as readonly KeptEntry[];
}
