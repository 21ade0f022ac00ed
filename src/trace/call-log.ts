/** What is kept of one call, within bounds: its beginning stays, and of what follows the latest. */

import type { CallParties, CallRecord, LegQuality } from '../events/gateway-events.ts';
import type { CapturedTrace } from './captured-message.ts';
import { type KeptEntry, PackedEntries } from './packed-entries.ts';
import type { Packer } from './packer.ts';
import { QualityLog } from './quality-log.ts';

export interface CallLogLimits {
  readonly entries: number;
  readonly bytes: number;
}

/** What an entry takes besides its text, roughly. */
const entryBytes = 300;

export class CallLog {
  parties: CallParties;
  record: CallRecord | null = null;
  /** Keys under which its SIP messages are found. */
  readonly legs: string[] = [];
  readonly #limits: CallLogLimits;
  readonly #beginning: PackedEntries;
  readonly #latest: KeptEntry[] = [];
  #beginningBytes = 0;
  #latestBytes = 0;
  #truncated = false;
  readonly #quality = new QualityLog();

  constructor(parties: CallParties, limits: CallLogLimits, packer: Packer) {
    this.parties = parties;
    this.#limits = limits;
    this.#beginning = new PackedEntries(packer);
  }

  /** Half of the room is the beginning's, which holds the offers and answers; the other half is a ring. */
  add(entry: KeptEntry): void {
    const size = sizeOf(entry);
    const entries = this.#limits.entries / 2;
    const bytes = this.#limits.bytes / 2;
    if (this.#latest.length === 0 && this.#beginning.length < entries && this.#beginningBytes + size <= bytes) {
      this.#beginning.add(entry);
      this.#beginningBytes += size;
      return;
    }
    this.#latest.push(entry);
    this.#latestBytes += size;
    while (this.#latest.length > entries || this.#latestBytes > bytes) this.#dropOldest();
  }

  measured(at: number, legs: readonly LegQuality[]): void {
    this.#quality.add(at, legs);
  }

  /** In the order of time: what relay threads tell comes a little later than it happened. */
  get trace(): CapturedTrace {
    const { parties, record } = this;
    const entries = [...this.#beginning.all, ...this.#latest].sort((a, b) => a.at - b.at);
    return { callId: parties.callId, parties, entries, truncated: this.#truncated, record, quality: this.#quality.samples };
  }

  /** Takes less room from here on. Reading it then takes a little longer, and tells the same. */
  pack(): void {
    this.#beginning.pack();
  }

  #dropOldest(): void {
    const dropped = this.#latest.shift();
    if (dropped) this.#latestBytes -= sizeOf(dropped);
    this.#truncated = true;
  }
}

function sizeOf(entry: KeptEntry): number {
  return entryBytes + (entry.kind === 'sip' ? entry.octets.length : 0);
}
