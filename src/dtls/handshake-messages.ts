/** Handshake messages as they stand on the wire (RFC 5246 7.4, RFC 6347 4.2.2, RFC 8422 5): those parts that must be checked. */

import { ByteReader, ByteWriter } from '../base/bytes.ts';

export const handshakeType = {
  clientHello: 1,
  serverHello: 2,
  helloVerifyRequest: 3,
  certificate: 11,
  serverKeyExchange: 12,
  certificateRequest: 13,
  serverHelloDone: 14,
  certificateVerify: 15,
  clientKeyExchange: 16,
  finished: 20,
} as const;

/** A part of a message, or all of it. */
export interface HandshakeFragment {
  readonly type: number;
  /** Of the whole message, in bytes. */
  readonly length: number;
  readonly sequence: number;
  readonly offset: number;
  readonly body: Uint8Array;
}

export interface HandshakeMessage {
  readonly type: number;
  readonly sequence: number;
  readonly body: Uint8Array;
}

export const fragmentHeaderLength = 12;

/** The next fragment in a record's content. Throws TruncatedError. */
export function readFragment(reader: ByteReader): HandshakeFragment {
  const type = reader.u8();
  const length = reader.u24();
  const sequence = reader.u16();
  const offset = reader.u24();
  return { type, length, sequence, offset, body: reader.take(reader.u24()) };
}

export function writeFragment({ type, length, sequence, offset, body }: HandshakeFragment): Uint8Array {
  const writer = new ByteWriter(fragmentHeaderLength + body.length);
  return writer.u8(type).u24(length).u16(sequence).u24(offset).u24(body.length).raw(body).view();
}

export interface ClientHello {
  readonly version: number;
  readonly suites: readonly number[];
  readonly groups: readonly number[];
  readonly signatures: readonly number[];
  readonly srtpProfiles: readonly number[];
  readonly extendedMasterSecret: boolean;
}

/** Throws TruncatedError, as all the readers below. */
export function readClientHello(body: Uint8Array): ClientHello {
  const reader = new ByteReader(body);
  const version = reader.u16();
  reader.skip(32);
  reader.skip(reader.u8());
  reader.skip(reader.u8());
  const suites = readList(reader);
  reader.skip(reader.u8());
  const extensions = readExtensions(reader);
  return {
    version,
    suites,
    groups: listIn(extensions.get(extensionType.supportedGroups)),
    signatures: listIn(extensions.get(extensionType.signatureAlgorithms)),
    srtpProfiles: listIn(extensions.get(extensionType.useSrtp)),
    extendedMasterSecret: extensions.has(extensionType.extendedMasterSecret),
  };
}

export interface ServerHello {
  readonly version: number;
  readonly suite: number;
  readonly srtpProfiles: readonly number[];
}

export function readServerHello(body: Uint8Array): ServerHello {
  const reader = new ByteReader(body);
  const version = reader.u16();
  reader.skip(32);
  reader.skip(reader.u8());
  const suite = reader.u16();
  reader.skip(1);
  return { version, suite, srtpProfiles: listIn(readExtensions(reader).get(extensionType.useSrtp)) };
}

/** The peer's own certificate, DER; undefined if it has none to show. */
export function readCertificate(body: Uint8Array): Uint8Array | undefined {
  const reader = new ByteReader(body);
  const list = new ByteReader(reader.take(reader.u24()));
  return list.remaining === 0 ? undefined : list.take(list.u24());
}

export interface Signed {
  /** RFC 8446 4.2.3 numbers, which are the hash and signature bytes of RFC 5246 7.4.1.4.1. */
  readonly scheme: number;
  readonly signature: Uint8Array;
}

export interface ServerKeyExchange extends Signed {
  readonly group: number;
  /** ServerECDHParams: what is signed, after the two randoms (RFC 8422 5.4). */
  readonly parameters: Uint8Array;
}

export function readServerKeyExchange(body: Uint8Array): ServerKeyExchange {
  const reader = new ByteReader(body);
  const curveType = reader.u8();
  const group = reader.u16();
  reader.skip(reader.u8());
  const parameters = body.subarray(0, reader.offset);
  return { group: curveType === namedCurve ? group : 0, parameters, ...readSigned(reader) };
}

export function readCertificateVerify(body: Uint8Array): Signed {
  return readSigned(new ByteReader(body));
}

const namedCurve = 3;
const extensionType = { supportedGroups: 10, signatureAlgorithms: 13, useSrtp: 14, extendedMasterSecret: 23 } as const;

function readSigned(reader: ByteReader): Signed {
  const scheme = reader.u16();
  return { scheme, signature: reader.take(reader.u16()) };
}

function readExtensions(reader: ByteReader): Map<number, Uint8Array> {
  const extensions = new Map<number, Uint8Array>();
  if (reader.remaining === 0) return extensions;
  const list = new ByteReader(reader.take(reader.u16()));
  while (list.remaining > 0) {
    const type = list.u16();
    extensions.set(type, list.take(list.u16()));
  }
  return extensions;
}

/** A list of 16-bit numbers after its length in bytes. */
function readList(reader: ByteReader): number[] {
  const list = new ByteReader(reader.take(reader.u16()));
  const numbers: number[] = [];
  while (list.remaining > 1) numbers.push(list.u16());
  return numbers;
}

function listIn(extension: Uint8Array | undefined): number[] {
  return extension ? readList(new ByteReader(extension)) : [];
}
