/** Bytes to messages (RFC 3261 sections 7 and 18.3). Every step goes forward over the text once, whatever it holds. */

import { endOfLine, parseFields } from './fields.ts';
import type { Headers } from './headers.ts';
import { emptyBody, type SipMessage, type SipRequest, type SipResponse } from './message.ts';
import { isDigits, isToken } from './scanner.ts';
import { SipError } from './sip-error.ts';
import { decodeText } from './text.ts';
import { parseAnyUri } from './uri.ts';

export interface ParseLimits {
  /** Of the whole message. */
  readonly maxBytes: number;
  /** Field lines of one message. */
  readonly maxHeaders: number;
}

export const defaultLimits: ParseLimits = { maxBytes: 65_535, maxHeaders: 200 };

/** What was read, and from which octets. */
export interface Reading {
  /** Or what it deserves, malformed as it is. */
  readonly message: SipMessage | SipError;
  readonly octets: Uint8Array;
}

/**
 * Reads one whole datagram or WebSocket message. Octets beyond Content-Length are ignored (RFC 3261 section 18.3); without
 * Content-Length the body is all that follows. Throws SipError: 400, 505, or 513 beyond `maxBytes`.
 */
export function parseMessage(bytes: Uint8Array, limits: ParseLimits = defaultLimits): SipMessage {
  return readMessage(bytes, limits).message;
}

/** The same, and the octets that are the message: without line ends before it and what follows its body. */
export function readMessage(bytes: Uint8Array, limits: ParseLimits): Reading & { readonly message: SipMessage } {
  if (bytes.length > limits.maxBytes) throw new SipError(513, `message of ${bytes.length} bytes`);
  const start = skipLineEnds(bytes, 0);
  const end = datagramHeadEnd(bytes, start);
  const message = parseHead(bytes, start, end, limits.maxHeaders);
  answerable(message, () => {
    message.body = bodyOf(message, bytes.subarray(end + 4));
  });
  return { message, octets: bytes.subarray(start, end + 4 + message.body.length) };
}

/** A datagram ends where it ends: after whole header lines the empty line may be missing (RFC 5118 section 4.10 prints such messages). */
function datagramHeadEnd(bytes: Uint8Array, start: number): number {
  const end = findHeadEnd(bytes, start);
  if (end >= 0) return end;
  if (bytes.at(-2) !== 0x0d || bytes.at(-1) !== 0x0a) throw new SipError(400, 'header section without end');
  return bytes.length - 2;
}

function bodyOf(message: SipMessage, rest: Uint8Array): Uint8Array {
  const length = message.headers.contentLength ?? rest.length;
  if (length > rest.length) throw new SipError(400, `Content-Length is ${length}, but ${rest.length} octets follow`);
  return rest.subarray(0, length);
}

/** Line ends before a message are ignored (RFC 3261 section 7.5). */
export function skipLineEnds(bytes: Uint8Array, at: number): number {
  while (bytes[at] === 0x0d || bytes[at] === 0x0a) at++;
  return at;
}

const emptyLine = Buffer.from('\r\n\r\n');

/** Where the empty line after the header fields begins, or -1. */
export function findHeadEnd(bytes: Uint8Array, from: number): number {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).indexOf(emptyLine, from);
}

/** Start line and header fields from `start` up to the empty line at `end`, checked; the body is still empty. */
export function parseHead(bytes: Uint8Array, start: number, end: number, maxHeaders: number): SipMessage {
  const head = decodeText(bytes, start, end);
  checkControls(head);
  const lineEnd = endOfLine(head, 0);
  const startLine = head.slice(0, lineEnd);
  const headers = parseFields(head, lineEnd + 2, maxHeaders);
  const message = isStatusLine(startLine) ? parseStatusLine(startLine, headers) : parseRequestLine(startLine, headers);
  answerable(message, () => checkMandatory(message));
  return message;
}

/** Runs a check of `message`; the error of a request that can be answered takes the request along. */
function answerable(message: SipMessage, check: () => void): void {
  try {
    check();
  } catch (error) {
    if (!(error instanceof SipError) || message.kind === 'response' || !canBeAnswered(message)) throw error;
    throw new SipError(error.status, error.message, { partial: message });
  }
}

function canBeAnswered(request: SipRequest): boolean {
  return request.method !== 'ACK' && request.headers.has('Via');
}

/**
 * Line ends are CRLF and nothing else, and a control character stands only behind a backslash (quoted-pair): bare CR, bare LF and
 * NUL are how one message is made to look like two.
 */
function checkControls(head: string): void {
  for (let at = 0; at < head.length; at++) {
    const code = head.charCodeAt(at);
    if ((code >= 0x20 && code !== 0x7f) || code === 0x09) continue;
    if (code === 0x0d && head.charCodeAt(at + 1) === 0x0a) at++;
    else if (code === 0x0d || code === 0x0a || head.charCodeAt(at - 1) !== 0x5c)
      throw new SipError(400, `control character ${code} at ${at}`);
  }
}

function isStatusLine(line: string): boolean {
  return line.slice(0, 4).toUpperCase() === 'SIP/';
}

/** `SIP-Version SP 3DIGIT SP Reason-Phrase` */
function parseStatusLine(line: string, headers: Headers): SipResponse {
  const code = line.slice(8, 11);
  const status = isDigits(code) ? Number(code) : 0;
  const separator = line.charAt(11);
  if (line.slice(0, 8).toUpperCase() !== 'SIP/2.0 ' || status < 100 || status > 699 || (separator !== ' ' && separator !== '')) {
    throw new SipError(400, `malformed status line: ${line.slice(0, 40)}`);
  }
  return { kind: 'response', status, reason: line.slice(12), headers, body: emptyBody };
}

/** `Method SP Request-URI SP SIP-Version`; what is not exactly that keeps its text for the answer. */
function parseRequestLine(line: string, headers: Headers): SipRequest {
  const first = line.indexOf(' ');
  const last = line.lastIndexOf(' ');
  const method = line.slice(0, Math.max(first, 0));
  if (!isToken(method) || first === last) throw new SipError(400, `malformed request line: ${line.slice(0, 40)}`);
  const request: SipRequest = { kind: 'request', method, uri: line.slice(first + 1, last), headers, body: emptyBody };
  answerable(request, () => {
    checkVersion(line.slice(last + 1));
    request.uri = parseAnyUri(line.slice(first + 1, last));
  });
  return request;
}

function checkVersion(version: string): void {
  if (version.toUpperCase() === 'SIP/2.0') return;
  throw new SipError(/^SIP\/[0-9]+\.[0-9]+$/i.test(version) ? 505 : 400, `SIP version: ${version.slice(0, 20)}`);
}

/** Each of these throws when its field is missing, repeated or malformed. Accessors by name would be looked up anew each time. */
const mandatory: ReadonlyArray<(headers: Headers) => unknown> = [
  ({ topVia }) => topVia,
  ({ callId }) => callId,
  ({ from }) => from,
  ({ to }) => to,
  ({ maxForwards }) => maxForwards,
];

/** What every message must have (RFC 3261 section 8.1.1), and what transactions rely on. */
function checkMandatory(message: SipMessage): void {
  const { cseq } = message.headers;
  for (const read of mandatory) read(message.headers);
  if (message.kind === 'request' && cseq.method !== message.method) {
    throw new SipError(400, `CSeq is of ${cseq.method}, the request is ${message.method}`);
  }
}
