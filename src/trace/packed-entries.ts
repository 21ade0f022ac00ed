/** Entries of a trace in the order in which they came: the latest as they are, those before packed into a fourth of their room. */

import { type Compressor, expand } from '../base/compressor.ts';
import type { TraceEntry } from './call-trace.ts';
import type { CapturedMessage } from './captured-message.ts';

export type KeptEntry = TraceEntry<CapturedMessage>;

type Line = TraceEntry<Omit<CapturedMessage, 'octets'> & { readonly octets: number }>;

/** One character for each octet: a copy of its own that needs no buffer. */
type Pack = string;

/** What fewer would save is not worth the time. */
const fewestToPack = 4;

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

  pack(compressor: Compressor): void {
    if (this.#open.length < fewestToPack) return;
    this.#packs.push(pack(this.#open, compressor));
    this.#open = [];
  }
}

/** A line of JSON in which the octets of a message are a number, then these octets one after the other. */
function pack(entries: readonly KeptEntry[], compressor: Compressor): Pack {
  const lines: Line[] = entries.map((entry) => (entry.kind === 'sip' ? { ...entry, octets: entry.octets.length } : entry));
  const messages = entries.map((entry) => (entry.kind === 'sip' ? entry.octets : '')).join('');
  const bytes = Buffer.concat([Buffer.from(`${JSON.stringify(lines)}\n`), Buffer.from(messages, 'latin1')]);
  return asBuffer(compressor.compress(bytes)).toString('latin1');
}

function unpack(packed: Pack): readonly KeptEntry[] {
  const bytes = asBuffer(expand(Buffer.from(packed, 'latin1')));
  let at = bytes.indexOf('\n') + 1;
  const lines = JSON.parse(bytes.toString('utf8', 0, at)) as readonly Line[];
  return lines.map((line) => {
    if (line.kind !== 'sip') return line;
    const start = at;
    at += line.octets;
    return { ...line, octets: bytes.toString('latin1', start, at) };
  });
}

function asBuffer({ buffer, byteOffset, length }: Uint8Array): Buffer {
  return Buffer.from(buffer, byteOffset, length);
}
