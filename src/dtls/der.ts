/** The few DER types (X.690) that a self-signed certificate is made of. Each function returns one complete element. */

export function sequence(...elements: readonly Uint8Array[]): Uint8Array {
  return element(0x30, concat(elements));
}

export function set(...elements: readonly Uint8Array[]): Uint8Array {
  return element(0x31, concat(elements));
}

/** EXPLICIT [number] around another element. */
export function context(number: number, inner: Uint8Array): Uint8Array {
  return element(0xa0 | number, inner);
}

/** A non-negative INTEGER, given as its big-endian bytes. */
export function integer(magnitude: Uint8Array): Uint8Array {
  let start = 0;
  while (start < magnitude.length - 1 && magnitude[start] === 0) start++;
  const shortest = magnitude.subarray(start);
  const negative = (shortest[0] ?? 0) & 0x80;
  return element(0x02, negative ? concat([Uint8Array.of(0), shortest]) : shortest);
}

/** OBJECT IDENTIFIER from its content bytes, as the standards print them. */
export function objectIdentifier(...content: readonly number[]): Uint8Array {
  return element(0x06, Uint8Array.from(content));
}

export function utf8String(text: string): Uint8Array {
  return element(0x0c, new TextEncoder().encode(text));
}

/** BIT STRING of whole bytes. */
export function bitString(bytes: Uint8Array): Uint8Array {
  return element(0x03, concat([Uint8Array.of(0), bytes]));
}

/** UTCTime through 2049, GeneralizedTime from 2050 on (RFC 5280 4.1.2.5). `epochMs`: milliseconds since 1970. */
export function time(epochMs: number): Uint8Array {
  const digits = new Date(epochMs).toISOString().replaceAll(/[-:T]/g, '').slice(0, 14);
  const utc = digits < '2050';
  return element(utc ? 0x17 : 0x18, new TextEncoder().encode(`${utc ? digits.slice(2) : digits}Z`));
}

function element(tag: number, content: Uint8Array): Uint8Array {
  return concat([Uint8Array.of(tag, ...lengthOctets(content.length)), content]);
}

function lengthOctets(length: number): readonly number[] {
  if (length < 0x80) return [length];
  return length < 0x100 ? [0x81, length] : [0x82, length >>> 8, length & 0xff];
}

function concat(parts: readonly Uint8Array[]): Uint8Array {
  return Buffer.concat(parts);
}
