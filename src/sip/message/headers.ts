/** The header fields of one message: ordered, names case-insensitive, values as received; typed accessors parse on first use. */

import { type HeaderName, headerName } from './header-names.ts';
import { type NameAddr, parseNameAddr } from './name-addr.ts';
import { isDigits, isToken, parseList, splitList, trim } from './scanner.ts';
import { SipError } from './sip-error.ts';
import { parseVia, printVia, type Via } from './via.ts';

export interface CSeq {
  /** 0 .. 2^32-1 */
  readonly number: number;
  readonly method: string;
}

/** What typed accessors have parsed since the last change. */
class Parsed {
  callId: string | undefined;
  cseq: CSeq | undefined;
  from: NameAddr | undefined;
  to: NameAddr | undefined;
  vias: readonly Via[] | undefined;
  contacts: readonly NameAddr[] | '*' | undefined;
}

const maxUint32 = 0xffffffff;

/** Field lines lie in two lists, name and value at the same place: as objects of their own they would be most of what a message takes. */
export class Headers {
  #names: HeaderName[] = [];
  #values: string[] = [];
  #cache: Parsed | undefined;

  constructor(entries: Iterable<readonly [string, string]> = []) {
    for (const [name, value] of entries) this.append(name, value);
  }

  /** The value of the first field line of that name. */
  get(name: string): string | undefined {
    const at = this.#find(headerName(name).key);
    return at < 0 ? undefined : this.#values[at];
  }

  /** The value of each field line of that name. */
  getAll(name: string): readonly string[] {
    const { key } = headerName(name);
    const values: string[] = [];
    for (let at = this.#find(key); at >= 0; at = this.#find(key, at + 1)) values.push(this.#values[at] ?? '');
    return values;
  }

  has(name: string): boolean {
    return this.#find(headerName(name).key) >= 0;
  }

  /** Replaces all field lines of that name with one for each value, where the first of them stood. */
  set(name: string, ...values: readonly string[]): this {
    const header = headerName(name);
    const place = this.#remove(header.key);
    this.#names.splice(place, 0, ...values.map(() => header));
    this.#values.splice(place, 0, ...values);
    return this.#changed();
  }

  append(name: string, value: string): this {
    const header = headerName(name);
    this.#names.push(header);
    this.#values.push(value);
    return this.#changed();
  }

  /** Puts a field line before all others. */
  prepend(name: string, value: string): this {
    const header = headerName(name);
    this.#names.unshift(header);
    this.#values.unshift(value);
    return this.#changed();
  }

  delete(name: string): this {
    this.#remove(headerName(name).key);
    return this.#changed();
  }

  *entries(): Generator<readonly [string, string]> {
    for (const [at, { name }] of this.#names.entries()) yield [name, this.#values[at] ?? ''];
  }

  get size(): number {
    return this.#names.length;
  }

  clone(): Headers {
    const copy = new Headers();
    copy.#names = this.#names.slice();
    copy.#values = this.#values.slice();
    return copy;
  }

  /** All field lines as they go onto the wire. */
  print(): string {
    let text = '';
    for (let at = 0; at < this.#names.length; at++) text += `${this.#names[at]?.name}: ${this.#values[at]}\r\n`;
    return text;
  }

  get callId(): string {
    this.#parsed.callId ??= parseCallId(this.#only('Call-ID'));
    return this.#parsed.callId;
  }

  get cseq(): CSeq {
    this.#parsed.cseq ??= parseCSeq(this.#only('CSeq'));
    return this.#parsed.cseq;
  }

  get from(): NameAddr {
    this.#parsed.from ??= parseNameAddr(this.#only('From'));
    return this.#parsed.from;
  }

  get to(): NameAddr {
    this.#parsed.to ??= parseNameAddr(this.#only('To'));
    return this.#parsed.to;
  }

  get fromTag(): string | undefined {
    return this.from.params.get('tag') ?? undefined;
  }

  get toTag(): string | undefined {
    return this.to.params.get('tag') ?? undefined;
  }

  /** Topmost first; never empty. */
  get vias(): readonly Via[] {
    this.#parsed.vias ??= parseList(this.getAll('Via'), parseVia);
    return this.#parsed.vias;
  }

  /** Nothing else changes with them, and what has been read so far still holds. */
  set vias(vias: readonly Via[]) {
    const parsed = this.#parsed;
    this.set('Via', ...vias.map(printVia));
    parsed.vias = vias;
    this.#cache = parsed;
  }

  get topVia(): Via {
    return this.vias[0] ?? missing('Via');
  }

  get contacts(): readonly NameAddr[] | '*' {
    this.#parsed.contacts ??= parseContacts(this.getAll('Contact'));
    return this.#parsed.contacts;
  }

  get routes(): readonly NameAddr[] {
    return parseList(this.getAll('Route'), parseNameAddr);
  }

  get recordRoutes(): readonly NameAddr[] {
    return parseList(this.getAll('Record-Route'), parseNameAddr);
  }

  /** RFC 3327 */
  get paths(): readonly NameAddr[] {
    return parseList(this.getAll('Path'), parseNameAddr);
  }

  /** 0 .. 255 */
  get maxForwards(): number | undefined {
    const value = this.#atMostOne('Max-Forwards');
    return value === undefined ? undefined : parseNumber('Max-Forwards', value, 255);
  }

  /** Seconds, 0 .. 2^32-1; what is larger counts as that (RFC 4475 section 3.1.2.4). */
  get expires(): number | undefined {
    const value = this.#atMostOne('Expires');
    return value === undefined ? undefined : Math.min(parseNumber('Expires', value, Number.POSITIVE_INFINITY), maxUint32);
  }

  /** Octets of the body as claimed. */
  get contentLength(): number | undefined {
    const value = this.#atMostOne('Content-Length');
    return value === undefined ? undefined : parseNumber('Content-Length', value, maxUint32);
  }

  /** The media type in lower case, without its parameters. */
  get contentType(): string | undefined {
    const value = this.#atMostOne('Content-Type');
    if (value === undefined) return undefined;
    const semicolon = value.indexOf(';');
    return trim(value, 0, semicolon < 0 ? value.length : semicolon).toLowerCase();
  }

  /** The elements of a comma list over all its field lines (Supported, Require, Allow, ...), as they stand. */
  tokens(name: string): readonly string[] {
    return this.getAll(name).flatMap(splitList);
  }

  get #parsed(): Parsed {
    this.#cache ??= new Parsed();
    return this.#cache;
  }

  #changed(): this {
    this.#cache = undefined;
    return this;
  }

  /** Where the first of them stood; the end when there is none. */
  #remove(key: string): number {
    const first = this.#find(key);
    for (let at = first; at >= 0; at = this.#find(key, at)) {
      this.#names.splice(at, 1);
      this.#values.splice(at, 1);
    }
    return first < 0 ? this.size : first;
  }

