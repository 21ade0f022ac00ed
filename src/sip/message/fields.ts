/** Header field lines, with or without a message around them (RFC 3261 section 7.3.1). */

import { headerName } from './header-names.ts';
import { Headers } from './headers.ts';
import { isSpace, isToken, trim } from './scanner.ts';
import { SipError } from './sip-error.ts';

export function endOfLine(head: string, from: number): number {
  const end = head.indexOf('\r\n', from);
  return end < 0 ? head.length : end;
}

/** Those from `from` on. Throws SipError 400. */
export function parseFields(head: string, from: number, maxHeaders: number): Headers {
  const headers = new Headers();
  for (let at = from; at < head.length; ) {
    const lineEnd = endOfLine(head, at);
    const colon = head.indexOf(':', at);
    if (colon < 0 || colon > lineEnd) throw new SipError(400, `header line without colon: ${head.slice(at, Math.min(lineEnd, at + 40))}`);
    if (headers.size === maxHeaders) throw new SipError(400, `more than ${maxHeaders} header lines`);
    const folded = isSpace(head.charCodeAt(lineEnd + 2));
    const end = folded ? endOfFolds(head, lineEnd) : lineEnd;
    headers.append(fieldName(head, at, colon), folded ? unfold(head, colon + 1, end) : trim(head, colon + 1, end));
    at = end + 2;
  }
  return headers;
}

/** The value of the first field line of that name, however it is spelled, between two places of a message: no other line is read. */
export function findField(text: string, name: string, from: number, to: number): string | null {
  const { key } = headerName(name);
  for (let at = from; at < to; ) {
    const lineEnd = endOfLine(text, at);
    const colon = text.indexOf(':', at);
    if (colon < 0) return null;
    if (headerName(text.slice(at, endOfName(text, at, colon))).key === key) return unfold(text, colon + 1, endOfFolds(text, lineEnd));
    at = lineEnd + 2;
  }
  return null;
}

/** Where the last of the lines ends that continue the one ending at `lineEnd`. */
function endOfFolds(head: string, lineEnd: number): number {
  let end = lineEnd;
  while (isSpace(head.charCodeAt(end + 2))) end = endOfLine(head, end + 2);
  return end;
}

/** RFC 3261 section 7.3.1: a line that begins with space continues the one before; the fold is one space. */
function unfold(head: string, start: number, end: number): string {
  const parts: string[] = [];
  for (let at = start; at < end; ) {
    const lineEnd = endOfLine(head, at);
    const part = trim(head, at, lineEnd);
    if (part !== '') parts.push(part);
    at = lineEnd + 2;
  }
  return parts.join(' ');
}

function fieldName(head: string, start: number, colon: number): string {
  const name = head.slice(start, endOfName(head, start, colon));
  if (!isToken(name)) throw new SipError(400, `malformed header name: ${name.slice(0, 40)}`);
  return name;
}

/** RFC 3261 section 25.1: HCOLON allows space before the colon, and nothing allows it before the name. */
function endOfName(head: string, start: number, colon: number): number {
  let end = colon;
  while (end > start && isSpace(head.charCodeAt(end - 1))) end--;
  return end;
}
