/** SIP and SIPS URIs (RFC 3261 section 19.1). */

import { formatHost, parsePort } from '../../base/address.ts';
import { type Codes, codesOf, type Params, printParams } from './scanner.ts';
import { SipError } from './sip-error.ts';
import { encodeText } from './text.ts';

export interface SipUri {
  readonly scheme: 'sip' | 'sips';
  /** As it stands in the URI, escapes included; `uriUser` unescapes. */
  readonly user: string | null;
  readonly password: string | null;
  /** Lower case, IPv6 without brackets. */
  readonly host: string;
  readonly port: number | null;
  readonly params: Params;
  /** What follows `?`, as it stands. */
  readonly headers: string | null;
}

const noParams: Params = new Map();

const unreserved = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.!~*'()";
const userCodes = codesOf(`${unreserved}&=+$,`);
const paramCodes = codesOf(`${unreserved}[]/:&+$`);

function hexByte(byte: number): string {
  return byte.toString(16).toUpperCase().padStart(2, '0');
}

/** Throws SipError 400 for anything but a well-formed sip: or sips: URI. */
export function parseUri(text: string): SipUri {
  const scheme = sipScheme(text);
  if (!scheme) throw malformed(text);
  checkCharacters(text);
  const start = scheme.length + 1;
  const at = text.indexOf('@', start);
  const hostStart = at < 0 ? start : at + 1;
  const question = text.indexOf('?', hostStart);
  const end = question < 0 ? text.length : question;
  const semicolon = text.indexOf(';', hostStart);
  const hostEnd = semicolon < 0 || semicolon > end ? end : semicolon;
  const { user, password } = at < 0 ? { user: null, password: null } : splitUser(text, start, at);
  const { host, port } = splitHost(text, hostStart, hostEnd);
  const params = hostEnd === end ? noParams : parseUriParams(text, hostEnd + 1, end);
  return { scheme, user, password, host, port, params, headers: question < 0 ? null : text.slice(question + 1) };
}

/** A sip(s) URI as a value, any other URI as its text (RFC 3261: `absoluteURI`). */
export function parseAnyUri(text: string): SipUri | string {
  if (sipScheme(text)) return parseUri(text);
  const colon = text.indexOf(':');
  if (colon < 1 || !isScheme(text.slice(0, colon))) throw malformed(text);
  checkCharacters(text);
  return text;
}

export function printUri(uri: SipUri): string {
  let text = `${uri.scheme}:`;
  if (uri.user !== null) text += uri.password === null ? `${uri.user}@` : `${uri.user}:${uri.password}@`;
  text += formatHost(uri.host);
  if (uri.port !== null) text += `:${uri.port}`;
  if (uri.params.size > 0) text += printParams(uri.params);
  return uri.headers === null ? text : `${text}?${uri.headers}`;
}

export function printAnyUri(uri: SipUri | string): string {
  return typeof uri === 'string' ? uri : printUri(uri);
}

/** The user part without its escapes; '' if there is none. */
export function uriUser(uri: SipUri): string {
  return uri.user === null ? '' : percentDecode(uri.user);
}

/** `user` made fit for the user part of a URI: everything outside of unreserved and user-unreserved escaped. */
export function escapeUser(user: string): string {
  return escapeOutside(userCodes, user);
}

/** `value` made fit for a URI parameter: everything outside of paramchar escaped. */
export function escapeParam(value: string): string {
  return escapeOutside(paramCodes, value);
}

function escapeOutside(codes: Codes, text: string): string {
  let escaped = '';
  for (const byte of encodeText(text)) escaped += codes[byte] === 1 ? String.fromCharCode(byte) : `%${hexByte(byte)}`;
  return escaped;
}

function sipScheme(text: string): 'sip' | 'sips' | undefined {
  if (text.slice(0, 4).toLowerCase() === 'sip:') return 'sip';
  if (text.slice(0, 5).toLowerCase() === 'sips:') return 'sips';
  return undefined;
}

function isScheme(text: string): boolean {
  return /^[A-Za-z][A-Za-z0-9+.-]*$/.test(text);
}

function malformed(text: string): SipError {
  return new SipError(400, `malformed URI: ${text.slice(0, 60)}`);
}

