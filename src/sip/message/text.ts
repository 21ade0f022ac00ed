/**
 * Header text as Unicode strings that lose no byte. SIP text is UTF-8, but what arrives may not be: a byte outside of valid
 * UTF-8 becomes the lone surrogate U+DC00 + byte, and printing turns it back into that byte.
 */

import { isAscii, isUtf8 } from 'node:buffer';

const escapeBase = 0xdc00;

export function decodeText(bytes: Uint8Array, start = 0, end: number = bytes.length): string {
  const view = Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start);
  if (isAscii(view)) return view.toString('latin1');
  if (isUtf8(view)) return view.toString('utf8');
  return decodeBroken(view);
}

/** Valid runs as UTF-8, every other byte escaped. */
function decodeBroken(bytes: Buffer): string {
  let text = '';
  let runStart = 0;
  for (let at = 0; at < bytes.length; ) {
    const length = sequenceLength(bytes, at);
    if (length === 0) {
      if (runStart < at) text += bytes.toString('utf8', runStart, at);
      text += String.fromCharCode(escapeBase + (bytes[at] as number));
      runStart = at + 1;
    }
    at += length || 1;
  }
  return text + bytes.toString('utf8', runStart);
}

/** The length of the valid UTF-8 sequence at `at`, or 0. */
function sequenceLength(bytes: Buffer, at: number): number {
  const first = bytes[at] as number;
  if (first < 0x80) return 1;
  if (first < 0xc2 || first > 0xf4) return 0;
  const length = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
  const sequence = bytes.subarray(at, at + length);
  return sequence.length === length && isUtf8(sequence) ? length : 0;
}

const nothing = new Uint8Array(0);

/** The inverse of `decodeText`; the octets of `tail` follow. */
export function encodeText(text: string, tail: Uint8Array = nothing): Buffer {
  const length = Buffer.byteLength(text);
  const bytes = Buffer.allocUnsafe(length + tail.length);
  const ascii = length === text.length;
  if (!ascii && hasEscapes(text)) return encodeBroken(text, bytes, tail);
  bytes.write(text, 0, ascii ? 'latin1' : 'utf8');
  bytes.set(tail, length);
  return bytes;
}

function isEscape(code: number): boolean {
  return code >= escapeBase + 0x80 && code <= escapeBase + 0xff;
}

/** Whether a low surrogate of the escape range stands without a high one before it. */
function hasEscapes(text: string): boolean {
  for (let at = 0; at < text.length; at++) if (isEscapeAt(text, at)) return true;
  return false;
}

function isEscapeAt(text: string, at: number): boolean {
  if (!isEscape(text.charCodeAt(at))) return false;
  const before = text.charCodeAt(at - 1);
  return !(before >= 0xd800 && before <= 0xdbff);
}

/** Into `bytes`, which are more than enough: an escape would take three of them as a character. */
function encodeBroken(text: string, bytes: Buffer, tail: Uint8Array): Buffer {
  let length = 0;
  let runStart = 0;
  for (let at = 0; at < text.length; at++) {
    if (!isEscapeAt(text, at)) continue;
    length += bytes.write(text.slice(runStart, at), length);
    bytes[length] = text.charCodeAt(at) - escapeBase;
    length += 1;
    runStart = at + 1;
  }
  length += bytes.write(text.slice(runStart), length);
  bytes.set(tail, length);
  return bytes.subarray(0, length + tail.length);
}
