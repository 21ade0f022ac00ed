/** DTLS records and hellos written by hand (RFC 6347, 5246), also such as no honest peer sends. */

import { ByteWriter } from '../../src/base/bytes.ts';

export const records = { changeCipherSpec: 20, alert: 21, handshake: 22, applicationData: 23 } as const;

export interface Record {
  readonly type: number;
  readonly epoch: number;
  readonly body: Uint8Array;
}

export function writeRecord(type: number, sequence: number, body: Uint8Array, epoch = 0): Uint8Array {
  return new ByteWriter().u8(type).u16(0xfefd).u16(epoch).u16(0).u32(sequence).u16(body.length).raw(body).view().slice();
}

/** One fragment; by default the whole message. */
export function writeHandshake(type: number, sequence: number, body: Uint8Array, of?: { length: number; offset: number }): Uint8Array {
  const { length, offset } = of ?? { length: body.length, offset: 0 };
  return new ByteWriter().u8(type).u24(length).u16(sequence).u24(offset).u24(body.length).raw(body).view().slice();
}

export function readRecords(datagram: Uint8Array): Record[] {
  const found: Record[] = [];
  const view = new DataView(datagram.buffer, datagram.byteOffset, datagram.length);
  for (let at = 0; at + 13 <= datagram.length; ) {
    const end = at + 13 + view.getUint16(at + 11);
    found.push({ type: view.getUint8(at), epoch: view.getUint16(at + 3), body: datagram.subarray(at + 13, end) });
    at = end;
  }
  return found;
}

/** The plaintext alerts in what a party sent: level and description (RFC 5246 7.2). */
export function alertsIn(datagrams: readonly Uint8Array[]): Array<{ level: number; description: number }> {
  return datagrams
    .flatMap(readRecords)
    .filter((record) => record.type === records.alert && record.epoch === 0)
    .map(({ body }) => ({ level: body[0] as number, description: body[1] as number }));
}

export const handshakeFailure = { level: 2, description: 40 };

/** A ClientHello that offers these suites and nothing else. */
export function clientHello(suites: readonly number[]): Uint8Array {
  const body = new ByteWriter()
    .u16(0xfefd)
    .raw(new Uint8Array(32).fill(7))
    .u8(0)
    .u8(0)
    .u16(suites.length * 2);
  for (const suite of suites) body.u16(suite);
  body.u8(1).u8(0);
  return writeHandshake(1, 0, body.view());
}
