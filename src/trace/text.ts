/** A trace as text for a terminal, an e-mail, a ticket. */

import { formatAddress } from '../base/address.ts';
import type { CallTrace, MediaEntry, SipEntry, TraceEntry } from './call-trace.ts';

/** Lines end with a newline alone. What messages hold reaches no terminal as a command: control characters are written out. */
export function printTrace({ callId, entries, truncated }: CallTrace): string {
  const lines = [`Call ${callId}`, ''];
  if (truncated) lines.push('(The middle of this call is left out for want of room.)', '');
  for (const entry of entries) lines.push(...printEntry(entry));
  return `${lines.map(visible).join('\n')}\n`;
}

function printEntry(entry: TraceEntry): string[] {
  const time = new Date(entry.at).toISOString();
  if (entry.kind === 'sip') return [`${time}  ${headline(entry)}`, '', ...indent(entry.text), ''];
  if (entry.kind === 'milestone') {
    const { side, what, remote, detail } = entry.milestone;
    return [line(time, side, [what, remote && formatAddress(remote), detail])];
  }
  if (entry.kind === 'media') return [line(time, entry.side, ['media', printMedia(entry)])];
  return [line(time, 'call', [entry.what, entry.detail])];
}

function headline({ side, direction, transport, local, remote, firstLine }: SipEntry): string {
  const arrow = direction === 'received' ? '-->' : '<--';
  return `${pad(side)} ${formatAddress(remote)} ${arrow} ${formatAddress(local)} ${transport}  ${firstLine}`;
}

function line(time: string, subject: string, words: ReadonlyArray<string | null>): string {
  return `${time}  ${pad(subject)} * ${words.filter((word) => word).join('  ')}`;
}

function printMedia({ codec, direction, ptimeMs }: MediaEntry): string {
  return [codec ?? 'no codec', direction, ptimeMs === null ? null : `${ptimeMs} ms`].filter((word) => word !== null).join(', ');
}

function pad(subject: string): string {
  return subject.padEnd('browser'.length);
}

/** The lines of a message, without empty ones at its end. */
function indent(text: string): string[] {
  const lines = text.replaceAll('\r\n', '\n').split('\n');
  while (lines.at(-1) === '') lines.pop();
  return lines.map((content) => `    ${content}`.trimEnd());
}

/** Control characters, those that turn the direction of writing, and octets that are no UTF-8. */
const unprintable = /[\p{Cc}\p{Cs}\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu;

function visible(text: string): string {
  return text.replaceAll(unprintable, (char) => `\\x${(char.codePointAt(0) ?? 0).toString(16).padStart(2, '0')}`);
}
