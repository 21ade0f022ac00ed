/** Text to description. Every line is kept as it stands, known or not; only what has no meaning as SDP at all is refused. */

import type { Line, MediaDescription, SessionDescription } from './description.ts';
import { SdpError } from './sdp-error.ts';

export interface SdpLimits {
  /** Characters of the whole description. */
  readonly maxLength: number;
  readonly maxLines: number;
  readonly maxMedia: number;
}

/** Room for an offer of 1000 candidates; browsers send 2 to 8 kB. */
export const defaultLimits: SdpLimits = { maxLength: 131_072, maxLines: 2048, maxMedia: 32 };

/** Reads a description (RFC 8866). Throws SdpError 400 for anything that is none, or that exceeds `limits`. */
export function parseDescription(text: string, limits: SdpLimits = defaultLimits): SessionDescription {
  if (text.length > limits.maxLength) throw new SdpError(400, `SDP of more than ${limits.maxLength} characters`);
  const lines = parseLines(text, limits.maxLines);
  const [version, origin] = lines;
  if (version?.type !== 'v' || version.value !== '0') throw new SdpError(400, 'SDP does not begin with v=0');
  if (origin?.type !== 'o' || words(origin.value).length !== 6) throw new SdpError(400, 'SDP has no valid o= line');
  return divide(lines, limits.maxMedia);
}

function parseLines(text: string, maxLines: number): Line[] {
  const lines: Line[] = [];
  for (let at = 0; at < text.length; ) {
    const newline = text.indexOf('\n', at);
    const next = newline < 0 ? text.length : newline + 1;
    if (lines.length === maxLines) throw new SdpError(400, `SDP of more than ${maxLines} lines`);
    lines.push(parseLine(text, at, next));
    at = next;
  }
  return lines;
}

/** The line of `text` from `start` to `next`, where the following one begins. */
function parseLine(text: string, start: number, next: number): Line {
  const end = lineEnd(text, start, next);
  const stop = next - end.length;
  // An empty line is no SDP, but some stacks end a body with one.
  if (start === stop) return { type: '', value: '', end };
  const type = text.charAt(start);
  if (!/[a-zA-Z]/.test(type) || text.charAt(start + 1) !== '=') throw new SdpError(400, 'SDP line is not of the form x=...');
  const value = text.slice(start + 2, stop);
  if (value.includes('\0') || value.includes('\r')) throw new SdpError(400, 'SDP line holds a NUL or CR');
  return { type, value, end };
}

function lineEnd(text: string, start: number, next: number): Line['end'] {
  if (text.charAt(next - 1) !== '\n') return '';
  return next - start > 1 && text.charAt(next - 2) === '\r' ? '\r\n' : '\n';
}

function divide(lines: readonly Line[], maxMedia: number): SessionDescription {
  const starts = lines.flatMap((line, index) => (line.type === 'm' ? [index] : []));
  if (starts.length > maxMedia) throw new SdpError(400, `SDP of more than ${maxMedia} m= lines`);
  return {
    session: { lines: lines.slice(0, starts[0]) },
    media: starts.map((start, index) => parseMedia(lines.slice(start, starts[index + 1]))),
  };
}

function parseMedia(lines: readonly Line[]): MediaDescription {
  const [kind, portText, protocol, ...formats] = words(lines[0]?.value ?? '');
  // "49170/2": a count of port pairs may follow (RFC 8866 section 5.14); the first pair is the one that counts.
  const port = parseNumber(portText?.split('/', 1)[0], 65535);
  if (kind === undefined || port === null || protocol === undefined || formats.length === 0) {
    throw new SdpError(400, 'SDP has a malformed m= line');
  }
  return { kind, port, protocol, formats, lines };
}

/** The space-separated tokens of a value. */
export function words(value: string): string[] {
  return value.split(' ').filter((word) => word !== '');
}

/** A decimal number from 0 to `max` (at most 10 digits), else null. */
export function parseNumber(text: string | undefined, max: number): number | null {
  if (text === undefined || !/^[0-9]{1,10}$/.test(text)) return null;
  const number = Number(text);
  return number <= max ? number : null;
}
