import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { RtcpPacketConverter, RtcpSrPacket } from 'werift';
import { parseRtcp, type RtcpPacket, sdesCname, writeRtcp } from '../../../src/rtp/rtcp.ts';

const bytesOf = (hex: string): Uint8Array => new Uint8Array(Buffer.from(hex, 'hex'));
const hexOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

const word = fc.nat(0xffffffff);
const text = fc.string({ unit: 'grapheme', maxLength: 20 });

const block = fc.record({
  ssrc: word,
  fractionLost: fc.nat(255),
  cumulativeLost: fc.integer({ min: -(2 ** 23), max: 2 ** 23 - 1 }),
  highestSequence: word,
  jitter: word,
  lastSenderReport: word,
  delaySinceLastSenderReport: word,
});
const blocks = fc.array(block, { maxLength: 31 });
const type = <T extends string>(name: T) => fc.constant(name);

const packet: fc.Arbitrary<RtcpPacket> = fc.oneof(
  fc.record({ type: type('sr'), ssrc: word, ntpSeconds: word, ntpFraction: word, rtpTimestamp: word, packets: word, octets: word, blocks }),
  fc.record({ type: type('rr'), ssrc: word, blocks }),
  fc.record({
    type: type('sdes'),
    chunks: fc.array(
      fc.record({ ssrc: word, items: fc.array(fc.record({ item: fc.integer({ min: 1, max: 255 }), text }), { maxLength: 4 }) }),
      {
        maxLength: 5,
      },
    ),
  }),
  fc.record({ type: type('bye'), ssrcs: fc.array(word, { maxLength: 5 }), reason: fc.option(text, { nil: null }) }),
  fc.record({
    type: type('other'),
    packetType: fc.integer({ min: 204, max: 223 }),
    count: fc.nat(31),
    body: fc.array(word, { maxLength: 10 }).map((words) => new Uint8Array(words.flatMap((w) => [w >>> 24, w >>> 16, w >>> 8, w]))),
  }),
);

const compound = fc.array(packet, { minLength: 1, maxLength: 5 });

test('what was written is read again', () => {
  fc.assert(
    fc.property(compound, (packets) => {
      expect(parseRtcp(writeRtcp(packets))).toEqual(packets);
    }),
  );
});

test('arbitrary bytes are refused or read, never thrown; what was read is written and read the same', () => {
  const plausible = fc
    .tuple(fc.nat(31), fc.integer({ min: 192, max: 223 }), fc.uint8Array({ maxLength: 80 }))
    .map(([count, kind, rest]) => {
      const bytes = new Uint8Array(4 + (rest.length & ~3));
      bytes.set([0x80 | count, kind, 0, bytes.length / 4 - 1]);
      bytes.set(rest.subarray(0, bytes.length - 4), 4);
      return bytes;
    });
  fc.assert(
    fc.property(fc.oneof(fc.uint8Array({ maxLength: 80 }), plausible), (bytes) => {
      const packets = parseRtcp(bytes);
      if (!packets || packets.some((p) => JSON.stringify(p).includes('\ufffd'))) return;
      expect(parseRtcp(writeRtcp(packets))).toEqual(packets);
    }),
    { numRuns: 1000 },
  );
});

test('every truncation is refused or ends at a packet border', () => {
  fc.assert(
    fc.property(compound, (packets) => {
      const whole = writeRtcp(packets);
      for (let length = 0; length < whole.length; length++) {
        const read = parseRtcp(whole.subarray(0, length));
        if (read) expect(read).toEqual(packets.slice(0, read.length));
      }
    }),
    { numRuns: 30 },
  );
});