  #only(name: string): string {
    return this.#atMostOne(name) ?? missing(name);
  }

  /** Two elements that disagree about a single-valued field are how requests are smuggled: never choose one. */
  #atMostOne(name: string): string | undefined {
    const { key } = headerName(name);
    const at = this.#find(key);
    if (at < 0) return undefined;
    if (this.#find(key, at + 1) >= 0) throw new SipError(400, `more than one ${name}`);
    return this.#values[at];
  }

  /** Where the first field line of that key stands, from `from` on; -1 when there is none. */
  #find(key: string, from = 0): number {
    const names = this.#names;
    for (let at = from; at < names.length; at++) if (names[at]?.key === key) return at;
    return -1;
  }
}

function missing(name: string): never {
  throw new SipError(400, `no ${name}`);
}

function parseNumber(name: string, text: string, max: number): number {
  const value = isDigits(text) ? Number(text) : Number.NaN;
  if (!(value <= max)) throw new SipError(400, `malformed ${name}: ${text.slice(0, 40)}`);
  return value;
}

function parseCallId(text: string): string {
  if (text === '' || text.includes(' ') || text.includes('\t')) throw new SipError(400, 'malformed Call-ID');
  return text;
}

/** `1*DIGIT LWS Method`, below 2^32 (RFC 3261 section 20.16). */
function parseCSeq(text: string): CSeq {
  let end = 0;
  while (end < text.length && text.charAt(end) !== ' ' && text.charAt(end) !== '\t') end++;
  const number = parseNumber('CSeq', text.slice(0, end), maxUint32);
  const method = trim(text, end);
  if (!isToken(method)) throw new SipError(400, `malformed CSeq: ${text.slice(0, 40)}`);
  return { number, method };
}

/** `*` must stand alone (RFC 3261 section 10.2.2). */
function parseContacts(values: readonly string[]): readonly NameAddr[] | '*' {
  if (values.length === 1 && values[0] === '*') return '*';
  return parseList(values, parseNameAddr);
}
