/** The lexical rules of RFC 3261 section 25.1 as a cursor over one header field value. Every step goes forward: no backtracking. */

import { SipError } from './sip-error.ts';

/** Parameters by lower-case name. A value stands as received, quotes included (see `unquote`); null for a name alone. */
export type Params = ReadonlyMap<string, string | null>;

const space = 0x20;
const tab = 0x09;
const quote = 0x22;
const backslash = 0x5c;

/** 1 at the code of each of these characters. */
export type Codes = Uint8Array;

export function codesOf(chars: string): Codes {
  const codes = new Uint8Array(256);
  for (const char of chars) codes[char.charCodeAt(0)] = 1;
  return codes;
}

const tokenCodes = codesOf("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-.!%*_+`'~");

/** What ends a word among parameters. */
export const delimiters = codesOf(';,"<>');

export function isToken(text: string): boolean {
  for (let at = 0; at < text.length; at++) if (tokenCodes[text.charCodeAt(at)] !== 1) return false;
  return text.length > 0;
}

export function isDigits(text: string): boolean {
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code < 0x30 || code > 0x39) return false;
  }
  return text.length > 0;
}

export function isSpace(code: number): boolean {
  return code === space || code === tab;
}

/** Without the spaces and tabs at both ends, and without touching any other white space that Unicode knows. */
export function trim(text: string, start = 0, end: number = text.length): string {
  let from = start;
  let to = end;
  while (from < to && isSpace(text.charCodeAt(from))) from++;
  while (to > from && isSpace(text.charCodeAt(to - 1))) to--;
  return text.slice(from, to);
}

/** The content of a quoted-string without its quotes and escapes; anything else as it stands. */
export function unquote(text: string): string {
  if (text.charCodeAt(0) !== quote) return text;
  if (!text.includes('\\')) return text.slice(1, -1);
  let content = '';
  for (let at = 1; at < text.length - 1; at++) {
    if (text.charCodeAt(at) === backslash) at++;
    content += text.charAt(at);
  }
  return content;
}

/** A quoted-string of `text`. Line ends cannot be quoted (quoted-pair excludes them) and become spaces. */
export function quoted(text: string): string {
  let content = '';
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === 0x0d || code === 0x0a) content += ' ';
    else if (code === quote || code === backslash || code < space || code === 0x7f) content += `\\${text.charAt(at)}`;
    else content += text.charAt(at);
  }
  return `"${content}"`;
}

export class Scanner {
  readonly text: string;
  at = 0;

  constructor(text: string) {
    this.text = text;
  }

  /** The code at the cursor; NaN at the end. */
  get code(): number {
    return this.text.charCodeAt(this.at);
  }

  get done(): boolean {
    return this.at >= this.text.length;
  }

  skipSpace(): void {
    while (isSpace(this.code)) this.at++;
  }

  /** Takes `char` and the space around it, if it comes next. */
  take(char: string): boolean {
    this.skipSpace();
    if (this.text.charAt(this.at) !== char) return false;
    this.at++;
    this.skipSpace();
    return true;
  }

  expect(char: string): void {
    if (!this.take(char)) this.fail(`'${char}' expected`);
  }

  token(): string {
    const { text, at: start } = this;
    let end = start;
    while (tokenCodes[text.charCodeAt(end)] === 1) end++;
    if (end === start) this.fail('token expected');
    this.at = end;
    return text.slice(start, end);
  }

  /** A quoted-string as it stands, quotes included. */
  quotedString(): string {
    const start = this.at;
    for (this.at++; this.code !== quote; this.at++) {
      if (this.code === backslash) this.at++;
      if (this.done) this.fail('quoted string without end');
    }
    this.at++;
    return this.text.slice(start, this.at);
  }

  /** Visible characters up to one of `stops`, a space or the end; non-ASCII passes. */
  word(stops: Codes): string {
    const { text, at: start } = this;
    let end = start;
    for (let code = text.charCodeAt(end); code > space && stops[code] !== 1; code = text.charCodeAt(end)) end++;
    this.at = end;
    return text.slice(start, end);
  }

  /** `*( SEMI generic-param )`; of a repeated name the first counts. */
  params(): Params {
    const params = new Map<string, string | null>();
    while (this.take(';')) {
      const name = this.token().toLowerCase();
      const value = this.take('=') ? this.#paramValue() : null;
      if (!params.has(name)) params.set(name, value);
    }
    return params;
  }

  end(): void {
    this.skipSpace();
    if (!this.done) this.fail('unexpected text');
  }

  fail(what: string): never {
    throw new SipError(400, `${what} at ${this.at}: ${this.text.slice(Math.max(0, this.at - 20), this.at + 20)}`);
  }

  #paramValue(): string {
    if (this.code === quote) return this.quotedString();
    const value = this.word(delimiters);
    if (value === '') this.fail('parameter value expected');
    return value;
  }
}

const noParams: Params = new Map();

export function parseParams(scanner: Scanner): Params {
  scanner.skipSpace();
  return scanner.done ? noParams : scanner.params();
}

export function printParams(params: Params): string {
  let text = '';
  for (const [name, value] of params) text += value === null ? `;${name}` : `;${name}=${value}`;
  return text;
}

/** The elements of a comma list, trimmed; commas within quotes and angle brackets do not count. Empty elements are dropped. */
export function splitList(value: string): string[] {
  if (!value.includes(',')) return value === '' ? [] : [value];
  const elements: string[] = [];
  let start = 0;
  let bracket = false;
  for (let at = 0; at < value.length; at++) {
    const char = value.charAt(at);
    if (char === '"' && !bracket) at = skipQuoted(value, at);
    else if (char === '<') bracket = true;
    else if (char === '>') bracket = false;
    else if (char === ',' && !bracket) {
      pushElement(elements, trim(value, start, at));
      start = at + 1;
    }
  }
  pushElement(elements, trim(value, start));
  return elements;
}

const maxElements = 200;

/** Each element of a comma list over all its field lines. Throws SipError 400 beyond 200 elements, which no honest message has. */
export function parseList<T>(values: readonly string[], parse: (element: string) => T): T[] {
  const elements = values.length === 1 ? splitList(values[0] as string) : values.flatMap(splitList);
  if (elements.length > maxElements) throw new SipError(400, `list of ${elements.length} elements`);
  return elements.map(parse);
}

function pushElement(elements: string[], element: string): void {
  if (element !== '') elements.push(element);
}

function skipQuoted(value: string, open: number): number {
  let at = open + 1;
  while (at < value.length && value.charCodeAt(at) !== quote) at += value.charCodeAt(at) === backslash ? 2 : 1;
  return at;
}