describe('malformed packets', () => {
  test.each([
    ['nothing', ''],
    ['a header only announced', '80c9'],
    ['version 1', '40c9000111111111'],
    ['a payload type of RTP', '8000000111111111'],
    ['a length beyond the end', '80c9000211111111'],
    ['fewer blocks than counted', '81c9000111111111'],
    ['a sender report without sender information', '80c8000111111111'],
    ['an SDES chunk without its end', '81ca00021111111101026161'],
    ['an SDES item beyond the end', '81ca00021111111101ff6161'],
    ['fewer SDES chunks than counted', '82ca00021111111100000000'],
    ['a BYE reason beyond the end', '81cb00021111111105616161'],
    ['fewer BYE sources than counted', '82cb000111111111'],
    ['padding of 0', 'a0c900021111111100000000'],
    ['padding that is no multiple of 4', 'a0c900021111111100000003'],
    ['padding longer than the packet', 'a0c9000211111111000000ff'],
    ['padding in front of another packet', 'a0c900021111111100000004'.concat('80c9000111111111')],
    ['rubbish behind a good packet', '80c900011111111180'],
  ])('%s', (_, hex) => {
    expect(parseRtcp(bytesOf(hex))).toBeNull();
  });
});

test('padding of the last packet is left out', () => {
  expect(parseRtcp(bytesOf('80c9000111111111a1cb00021111111100000004'))).toMatchObject([{ type: 'rr' }, { type: 'bye', reason: null }]);
});

test('a report extended by a profile is read without the extension', () => {
  expect(parseRtcp(bytesOf('80c900021111111122222222'))).toEqual([{ type: 'rr', ssrc: 0x11111111, blocks: [] }]);
});

test('a reduced-size packet need not begin with a report (RFC 5506)', () => {
  expect(parseRtcp(bytesOf('81ce00021111111122222222'))).toMatchObject([{ type: 'other', packetType: 206, count: 1 }]);
});

test('more than 31 blocks, or 255 bytes of text, are not written', () => {
  const source = { item: sdesCname, text: 'x'.repeat(256) };
  expect(() => writeRtcp([{ type: 'bye', ssrcs: Array(32).fill(1), reason: null }])).toThrow(RangeError);
  expect(() => writeRtcp([{ type: 'sdes', chunks: [{ ssrc: 1, items: [source] }] }])).toThrow(RangeError);
});

test('a sender report with CNAME is byte for byte that of RFC 3550 6.4.1 and 6.5', () => {
  const bytes = writeRtcp([
    { type: 'sr', ssrc: 1, ntpSeconds: 2, ntpFraction: 3, rtpTimestamp: 4, packets: 5, octets: 6, blocks: [] },
    { type: 'sdes', chunks: [{ ssrc: 1, items: [{ item: sdesCname, text: 'abc' }] }] },
  ]);
  expect(hexOf(bytes)).toBe(['80c80006000000010000000200000003000000040000000500000006', '81ca0003000000010103616263000000'].join(''));
});

test('werift reads what we write, and we what it writes', () => {
  const report = { fractionLost: 12, jitter: 34, lastSenderReport: 56, delaySinceLastSenderReport: 78 };
  const ours = writeRtcp([
    {
      type: 'sr',
      ssrc: 9,
      ntpSeconds: 2,
      ntpFraction: 3,
      rtpTimestamp: 4,
      packets: 5,
      octets: 6,
      blocks: [{ ...report, ssrc: 7, cumulativeLost: 11, highestSequence: 70_000 }],
    },
  ]);
  const [theirs] = RtcpPacketConverter.deSerialize(Buffer.from(ours));
  expect(theirs).toBeInstanceOf(RtcpSrPacket);
  const { ssrc, senderInfo, reports } = theirs as RtcpSrPacket;
  expect({ ssrc, rtpTimestamp: senderInfo.rtpTimestamp, packets: senderInfo.packetCount }).toEqual({
    ssrc: 9,
    rtpTimestamp: 4,
    packets: 5,
  });
  expect(reports[0]).toMatchObject({ ssrc: 7, fractionLost: 12, packetsLost: 11, highestSequence: 70_000, jitter: 34, lsr: 56, dlsr: 78 });
  expect(hexOf(writeRtcp(parseRtcp((theirs as RtcpSrPacket).serialize()) ?? []))).toBe(hexOf(ours));
});
