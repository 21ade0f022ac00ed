import { describe, expect, test } from 'vitest';
import { ByteReader } from '../../../src/base/bytes.ts';
import { writeRecord } from '../../../src/dtls/datagrams.ts';
import { readFragment, writeFragment } from '../../../src/dtls/handshake-messages.ts';
import { Outbox } from '../../../src/dtls/outbox.ts';
import { Reassembly } from '../../../src/dtls/reassembly.ts';
import { readRecords } from '../../support/dtls-messages.ts';

const body = Uint8Array.from({ length: 700 }, (_, i) => i);
const message = writeFragment({ type: 11, length: body.length, sequence: 0, offset: 0, body });
const done = writeFragment({ type: 14, length: 0, sequence: 1, offset: 0, body: new Uint8Array(0) });
const finished = writeFragment({ type: 20, length: 12, sequence: 2, offset: 0, body: new Uint8Array(12) });
const flight = Buffer.concat([
  writeRecord(22, 0, 9, message),
  writeRecord(22, 0, 9, done),
  writeRecord(20, 0, 9, Uint8Array.of(1)),
  writeRecord(22, 1, 9, finished),
]);

function outbox(mtu: number) {
  const sealed: Array<readonly [number, number]> = [];
  const box = new Outbox(mtu, (type, sequence, content) => {
    sealed.push([type, sequence]);
    return writeRecord(type, 1, sequence, content);
  });
  box.load(flight);
  return { box, sealed };
}

function sequenceOf(record: Uint8Array): number {
  return new DataView(record.buffer, record.byteOffset).getUint32(7);
}

describe('a flight', () => {
  test('goes out in one datagram where it fits', () => {
    const [datagram, ...more] = outbox(1200).box.datagrams();
    expect(more).toEqual([]);
    expect(readRecords(datagram as Uint8Array).map(({ type, epoch }) => [type, epoch])).toEqual([
      [22, 0],
      [22, 0],
      [20, 0],
      [22, 1],
    ]);
  });

  test('is cut to the MTU so that the messages can be put together again', () => {
    const datagrams = outbox(256).box.datagrams();
    for (const datagram of datagrams) expect(datagram.length).toBeLessThanOrEqual(256);
    const inbox = new Reassembly();
    for (const record of datagrams.flatMap(readRecords)) if (record.type === 22) inbox.add(readFragment(new ByteReader(record.body)));
    expect(inbox.take()).toMatchObject({ type: 11, body });
    expect(inbox.take()).toMatchObject({ type: 14 });
    expect(inbox.take()).toMatchObject({ type: 20 });
  });

  test('never uses a record number twice, also when it goes out again', () => {
    const { box, sealed } = outbox(256);
    const records = [...box.datagrams(), ...box.datagrams()].flatMap((datagram) => splitRecords(datagram));
    const numbers = records.filter((record) => record[4] === 0).map(sequenceOf);
    expect(numbers).toEqual(numbers.map((_, i) => i));
    box.record(21, 1, Uint8Array.of(1, 0));
    expect(sealed).toEqual([
      [22, 0],
      [22, 1],
      [21, 2],
    ]);
  });
});

function splitRecords(datagram: Uint8Array): Uint8Array[] {
  let at = 0;
  return readRecords(datagram).map(({ body: content }) => {
    const record = datagram.subarray(at, at + 13 + content.length);
    at += record.length;
    return record;
  });
}
