/** A call's trace as the rows of a ladder: messages between browser, gateway and trunk, and what happened between them. */

import type { TraceEntry } from '../../../api/resources/traces.ts';
import { labelMessage, type MessageLabel, sdpOf } from './message-text.ts';
import { type Milestone, milestoneWords } from './milestone-words.ts';
import { pairDescriptions, type SdpPair } from './sdp-pairs.ts';

type Of<Kind extends TraceEntry['kind']> = Extract<TraceEntry, { kind: Kind }>;
export type SipEntry = Of<'sip'>;

interface Row {
  /** Of the trace entry. */
  readonly index: number;
  /** Milliseconds since the first entry. */
  readonly offsetMs: number;
}

export interface MessageRow extends Row {
  readonly kind: 'message';
  readonly entry: SipEntry;
  readonly label: MessageLabel;
  readonly towards: 'right' | 'left';
  readonly hasSdp: boolean;
  /** The same message went the same way before. */
  readonly repeated: boolean;
  readonly pair: SdpPair | null;
}

export interface NoteRow extends Row {
  readonly kind: 'note';
  /** Whose lane it stands in; null: it is of the whole call. */
  readonly side: 'browser' | 'trunk' | null;
  readonly text: string;
  readonly tone: 'plain' | 'good' | 'bad';
}

export type LadderRow = MessageRow | NoteRow;

export function layOut(entries: readonly TraceEntry[]): readonly LadderRow[] {
  const pairs = pairDescriptions(entries);
  const start = entries[0]?.at ?? 0;
  const sent = new Set<string>();
  return entries.map((entry, index) => {
    const row = { index, offsetMs: entry.at - start };
    if (entry.kind !== 'sip') return { ...row, kind: 'note', ...noteOf(entry) };
    const key = `${entry.side} ${entry.direction} ${entry.text}`;
    const repeated = sent.has(key);
    sent.add(key);
    return { ...row, kind: 'message', repeated, pair: pairs.get(index) ?? null, ...messageOf(entry) };
  });
}

function messageOf(entry: SipEntry): Pick<MessageRow, 'entry' | 'label' | 'towards' | 'hasSdp'> {
  return {
    entry,
    label: labelMessage(entry.firstLine, entry.text),
    // The browser stands left of the gateway, the trunk right of it.
    towards: (entry.side === 'browser') === (entry.direction === 'received') ? 'right' : 'left',
    hasSdp: sdpOf(entry.text) !== null,
  };
}

function noteOf(entry: Exclude<TraceEntry, SipEntry>): Pick<NoteRow, 'side' | 'text' | 'tone'> {
  if (entry.kind === 'milestone') return milestoneNote(entry.milestone);
  if (entry.kind === 'media') return { side: entry.side, text: mediaText(entry), tone: 'plain' };
  return { side: null, text: callText(entry), tone: entry.what === 'answered' ? 'good' : 'plain' };
}

/** That this machine was late concerns both sides. */
function milestoneNote(milestone: Milestone): Pick<NoteRow, 'side' | 'text' | 'tone'> {
  return { side: milestone.what === 'relay-late' ? null : milestone.side, ...milestoneWords(milestone) };
}

function mediaText({ codec, direction, ptimeMs }: Of<'media'>): string {
  const packets = ptimeMs === null ? '' : `, ${ptimeMs} ms packets`;
  return `Audio agreed: ${codec ?? 'no codec'}, ${direction}${packets}`;
}

const callWords: Readonly<Record<Of<'call'>['what'], string>> = {
  started: 'Call began',
  ringing: 'Ringing',
  answered: 'Answered',
  held: 'On hold',
  resumed: 'Resumed',
  dtmf: 'Digit',
  ended: 'Ended',
};

function callText({ what, detail }: Of<'call'>): string {
  return detail === '' ? callWords[what] : `${callWords[what]}: ${detail}`;
}
