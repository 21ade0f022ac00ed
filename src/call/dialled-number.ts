/** Who a Request-URI or a From names, as the dial plan matches it: a telephone number without its ornaments, or a name as it stands. */

import { type SipUri, uriUser } from '../sip/message/uri.ts';

/** Null where no route can lead: another scheme, nothing there, or a character that neither numbers nor names have. */
export function dialledNumber(uri: SipUri | string): string | null {
  const whole = typeof uri === 'string' ? telSubscriber(uri) : uriUser(uri);
  // What follows is about the number: number portability, an extension (RFC 3966 section 3).
  const subscriber = beforeSemicolon(whole);
  const number = without(visualSeparators, subscriber);
  if (consistsOf(digits, number)) return number;
  return consistsOf(nameCharacters, subscriber) ? subscriber : null;
}

/** RFC 3966 section 5.1.1, and the space that people type. */
const visualSeparators = '-.() ';
const digits = '+0123456789*#';
const nameCharacters = `${digits}abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-._~`;

function telSubscriber(uri: string): string {
  return uri.slice(0, 4).toLowerCase() === 'tel:' ? uri.slice(4) : '';
}

function beforeSemicolon(text: string): string {
  const semicolon = text.indexOf(';');
  return semicolon < 0 ? text : text.slice(0, semicolon);
}

function without(characters: string, text: string): string {
  let rest = '';
  for (const char of text) if (!characters.includes(char)) rest += char;
  return rest;
}

function consistsOf(characters: string, text: string): boolean {
  for (const char of text) if (!characters.includes(char)) return false;
  return text !== '';
}
