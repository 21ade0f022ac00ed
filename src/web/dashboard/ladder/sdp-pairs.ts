/** Which description became which: what came in on one side, and what the gateway made of it for the other. */

import type { TraceEntry } from '../../../api/resources/traces.ts';
import { labelMessage, sdpOf } from './message-text.ts';

type SipEntry = Extract<TraceEntry, { kind: 'sip' }>;

export interface SdpPair {
  /** Index of the trace entry that was received. */
  readonly before: number;
  /** Index of the trace entry that was sent. */
  readonly after: number;
}

interface Description {
  readonly index: number;
  readonly entry: SipEntry;
  readonly kind: 'request' | 'response';
  readonly method: string;
}

/** By index of either entry. Where one description went to several browsers, the received one is shown with the first. */
export function pairDescriptions(entries: readonly TraceEntry[]): ReadonlyMap<number, SdpPair> {
  const pairs = new Map<number, SdpPair>();
  const seen: Description[] = [];
  entries.forEach((entry, index) => {
    if (entry.kind !== 'sip' || sdpOf(entry.text) === null) return;
    const { method, tone } = labelMessage(entry.firstLine, entry.text);
    const description: Description = { index, entry, kind: tone === 'request' ? 'request' : 'response', method };
    const source = entry.direction === 'sent' ? sourceOf(description, seen, entries) : undefined;
    if (source) {
      const pair = { before: source.index, after: index };
      pairs.set(index, pair);
      if (!pairs.has(source.index)) pairs.set(source.index, pair);
    }
    seen.push(description);
  });
  return pairs;
}

/** The last description of that kind from the other side; an answer's source is younger than the request that it answers. */
function sourceOf(sent: Description, seen: readonly Description[], entries: readonly TraceEntry[]): Description | undefined {
  const asked = sent.kind === 'response' ? askedAt(sent, entries) : -1;
  return seen.findLast(
    ({ entry, kind, index }) => entry.direction === 'received' && entry.side !== sent.entry.side && kind === sent.kind && index > asked,
  );
}

/** Index of the request that `sent` answers. */
function askedAt({ entry, method, index }: Description, entries: readonly TraceEntry[]): number {
  const request = entries
    .slice(0, index)
    .findLastIndex(
      (other) =>
        other.kind === 'sip' && other.side === entry.side && other.direction === 'received' && other.firstLine.startsWith(`${method} `),
    );
  return request;
}
