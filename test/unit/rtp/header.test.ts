import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { RtpPacket } from 'werift';
import {
  createRtpHeader,
  readRtpHeader,
  rtpHeaderLength,
  setMarker,
  setPayloadType,
  setSequence,
  setSsrc,
  setTimestamp,
  stripRtpPacket,
  writeRtpHeader,
} from '../../../src/rtp/header.ts';

const bytesOf = (hex: string): Uint8Array => new Uint8Array(Buffer.from(hex, 'hex'));
const hexOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

/** A packet at an offset within a larger buffer. */
function within(packet: Uint8Array, offset: number): Uint8Array {
  const buffer = new Uint8Array(offset + packet.length + 8).fill(0xee);
  buffer.set(packet, offset);
  return buffer;
}

const fields = fc.record({
  marker: fc.boolean(),
  payloadType: fc.nat(127),
  sequence: fc.nat(0xffff),
  timestamp: fc.nat(0xffffffff),
  ssrc: fc.nat(0xffffffff),
});

const shape = fc.record({
  fields,
  csrcs: fc.array(fc.nat(0xffffffff), { maxLength: 15 }),
  extension: fc.option(fc.array(fc.nat(0xffffffff), { maxLength: 20 }), { nil: null }),
  payload: fc.uint8Array({ maxLength: 300 }),
  padding: fc.nat(255),
  offset: fc.nat(9),
});

type Shape = typeof shape extends fc.Arbitrary<infer T> ? T : never;

function build({ fields, csrcs, extension, payload, padding }: Shape): Uint8Array {
  const words = [...csrcs, ...(extension ? [0xbede0000 + extension.length, ...extension] : [])];
  const packet = new Uint8Array(12 + 4 * words.length + payload.length + padding);
  const view = new DataView(packet.buffer);
  writeRtpHeader(packet, 0, fields);
  packet[0] = 0x80 | (padding > 0 ? 0x20 : 0) | (extension ? 0x10 : 0) | csrcs.length;
  for (const [i, word] of words.entries()) view.setUint32(12 + 4 * i, word);
  packet.set(payload, 12 + 4 * words.length);
  if (padding > 0) packet[packet.length - 1] = padding;
  return packet;
}

describe('readRtpHeader', () => {
  test('reads any well-formed packet, and stripping leaves header and payload', () => {
    fc.assert(
      fc.property(shape, (packet) => {
        const { fields, csrcs, extension, payload, offset } = packet;
        const bytes = build(packet);
        const buffer = within(bytes, offset);
        const header = createRtpHeader();
        expect(readRtpHeader(buffer, offset, bytes.length, header)).toBe(true);
        const headerLength = 12 + 4 * csrcs.length + (extension ? 4 + 4 * extension.length : 0);
        expect(header).toEqual({ ...fields, headerLength, payloadLength: payload.length });

        const stripped = stripRtpPacket(buffer, offset, header);
        expect(hexOf(buffer.subarray(stripped + 12, stripped + 12 + header.payloadLength))).toBe(hexOf(payload));
        const again = createRtpHeader();
        expect(readRtpHeader(buffer, stripped, 12 + header.payloadLength, again)).toBe(true);
        expect(again).toEqual({ ...fields, headerLength: 12, payloadLength: payload.length });
      }),
    );
  });

  test("agrees with werift's reader", () => {
    fc.assert(
      fc.property(shape, (packet) => {
        // werift looks into extensions, where only zeros mean nothing.
        const bytes = build({ ...packet, extension: packet.extension?.map(() => 0) ?? null });
        const header = createRtpHeader();
        readRtpHeader(bytes, 0, bytes.length, header);
        const theirs = RtpPacket.deSerialize(Buffer.from(bytes));
        expect(header).toMatchObject({
          sequence: theirs.header.sequenceNumber,
          timestamp: theirs.header.timestamp,
          ssrc: theirs.header.ssrc,
          marker: theirs.header.marker,
          payloadType: theirs.header.payloadType,
          payloadLength: theirs.payload.length,
        });
      }),
    );
  });

  test('stays within any bytes, and never throws', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), fc.nat(255), (bytes, first) => {
        if (bytes.length > 0) bytes[0] = first;
        const header = createRtpHeader();
        if (!readRtpHeader(bytes, 0, bytes.length, header)) return;
        expect(header.headerLength).toBeGreaterThanOrEqual(12);
        expect(header.payloadLength).toBeGreaterThanOrEqual(0);
        expect(header.headerLength + header.payloadLength).toBeLessThanOrEqual(bytes.length);
      }),
    );
  });

  test.each([
    ['nothing', ''],
    ['eleven bytes', '8000000100000000000000'],
    ['version 1', '4000000100000000000000aa'],
    ['CSRC list beyond the end', '8200000100000000000000aa11111111'],
    ['extension without its header', '9000000100000000000000aabede00'],
    ['extension beyond the end', '9000000100000000000000aabede000211111111'],
    ['extension of 65535 words', '9000000100000000000000aabedeffff11111111'],
    ['padding of 0', 'a000000100000000000000aa11111100'],
    ['padding longer than the payload', 'a000000100000000000000aa11111105'],
    ['padding announced without payload', 'a000000100000000000000aa'],
  ])('refuses %s', (_, hex) => {
    const bytes = bytesOf(hex);
    expect(readRtpHeader(bytes, 0, bytes.length, createRtpHeader())).toBe(false);
  });

  test('does not look past the given length', () => {
    const bytes = bytesOf('8100000100000000000000aa11111111');
    expect(readRtpHeader(bytes, 0, 12, createRtpHeader())).toBe(false);
    expect(rtpHeaderLength(bytes, 0, 16)).toBe(16);
  });
});

describe('in-place edits', () => {
  test('change their own field only', () => {
    fc.assert(
      fc.property(shape, fields, (packet, changed) => {
        const { offset } = packet;
        const bytes = build(packet);
        const edited = within(bytes, offset);
        setMarker(edited, offset, changed.marker);
        setPayloadType(edited, offset, changed.payloadType);
        setSequence(edited, offset, changed.sequence);
        setTimestamp(edited, offset, changed.timestamp);
        setSsrc(edited, offset, changed.ssrc);
        expect(hexOf(edited)).toBe(hexOf(within(build({ ...packet, fields: changed }), offset)));
      }),
    );
  });

  test('of the marker leave the payload type, and the other way round', () => {
    const bytes = bytesOf('80e5000000000000000000000000');
    setPayloadType(bytes, 0, 0);
    expect(bytes[1]).toBe(0x80);
    setMarker(bytes, 0, false);
    setPayloadType(bytes, 0, 127);
    expect(bytes[1]).toBe(0x7f);
  });
});
