/** Framing of SIP messages on a byte stream by Content-Length (RFC 3261 section 18.3). Memory and work per byte are bounded. */

import type { SipMessage, SipRequest } from './message.ts';
import { defaultLimits, findHeadEnd, type ParseLimits, parseHead, type Reading } from './parse.ts';
import { SipError } from './sip-error.ts';

/** A message, or the double CRLF of RFC 5626 section 3.5.1, to be answered with one CRLF. */
export type StreamItem = Reading | 'ping';

/** A head that was read and waits for its body. */
interface WaitingHead {
  readonly message: SipMessage | SipError;
  /** Octets up to the body, and with it. */
  readonly headLength: number;
  readonly length: number;
}

const cr = 0x0d;
const lf = 0x0a;

export class StreamParser {
  readonly #limits: ParseLimits;
  #buffer: Uint8Array = new Uint8Array(4096);
  /** The unread octets are those from `#start` up to `#end`. */
  #start = 0;
  #end = 0;
  /** Where the search for the end of the head goes on, so that a trickle of octets stays linear. */
  #searched = 0;
  #head: WaitingHead | undefined;
  /** Octets of line ends since the last message or ping. */
  #lineEnds = 0;
  #failed = false;

  constructor(limits: ParseLimits = defaultLimits) {
    this.#limits = limits;
  }

  /** Message borders are lost: answer what was returned, then close the connection (RFC 3261 section 18.3). Further input is dropped. */
  get failed(): boolean {
    return this.#failed;
  }

  /** Whether a message has begun and not ended: a connection that stays so is a slow or dead peer. */
  get pending(): boolean {
    return this.#head !== undefined || this.#end > this.#start;
  }

  /** Takes the next octets of the stream (a copy); returns what they completed, in order. Never throws. */
  push(bytes: Uint8Array): StreamItem[] {
    if (this.#failed) return [];
    this.#store(bytes);
    const items: StreamItem[] = [];
    for (let item = this.#next(); item !== undefined; item = this.#next()) items.push(item);
    return items;
  }

  #next(): StreamItem | undefined {
    if (this.#failed) return undefined;
    if (this.#head) return this.#readBody(this.#head);
    if (this.#skipLineEnds()) return 'ping';
    return this.#readHead();
  }

  /** True for each double CRLF between messages. */
  #skipLineEnds(): boolean {
    for (; this.#start < this.#end; this.#start++) {
      const byte = this.#buffer[this.#start];
      if (byte !== cr && byte !== lf) {
        this.#lineEnds = 0;
        return false;
      }
      this.#lineEnds++;
      if (this.#lineEnds < 4) continue;
      this.#lineEnds = 0;
      this.#start++;
      return true;
    }
    return false;
  }

  #readHead(): Reading | undefined {
    const available = this.#buffer.subarray(0, this.#end);
    const headEnd = findHeadEnd(available, Math.max(this.#start, this.#searched - 3));
    this.#searched = this.#end;
    if (headEnd < 0) {
      const size = this.#end - this.#start;
      return size > this.#limits.maxBytes ? this.#fail(new SipError(513, `header section of ${size} bytes`)) : undefined;
    }
    const message = this.#parseHead(headEnd);
    const bodyLength = bodyLengthOf(message);
    if (bodyLength instanceof SipError) return this.#fail(bodyLength);
    const headLength = headEnd + 4 - this.#start;
    const length = headLength + bodyLength;
    if (length > this.#limits.maxBytes) return this.#fail(new SipError(513, `message of ${length} bytes`, partialOf(message)));
    this.#head = { message, headLength, length };
    return this.#readBody(this.#head);
  }

  #parseHead(headEnd: number): SipMessage | SipError {
    try {
      return parseHead(this.#buffer, this.#start, headEnd, this.#limits.maxHeaders);
    } catch (error) {
      if (error instanceof SipError) return error;
      throw error;
    }
  }

  #readBody({ message, headLength, length }: WaitingHead): Reading | undefined {
    const end = this.#start + length;
    if (end > this.#end) return undefined;
    const octets = this.#buffer.slice(this.#start, end);
    if (!(message instanceof SipError)) message.body = octets.subarray(headLength);
    this.#start = end;
    this.#searched = end;
    this.#head = undefined;
    return { message, octets };
  }

  #fail(error: SipError): Reading {
    const octets = this.#buffer.subarray(this.#start, this.#end);
    this.#failed = true;
    this.#buffer = new Uint8Array(0);
    this.#start = 0;
    this.#end = 0;
    return { message: error, octets };
  }

  /** Appends to the unread octets, which move to the front first when the buffer is full. */
  #store(bytes: Uint8Array): void {
    if (this.#end + bytes.length > this.#buffer.length) this.#makeRoom(bytes.length);
    this.#buffer.set(bytes, this.#end);
    this.#end += bytes.length;
  }

  #makeRoom(length: number): void {
    const unread = this.#buffer.subarray(this.#start, this.#end);
    const needed = unread.length + length;
    const buffer = needed > this.#buffer.length / 2 ? new Uint8Array(needed * 2) : this.#buffer;
    buffer.set(unread);
    this.#searched = Math.max(0, this.#searched - this.#start);
    this.#buffer = buffer;
    this.#start = 0;
    this.#end = unread.length;
  }
}

/** The Content-Length that a stream cannot do without; an error when it is missing or unreadable. */
function bodyLengthOf(item: SipMessage | SipError): number | SipError {
  const message = item instanceof SipError ? item.partial : item;
  if (!message) return item as SipError;
  const more = message.kind === 'request' ? partialOf(item) : {};
  try {
    return message.headers.contentLength ?? new SipError(400, 'no Content-Length on a stream', more);
  } catch {
    return item instanceof SipError ? item : new SipError(400, 'unreadable Content-Length', more);
  }
}

function partialOf(item: SipMessage | SipError): { partial?: SipRequest } {
  const partial = item instanceof SipError ? item.partial : item.kind === 'request' ? item : undefined;
  return partial && partial.method !== 'ACK' ? { partial } : {};
}
