/** RTCP compound packets (RFC 3550 6, A.2): read into plain values, written from them. */

import { ByteReader, ByteWriter, readU16 } from '../base/bytes.ts';

export interface ReportBlock {
  readonly ssrc: number;
  /** Lost since the previous report, in 256ths of what was expected: 0 .. 255. */
  readonly fractionLost: number;
  /** -2^23 .. 2^23-1; negative when duplicates outnumber losses. */
  readonly cumulativeLost: number;
  /** Highest sequence number received, extended by cycles: 0 .. 2^32-1. */
  readonly highestSequence: number;
  /** Timestamp units. */
  readonly jitter: number;
  /** Middle 32 bits of the last sender report's NTP time; 0 when none came. */
  readonly lastSenderReport: number;
  /** Since then, in 1/65536 s. */
  readonly delaySinceLastSenderReport: number;
}

export interface SenderReport {
  readonly type: 'sr';
  readonly ssrc: number;
  readonly ntpSeconds: number;
  readonly ntpFraction: number;
  readonly rtpTimestamp: number;
  readonly packets: number;
  readonly octets: number;
  readonly blocks: readonly ReportBlock[];
}

interface ReceiverReport {
  readonly type: 'rr';
  readonly ssrc: number;
  readonly blocks: readonly ReportBlock[];
}

interface SourceDescription {
  readonly type: 'sdes';
  readonly chunks: readonly SdesChunk[];
}

interface SdesChunk {
  readonly ssrc: number;
  readonly items: readonly SdesItem[];
}

interface SdesItem {
  /** 1 .. 255; `sdesCname` is 1. */
  readonly item: number;
  /** At most 255 bytes of UTF-8. */
  readonly text: string;
}

interface Goodbye {
  readonly type: 'bye';
  readonly ssrcs: readonly number[];
  readonly reason: string | null;
}

/** A packet type that is not interpreted (APP, feedback, extended reports). */
interface OtherRtcp {
  readonly type: 'other';
  /** 192 .. 223 */
  readonly packetType: number;
  /** The 5 bits that count or, in feedback, name a format. */
  readonly count: number;
  /** What follows the first 4 bytes; a multiple of 4 bytes. */
  readonly body: Uint8Array;
}

export type RtcpPacket = SenderReport | ReceiverReport | SourceDescription | Goodbye | OtherRtcp;

export const sdesCname = 1;

const packetTypes = { sr: 200, rr: 201, sdes: 202, bye: 203 } as const;

/**
 * Reads a compound packet; null if any packet of it is malformed. Reduced-size packets (RFC 5506) pass, so the first one may be of
 * any type. Never throws.
 */
export function parseRtcp(bytes: Uint8Array): RtcpPacket[] | null {
  const packets: RtcpPacket[] = [];
  for (let at = 0; at < bytes.length; ) {
    const packet = bytes.length - at < 4 ? null : readPacket(bytes, at);
    if (!packet) return null;
    packets.push(packet);
    at += 4 + 4 * readU16(bytes, at + 2);
  }
  return packets.length > 0 ? packets : null;
}

function readPacket(bytes: Uint8Array, at: number): RtcpPacket | null {
  const first = bytes[at] as number;
  const packetType = bytes[at + 1] as number;
  const next = at + 4 + 4 * readU16(bytes, at + 2);
  if (first >> 6 !== 2 || packetType < 192 || packetType > 223 || next > bytes.length) return null;
  let end = next;
  if (first & 0x20) {
    // Only the last packet of a compound may be padded (RFC 3550 6.4.1).
    const padding = bytes[next - 1] as number;
    if (next !== bytes.length || padding === 0 || padding % 4 !== 0 || padding > next - at - 4) return null;
    end -= padding;
  }
  return readBody(packetType, first & 0x1f, new ByteReader(bytes, at + 4, end));
}

function readBody(packetType: number, count: number, body: ByteReader): RtcpPacket | null {
  switch (packetType) {
    case packetTypes.sr:
      return body.remaining < 24 + 24 * count ? null : readSenderReport(body, count);
    case packetTypes.rr:
      return body.remaining < 4 + 24 * count ? null : { type: 'rr', ssrc: body.u32(), blocks: readBlocks(body, count) };
    case packetTypes.sdes:
      return readSourceDescription(body, count);
    case packetTypes.bye:
      return readGoodbye(body, count);
    default:
      return { type: 'other', packetType, count, body: body.take(body.remaining) };
  }
}

function readSenderReport(body: ByteReader, count: number): SenderReport {
  return {
    type: 'sr',
    ssrc: body.u32(),
    ntpSeconds: body.u32(),
    ntpFraction: body.u32(),
    rtpTimestamp: body.u32(),
    packets: body.u32(),
    octets: body.u32(),
    blocks: readBlocks(body, count),
  };
}

