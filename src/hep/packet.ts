/** One HEP3 packet (Homer Encapsulation Protocol, network protocol specification revision 37): a list of typed chunks. */

import { hostBytesWithin, isIpv6, type SocketAddress } from '../base/address.ts';
import { ByteWriter } from '../base/bytes.ts';

/** What a packet holds. */
export const hepProtocol = { sip: 1, rtcpJson: 5 } as const;

export interface HepPacket {
  /** Of the packet that is reported, as IP has it: 6 TCP, 17 UDP. */
  readonly ipProtocol: number;
  readonly source: SocketAddress;
  readonly destination: SocketAddress;
  /** Milliseconds since the Unix epoch. */
  readonly at: number;
  readonly protocol: number;
  readonly captureId: number;
  readonly password: string | null;
  readonly node: string | null;
  /** What belongs together at the collector. */
  readonly correlationId: string | null;
  readonly payload: Uint8Array;
}

const genericVendor = 0;
const chunkType = {
  ipFamily: 1,
  ipProtocol: 2,
  source4: 3,
  destination4: 4,
  source6: 5,
  destination6: 6,
  sourcePort: 7,
  destinationPort: 8,
  seconds: 9,
  microseconds: 10,
  protocol: 11,
  captureId: 12,
  password: 14,
  payload: 15,
  correlationId: 17,
  node: 19,
} as const;

/** By version of IP; the families are AF_INET and AF_INET6 as the specification numbers them. */
const addressing = {
  4: { family: 2, sourceType: chunkType.source4, destinationType: chunkType.destination4 },
  6: { family: 10, sourceType: chunkType.source6, destinationType: chunkType.destination6 },
} as const;

/** Throws RangeError for a packet that is longer than its length field can say. */
export function writeHepPacket(packet: HepPacket): Uint8Array {
  const chunks = new ChunkWriter();
  const { source, destination, at } = packet;
  const version = isIpv6(source.host) || isIpv6(destination.host) ? 6 : 4;
  const { family, sourceType, destinationType } = addressing[version];
  chunks.u8(chunkType.ipFamily, family);
  chunks.u8(chunkType.ipProtocol, packet.ipProtocol);
  chunks.bytes(sourceType, hostBytesWithin(source.host, version));
  chunks.bytes(destinationType, hostBytesWithin(destination.host, version));
  chunks.u16(chunkType.sourcePort, source.port);
  chunks.u16(chunkType.destinationPort, destination.port);
  chunks.u32(chunkType.seconds, Math.floor(at / 1000));
  chunks.u32(chunkType.microseconds, Math.floor((at % 1000) * 1000));
  chunks.u8(chunkType.protocol, packet.protocol);
  chunks.u32(chunkType.captureId, packet.captureId);
  if (packet.password !== null) chunks.bytes(chunkType.password, Buffer.from(packet.password));
  if (packet.correlationId !== null) chunks.bytes(chunkType.correlationId, Buffer.from(packet.correlationId));
  if (packet.node !== null) chunks.bytes(chunkType.node, Buffer.from(packet.node));
  chunks.bytes(chunkType.payload, packet.payload);
  return chunks.finish();
}

const headerLength = 6;

class ChunkWriter {
  readonly #writer = new ByteWriter(1024).raw(Buffer.from('HEP3')).u16(0);

  u8(type: number, value: number): void {
    this.#chunk(type, 1).u8(value);
  }

  u16(type: number, value: number): void {
    this.#chunk(type, 2).u16(value);
  }

  u32(type: number, value: number): void {
    this.#chunk(type, 4).u32(value);
  }

  bytes(type: number, value: Uint8Array): void {
    this.#chunk(type, value.length).raw(value);
  }

  finish(): Uint8Array {
    const { length } = this.#writer;
    if (length > 0xffff) throw new RangeError(`HEP packet of ${length} bytes`);
    return this.#writer.patchU16(4, length).view();
  }

  #chunk(type: number, length: number): ByteWriter {
    if (length + headerLength > 0xffff) throw new RangeError(`HEP chunk of ${length} bytes`);
    return this.#writer
      .u16(genericVendor)
      .u16(type)
      .u16(headerLength + length);
  }
}
