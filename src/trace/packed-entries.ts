/** Entries of a trace in the order in which they came: the latest as they are, those before packed into a fourth of their room. */

import { deflateRawSync, inflateRawSync } from 'node:zlib';
import type { TraceEntry } from './call-trace.ts';
import type { CapturedMessage } from './captured-message.ts';

export type KeptEntry = TraceEntry<CapturedMessage>;

/** JSON, deflated. One character for each octet: a copy of its own, which keeps no larger buffer alive. */
type Pack = string;

/** What fewer would save is not worth the time. */
const fewestToPack = 4;
/** The quickest way, with 80 kB to work in instead of 270, and 4 for the result instead of 16: the entries of a call fill no more. */
const deflating = { level: 1, windowBits: 14, memLevel: 5, chunkSize: 4096 };

export class PackedEntries {
  readonly #packs: Pack[] = [];
  #open: KeptEntry[] = [];
  #length = 0;

  get length(): number {
    return this.#length;
  }

  /** Equal to those that were added. */
  get all(): readonly KeptEntry[] {
    return [...this.#packs.flatMap(unpack), ...this.#open];
  }

  add(entry: KeptEntry): void {
    this.#open.push(entry);
    this.#length += 1;
  }

  pack(): void {
    if (this.#open.length < fewestToPack) return;
    this.#packs.push(pack(this.#open));
    this.#open = [];
  }
}

function pack(entries: readonly KeptEntry[]): Pack {
  return deflateRawSync(JSON.stringify(entries), deflating).toString('latin1');
}

function unpack(packed: Pack): readonly KeptEntry[] {
  return JSON.parse(inflateRawSync(Buffer.from(packed, 'latin1')).toString()) as readonly KeptEntry[];
}