/** What follows the blocks is a profile's extension (RFC 3550 6.4.3) and passed over. */
function readBlocks(body: ByteReader, count: number): ReportBlock[] {
  return Array.from({ length: count }, () => ({
    ssrc: body.u32(),
    fractionLost: body.u8(),
    cumulativeLost: (body.u24() << 8) >> 8,
    highestSequence: body.u32(),
    jitter: body.u32(),
    lastSenderReport: body.u32(),
    delaySinceLastSenderReport: body.u32(),
  }));
}

function readSourceDescription(body: ByteReader, count: number): SourceDescription | null {
  const chunks: SdesChunk[] = [];
  while (chunks.length < count) {
    const chunk = body.remaining < 8 ? null : readChunk(body);
    if (!chunk) return null;
    chunks.push(chunk);
  }
  return { type: 'sdes', chunks };
}

/** Items, then 1 to 4 zero bytes up to the next word (RFC 3550 6.5). */
function readChunk(body: ByteReader): SdesChunk | null {
  const ssrc = body.u32();
  const items: SdesItem[] = [];
  while (body.remaining > 0) {
    const item = body.u8();
    if (item === 0) {
      body.skip(body.remaining % 4);
      return { ssrc, items };
    }
    const length = body.remaining > 0 ? body.u8() : 0;
    if (length > body.remaining) return null;
    items.push({ item, text: textOf(body.take(length)) });
  }
  return null;
}

function readGoodbye(body: ByteReader, count: number): Goodbye | null {
  if (body.remaining < 4 * count) return null;
  const ssrcs = Array.from({ length: count }, () => body.u32());
  if (body.remaining === 0) return { type: 'bye', ssrcs, reason: null };
  const length = body.u8();
  return length > body.remaining ? null : { type: 'bye', ssrcs, reason: textOf(body.take(length)) };
}

/** Writes one compound packet. Throws RangeError for more than 31 blocks, chunks or SSRCs in a packet, or a text over 255 bytes. */
export function writeRtcp(packets: readonly RtcpPacket[]): Uint8Array {
  const writer = new ByteWriter();
  for (const packet of packets) {
    const start = writer.length;
    writeBody(writer, packet);
    writer.patchU16(start + 2, (writer.length - start) / 4 - 1);
  }
  return writer.view();
}

function writeBody(writer: ByteWriter, packet: RtcpPacket): void {
  switch (packet.type) {
    case 'sr':
      writeStart(writer, packetTypes.sr, packet.blocks.length).u32(packet.ssrc).u32(packet.ntpSeconds).u32(packet.ntpFraction);
      writer.u32(packet.rtpTimestamp).u32(packet.packets).u32(packet.octets);
      writeBlocks(writer, packet.blocks);
      break;
    case 'rr':
      writeStart(writer, packetTypes.rr, packet.blocks.length).u32(packet.ssrc);
      writeBlocks(writer, packet.blocks);
      break;
    case 'sdes':
      writeStart(writer, packetTypes.sdes, packet.chunks.length);
      for (const chunk of packet.chunks) writeChunk(writer, chunk);
      break;
    case 'bye':
      writeStart(writer, packetTypes.bye, packet.ssrcs.length);
      for (const ssrc of packet.ssrcs) writer.u32(ssrc);
      if (packet.reason !== null) writeText(writer, packet.reason);
      break;
    case 'other':
      writeStart(writer, packet.packetType, packet.count).raw(packet.body);
  }
  pad(writer);
}

function writeStart(writer: ByteWriter, packetType: number, count: number): ByteWriter {
  if (count > 31) throw new RangeError(`an RTCP packet counts to 31, not ${count}`);
  return writer
    .u8(0x80 | count)
    .u8(packetType)
    .u16(0);
}

function writeBlocks(writer: ByteWriter, blocks: readonly ReportBlock[]): void {
  for (const block of blocks) {
    writer
      .u32(block.ssrc)
      .u8(block.fractionLost)
      .u24(block.cumulativeLost & 0xffffff)
      .u32(block.highestSequence);
    writer.u32(block.jitter).u32(block.lastSenderReport).u32(block.delaySinceLastSenderReport);
  }
}

function writeChunk(writer: ByteWriter, { ssrc, items }: SdesChunk): void {
  writer.u32(ssrc);
  for (const { item, text } of items) {
    writer.u8(item);
    writeText(writer, text);
  }
  writer.u8(0);
  pad(writer);
}

function writeText(writer: ByteWriter, text: string): void {
  const bytes = Buffer.from(text, 'utf8');
  if (bytes.length > 255) throw new RangeError(`an RTCP text has at most 255 bytes, not ${bytes.length}`);
  writer.u8(bytes.length).raw(bytes);
}

/** Every packet begins at a multiple of 4 bytes. */
function pad(writer: ByteWriter): void {
  while (writer.length % 4 !== 0) writer.u8(0);
}

function textOf(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('utf8');
}
