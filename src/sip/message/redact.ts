/** What must not be shown of a message: answers to challenges, and passwords in URIs. */

import { type DigestCredentials, parseCredentials, printCredentials } from './digest.ts';
import { Headers } from './headers.ts';
import type { SipMessage } from './message.ts';
import { isSpace, isToken } from './scanner.ts';
import { SipError } from './sip-error.ts';
import type { SipUri } from './uri.ts';

/** Stands for what is hidden. */
const hidden = '(hidden)';

const credentialNames = new Set(['Authorization', 'Proxy-Authorization']);
/** Proves that the server knows the password, from which the password can be guessed (RFC 7616 section 3.5). */
const proofNames = new Set(['Authentication-Info', 'Proxy-Authentication-Info']);

/** A copy that can be shown; the body is that of the original. */
export function redactMessage(message: SipMessage): SipMessage {
  const headers = new Headers();
  for (const [name, value] of message.headers.entries()) headers.append(name, redactField(name, value));
  return message.kind === 'response' ? { ...message, headers } : { ...message, uri: redactUri(message.uri), headers };
}

function redactField(name: string, value: string): string {
  if (credentialNames.has(name)) return redactCredentials(value);
  return proofNames.has(name) ? hidden : hidePasswords(value);
}

/** Who answers, and which challenge, may be seen; of a scheme that is not known, or malformed, its first word. */
function redactCredentials(value: string): string {
  const credentials = readCredentials(value);
  if (!credentials) return `${firstWord(value)} ${hidden}`;
  return printCredentials({
    ...credentials,
    uri: hidePasswords(credentials.uri),
    response: hidden,
    cnonce: credentials.cnonce === null ? null : hidden,
  });
}

function readCredentials(value: string): DigestCredentials | undefined {
  try {
    return parseCredentials(value);
  } catch (error) {
    if (error instanceof SipError) return undefined;
    throw error;
  }
}

function firstWord(value: string): string {
  let end = 0;
  while (end < value.length && !isSpace(value.charCodeAt(end))) end++;
  return end < value.length ? value.slice(0, end) : '';
}

function redactUri(uri: SipUri | string): SipUri | string {
  if (typeof uri === 'string') return hidePasswords(uri);
  return uri.password === null ? uri : { ...uri, password: hidden };
}

/** `sip:user:password@host` and `//user:password@host` anywhere in a field value, well-formed or not; in one pass. */
function hidePasswords(value: string): string {
  if (!value.includes('@')) return value;
  let text = '';
  let shown = 0;
  let userStart = -1;
  let passwordStart = -1;
  for (let at = 0; at < value.length; at++) {
    const char = value.charAt(at);
    const start = userPartStart(value, at);
    if (start > 0 || isOutsideUri(char)) {
      userStart = start;
      passwordStart = -1;
      if (start > 0) at = start - 1;
    } else if (char === ':' && userStart >= 0 && passwordStart < 0) passwordStart = at + 1;
    else if (char === '@' && passwordStart >= 0) {
      text += `${value.slice(shown, passwordStart)}${hidden}`;
      shown = at;
      userStart = -1;
      passwordStart = -1;
    }
  }
  return text + value.slice(shown);
}

/** Where a user part may begin when a scheme or a `//` stands at `at`; -1 otherwise. */
function userPartStart(value: string, at: number): number {
  if (value.startsWith('//', at)) return at + 2;
  const first = value.charCodeAt(at) | 0x20;
  if (first !== 0x73 || (at > 0 && isToken(value.charAt(at - 1)))) return -1;
  const word = value.slice(at, at + 5).toLowerCase();
  if (word === 'sips:') return at + 5;
  return word.startsWith('sip:') ? at + 4 : -1;
}

function isOutsideUri(char: string): boolean {
  return char === ' ' || char === '\t' || char === '<' || char === '>' || char === '"';
}