/** No white space, control characters, quotes or angle brackets anywhere in a URI. */
function checkCharacters(text: string): void {
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code <= 0x20 || code === 0x7f || code === 0x22 || code === 0x3c || code === 0x3e) throw malformed(text);
  }
}

function splitUser(text: string, start: number, end: number): { user: string; password: string | null } {
  if (start === end) throw malformed(text);
  const colon = text.indexOf(':', start);
  if (colon < 0 || colon > end) return { user: text.slice(start, end), password: null };
  return { user: text.slice(start, colon), password: text.slice(colon + 1, end) };
}

function splitHost(text: string, start: number, end: number): { host: string; port: number | null } {
  const hostPort = parseHostPort(text.slice(start, end));
  if (!hostPort) throw malformed(text);
  return { host: hostPort.host.toLowerCase(), port: hostPort.port };
}

/** `host [":" port]`; the host without brackets and in its own case. Undefined when malformed. */
export function parseHostPort(text: string): { host: string; port: number | null } | undefined {
  const ipv6 = text.charCodeAt(0) === 0x5b;
  const close = ipv6 ? text.indexOf(']') : -1;
  const colon = text.indexOf(':', close + 1);
  const host = ipv6 ? text.slice(1, close) : colon < 0 ? text : text.slice(0, colon);
  if (ipv6 ? close < 0 || !isIpv6Text(host) : !/^[A-Za-z0-9._-]+$/.test(host)) return undefined;
  if (ipv6 && close + 1 !== (colon < 0 ? text.length : colon)) return undefined;
  if (colon < 0) return { host, port: null };
  const port = parsePort(text.slice(colon + 1));
  return port === undefined ? undefined : { host, port };
}

/** Looser than RFC 4291, as RFC 5118 section 4.10 asks: `2001:db8:::192.0.2.1` passes here, and is no address to whoever wants one. */
function isIpv6Text(text: string): boolean {
  return text.includes(':') && /^[0-9A-Fa-f:.]+$/.test(text);
}

function parseUriParams(text: string, start: number, end: number): Params {
  const params = new Map<string, string | null>();
  for (let at = start; at <= end; ) {
    const next = text.indexOf(';', at);
    const stop = next < 0 || next > end ? end : next;
    const equals = text.indexOf('=', at);
    const hasValue = equals >= 0 && equals < stop;
    const name = text.slice(at, hasValue ? equals : stop).toLowerCase();
    if (name === '') throw malformed(text);
    if (!params.has(name)) params.set(name, hasValue ? text.slice(equals + 1, stop) : null);
    at = stop + 1;
  }
  return params;
}

/** Percent escapes decoded one level; a sequence that is no escape, or no UTF-8, stays as it stands. */
export function percentDecode(text: string): string {
  if (!text.includes('%')) return text;
  try {
    return decodeURIComponent(text);
  } catch {
    return text.replaceAll(/%[0-7][0-9A-Fa-f]/g, (escaped) => String.fromCharCode(Number.parseInt(escaped.slice(1), 16)));
  }
}

/** Parameters that make two URIs different even when only one of them has it (RFC 3261 section 19.1.4). */
const decisiveParams = ['transport', 'user', 'ttl', 'method', 'maddr'] as const;

/** Equivalence by RFC 3261 section 19.1.4, which is not transitive. */
export function sameUri(a: SipUri, b: SipUri): boolean {
  return (
    a.scheme === b.scheme &&
    sameText(a.user, b.user) &&
    sameText(a.password, b.password) &&
    a.host === b.host &&
    a.port === b.port &&
    sameParams(a.params, b.params) &&
    sameHeaders(a.headers, b.headers)
  );
}

function sameText(a: string | null, b: string | null): boolean {
  return a === b || (a !== null && b !== null && percentDecode(a) === percentDecode(b));
}

function sameParams(a: Params, b: Params): boolean {
  for (const name of decisiveParams) if (a.has(name) !== b.has(name)) return false;
  for (const [name, value] of a) {
    const other = b.get(name);
    if (other !== undefined && !sameText(value?.toLowerCase() ?? null, other?.toLowerCase() ?? null)) return false;
  }
  return true;
}

function sameHeaders(a: string | null, b: string | null): boolean {
  return a === b || (a !== null && b !== null && sortedHeaders(a) === sortedHeaders(b));
}

function sortedHeaders(headers: string): string {
  return headers.split('&').map(percentDecode).sort().join('&');
}
