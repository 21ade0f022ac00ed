import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { holdsSealedHandshake, isPlausible, recordEnd, splitDatagrams, writeRecord } from '../../../src/dtls/datagrams.ts';
import { handshakeVectors } from '../../support/dtls-vectors.ts';

const record = (length: number, epoch = 0): Uint8Array => writeRecord(22, epoch, 0, new Uint8Array(length));
const join = (...parts: readonly Uint8Array[]): Uint8Array => Buffer.concat(parts);
const lengths = (datagrams: readonly Uint8Array[]): number[] => datagrams.map((datagram) => datagram.length);

describe('splitting into datagrams', () => {
  test('keeps records together while they fit', () => {
    expect(lengths(splitDatagrams(join(record(100), record(100), record(100)), 339))).toEqual([339]);
    expect(lengths(splitDatagrams(join(record(100), record(100), record(100)), 338))).toEqual([226, 113]);
  });

  test('leaves one record that is too long whole', () => {
    expect(lengths(splitDatagrams(join(record(10), record(500), record(10)), 256))).toEqual([23, 513, 23]);
  });

  test('of nothing is nothing', () => {
    expect(splitDatagrams(new Uint8Array(0), 256)).toEqual([]);
  });

  test('loses no byte and cuts at borders alone, whatever the records', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(400), { maxLength: 20 }), fc.integer({ min: 256, max: 1400 }), (sizes, mtu) => {
        const records = join(...sizes.map((size) => record(size)));
        const datagrams = splitDatagrams(records, mtu);
        expect(Buffer.compare(join(...datagrams), records)).toBe(0);
        for (const datagram of datagrams) expect(isPlausible(datagram)).toBe(true);
        for (const datagram of datagrams) expect(datagram.length <= mtu || recordEnd(datagram, 0) === datagram.length).toBe(true);
      }),
    );
  });

  test('ends on arbitrary bytes', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 500 }), (bytes) => join(...splitDatagrams(bytes, 256)).length === bytes.length));
  });
});

describe('a plausible datagram', () => {
  test('is every one that OpenSSL was seen to send', () => {
    const packets = handshakeVectors.flatMap((vector) => vector.flightPackets);
    const sealedByGcm = packets.filter(({ hex }) => hex.length > 62 || !hex.startsWith('15fefd0001'));
    for (const { hex } of sealedByGcm) expect(isPlausible(Buffer.from(hex, 'hex'))).toBe(true);
  });

  test.each([
    ['nothing', new Uint8Array(0)],
    ['a header alone', record(10).subarray(0, 13)],
    ['a record cut short', record(10).subarray(0, 20)],
    ['bytes behind the last record', join(record(10), Uint8Array.of(1))],
    ['an unknown content type', writeRecord(24, 0, 0, new Uint8Array(4))],
    ['TLS', Uint8Array.from(record(10), (byte, at) => (at === 1 ? 3 : byte))],
    ['an epoch that we never reach', record(40, 2)],
    ['a sealed record without room for nonce and tag', record(23, 1)],
  ])('is not %s', (_what, datagram) => {
    expect(isPlausible(datagram)).toBe(false);
  });
});

describe('a sealed handshake record', () => {
  test('is found wherever it stands', () => {
    expect(holdsSealedHandshake(record(40, 1))).toBe(true);
    expect(holdsSealedHandshake(join(record(100), writeRecord(20, 0, 1, Uint8Array.of(1)), record(40, 1)))).toBe(true);
  });

  test.each([
    ['nothing', new Uint8Array(0)],
    ['plain handshake records', join(record(100), record(40))],
    ['a sealed alert', writeRecord(21, 1, 1, new Uint8Array(26))],
    ['sealed application data', writeRecord(23, 1, 1, new Uint8Array(40))],
  ])('is not in %s', (_what, datagram) => {
    expect(holdsSealedHandshake(datagram)).toBe(false);
  });

  test('is sought to the end of arbitrary bytes', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 500 }), (bytes) => typeof holdsSealedHandshake(bytes) === 'boolean'));
  });
});
