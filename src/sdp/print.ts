/** Description to text. */

import type { SessionDescription } from './description.ts';

/** The exact inverse of parseDescription. */
export function printDescription(description: SessionDescription): string {
  let text = '';
  for (const section of [description.session, ...description.media]) {
    for (const line of section.lines) text += (line.type === '' ? '' : `${line.type}=${line.value}`) + line.end;
  }
  return text;
}

/** Lines of our own, each ended by CRLF (RFC 8866 section 5). */
export function printLines(lines: readonly string[]): string {
  return `${lines.join('\r\n')}\r\n`;
}
