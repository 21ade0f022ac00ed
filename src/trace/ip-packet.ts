/** IP packets made up around SIP messages, so that programs that read captures understand them (RFC 791, 8200, 768, 9293). */

import { hostBytesWithin, isIpv6, type SocketAddress } from '../base/address.ts';
import { ByteWriter, readU16 } from '../base/bytes.ts';

export interface IpPacket {
  readonly source: SocketAddress;
  readonly destination: SocketAddress;
  readonly payload: Uint8Array;
}

/** What fits into one packet of either version with either header. */
export const maxIpPayload = 65_400;

const udpProtocol = 17;
const tcpProtocol = 6;

/** Throws RangeError for hosts that are no IP literals and for a payload longer than `maxIpPayload`. */
export function udpPacket({ source, destination, payload }: IpPacket): Uint8Array {
  const length = 8 + payload.length;
  const datagram = new ByteWriter(length).u16(source.port).u16(destination.port).u16(length).u16(0).raw(payload);
  return ipPacket({ source, destination, payload: datagram.view() }, udpProtocol, 6);
}

/** One segment of an open connection. */
export function tcpPacket({ source, destination, payload }: IpPacket, sequence: number, acknowledged: number): Uint8Array {
  const dataOffset = 0x50;
  const pushAndAck = 0x18;
  const window = 0xffff;
  const segment = new ByteWriter(20 + payload.length).u16(source.port).u16(destination.port).u32(sequence).u32(acknowledged);
  segment.u8(dataOffset).u8(pushAndAck).u16(window).u16(0).u16(0).raw(payload);
  return ipPacket({ source, destination, payload: segment.view() }, tcpProtocol, 16);
}

/** `checksumAt`: where the checksum of the upper protocol stands in its header. */
function ipPacket({ source, destination, payload }: IpPacket, protocol: number, checksumAt: number): Uint8Array {
  if (payload.length > maxIpPayload + 20) throw new RangeError(`packet of ${payload.length} bytes`);
  const version = isIpv6(source.host) || isIpv6(destination.host) ? 6 : 4;
  const from = hostBytesWithin(source.host, version);
  const to = hostBytesWithin(destination.host, version);
  const pseudoHeader = new ByteWriter(40).raw(from).raw(to).u32(payload.length).u32(protocol).view();
  const checksum = checksumOf(sumOf(pseudoHeader) + sumOf(payload));
  const header = version === 6 ? ipv6Header(payload.length, protocol) : ipv4Header(payload.length, protocol, sumOf(from) + sumOf(to));
  const packet = new ByteWriter(header.length + 32 + payload.length).raw(header.view()).raw(from).raw(to);
  const start = packet.length;
  // A UDP checksum of zero would mean that there is none.
  return packet
    .raw(payload)
    .patchU16(start + checksumAt, checksum === 0 && protocol === udpProtocol ? 0xffff : checksum)
    .view();
}

const hopLimit = 64;

function ipv6Header(length: number, protocol: number): ByteWriter {
  return new ByteWriter(40).u32(0x6000_0000).u16(length).u8(protocol).u8(hopLimit);
}

/** Without the addresses, of which it needs the sum. */
function ipv4Header(length: number, protocol: number, addressSum: number): ByteWriter {
  const dontFragment = 0x4000;
  const header = new ByteWriter(20)
    .u16(0x4500)
    .u16(20 + length)
    .u16(0)
    .u16(dontFragment)
    .u8(hopLimit)
    .u8(protocol)
    .u16(0);
  return header.patchU16(10, checksumOf(sumOf(header.view()) + addressSum));
}

/** Of 16-bit words; an odd last octet counts as padded with zero (RFC 1071). */
function sumOf(bytes: Uint8Array): number {
  let sum = 0;
  for (let at = 0; at + 1 < bytes.length; at += 2) sum += readU16(bytes, at);
  return bytes.length % 2 === 0 ? sum : sum + ((bytes[bytes.length - 1] as number) << 8);
}

function checksumOf(sum: number): number {
  let folded = sum;
  while (folded > 0xffff) folded = (folded & 0xffff) + Math.floor(folded / 0x1_0000);
  return ~folded & 0xffff;
}
