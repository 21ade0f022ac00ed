/**
 * A capture file for Wireshark and its like (pcapng: section header, interface description and enhanced packet blocks). A
 * capture that is made of packets alone serves other writers too.
 */

import { ByteWriter } from '../base/bytes.ts';

export interface CapturedPacket {
  /** Milliseconds since the Unix epoch. */
  readonly at: number;
  readonly direction: 'received' | 'sent';
  /** An IP packet of either version. */
  readonly bytes: Uint8Array;
  readonly comments: readonly string[];
}

const sectionHeader = 0x0a0d_0d0a;
const interfaceDescription = 1;
const enhancedPacket = 6;
/** Says that numbers stand with the highest octet first, as they do throughout. */
const byteOrderMagic = 0x1a2b_3c4d;
/** LINKTYPE_RAW: packets begin with their IP header. */
const rawIp = 101;

const option = { end: 0, comment: 1, packetFlags: 2, interfaceName: 2, application: 4 } as const;
const inbound = 1;
const outbound = 2;
/** The length of an option is 16 bits. */
const maxText = 4000;

export function writePcapng(packets: Iterable<CapturedPacket>, comment: string): Uint8Array<ArrayBuffer> {
  const writer = new ByteWriter(65_536);
  writeBlock(writer, sectionHeader, (block) => {
    block.u32(byteOrderMagic).u16(1).u16(0).u32(0xffff_ffff).u32(0xffff_ffff); // version 1.0; the length of the section is not said
    writeText(block, option.comment, comment);
    writeText(block, option.application, 'offhook');
    block.u32(option.end);
  });
  writeBlock(writer, interfaceDescription, (block) => {
    block.u16(rawIp).u16(0).u32(0);
    writeText(block, option.interfaceName, 'offhook');
    block.u32(option.end);
  });
  for (const packet of packets) writeBlock(writer, enhancedPacket, (block) => writePacket(block, packet));
  return Uint8Array.from(writer.view());
}

/** Time is in microseconds, as it is where an interface does not say otherwise. */
function writePacket(block: ByteWriter, { at, direction, bytes, comments }: CapturedPacket): void {
  const micros = Math.floor(at * 1000);
  block
    .u32(0)
    .u32(Math.floor(micros / 0x1_0000_0000))
    .u32(micros % 0x1_0000_0000);
  block.u32(bytes.length).u32(bytes.length);
  writePadded(block, bytes);
  for (const comment of comments) writeText(block, option.comment, comment);
  block
    .u16(option.packetFlags)
    .u16(4)
    .u32(direction === 'received' ? inbound : outbound);
  block.u32(option.end);
}

/** Type, length, content, length again. */
function writeBlock(writer: ByteWriter, type: number, write: (block: ByteWriter) => void): void {
  const block = new ByteWriter(2048);
  write(block);
  const length = block.length + 12;
  writer.u32(type).u32(length).raw(block.view()).u32(length);
}

function writeText(block: ByteWriter, code: number, text: string): void {
  const bytes = Buffer.from(text.slice(0, maxText));
  block.u16(code).u16(bytes.length);
  writePadded(block, bytes);
}

/** Up to a multiple of four octets. */
function writePadded(block: ByteWriter, bytes: Uint8Array): void {
  block.raw(bytes);
  for (let at = bytes.length; at % 4 !== 0; at++) block.u8(0);
}
