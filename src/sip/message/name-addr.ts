/** `name-addr` and `addr-spec` with parameters: From, To, Contact, Route, Record-Route, Path (RFC 3261 sections 20.10 and 25.1). */

import { delimiters, type Params, parseParams, printParams, quoted, Scanner, trim, unquote } from './scanner.ts';
import { SipError } from './sip-error.ts';
import { parseAnyUri, printAnyUri, type SipUri } from './uri.ts';

export interface NameAddr {
  /** Without quotes and escapes; null if there is none. */
  readonly displayName: string | null;
  /** The text itself when it is not a sip: or sips: URI. */
  readonly uri: SipUri | string;
  readonly params: Params;
}

/** Throws SipError 400. */
export function parseNameAddr(text: string): NameAddr {
  const scanner = new Scanner(text);
  scanner.skipSpace();
  const displayName = readDisplayName(scanner);
  const uri = scanner.take('<') ? readBracketed(scanner) : readBare(scanner, displayName);
  const params = parseParams(scanner);
  scanner.end();
  return { displayName, uri, params };
}

export function printNameAddr(address: NameAddr): string {
  const name = address.displayName === null ? '' : `${quoted(address.displayName)} `;
  return `${name}<${printAnyUri(address.uri)}>${printParams(address.params)}`;
}

/** A display name in quotes, or the bare words before `<`. */
function readDisplayName(scanner: Scanner): string | null {
  if (scanner.code === 0x22) return unquote(scanner.quotedString());
  const open = scanner.text.indexOf('<', scanner.at);
  if (open < 0) return null;
  const words = trim(scanner.text, scanner.at, open);
  if (words === '') return null;
  // Liberal towards bare words beyond tokens, which the field sends, but never across what separates addresses and parameters.
  if (/[",;>]/.test(words)) scanner.fail('malformed display name');
  scanner.at = open;
  return words;
}

function readBracketed(scanner: Scanner): SipUri | string {
  const close = scanner.text.indexOf('>', scanner.at);
  if (close < 0) scanner.fail("'>' expected");
  const uri = parseAnyUri(trim(scanner.text, scanner.at, close));
  scanner.at = close + 1;
  return uri;
}

/** Without brackets every `;` begins a header parameter, and `?` and `,` are not allowed (RFC 3261 section 20.10). */
function readBare(scanner: Scanner, displayName: string | null): SipUri | string {
  if (displayName !== null) scanner.fail("'<' expected");
  const uri = scanner.word(delimiters);
  if (uri.includes('?')) throw new SipError(400, `URI with '?' outside of angle brackets: ${uri.slice(0, 60)}`);
  return parseAnyUri(uri);
}
