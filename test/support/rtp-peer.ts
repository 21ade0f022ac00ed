/** A bare UDP endpoint that speaks RTP: sends exactly the packets it is told to, remembers what comes. */

import { createSocket, type Socket } from 'node:dgram';
import type { SocketAddress } from '../../src/base/address.ts';
import { createRtpHeader, type RtpHeader, readRtpHeader, rtpFixedHeaderLength, writeRtpHeader } from '../../src/rtp/header.ts';
import { pause } from './until.ts';

export interface RtpPacket extends RtpHeader {
  readonly payload: Uint8Array;
  /** Monotonic milliseconds. */
  readonly at: number;
}

export type OutgoingRtp = Partial<Pick<RtpHeader, 'marker' | 'payloadType' | 'sequence' | 'timestamp' | 'ssrc'>> & {
  readonly payload?: Uint8Array;
};

/** Builds packets of one source that count on by themselves: 20 ms of G.711 unless told otherwise. */
export class RtpSource {
  ssrc: number;
  sequence: number;
  timestamp: number;
  payloadType: number;

  constructor(ssrc = 0x1234, sequence = 100, timestamp = 5000, payloadType = 0) {
    this.ssrc = ssrc;
    this.sequence = sequence;
    this.timestamp = timestamp;
    this.payloadType = payloadType;
  }

  next(changes: OutgoingRtp = {}): Uint8Array {
    const packet = rtpBytes({
      ssrc: this.ssrc,
      sequence: this.sequence,
      timestamp: this.timestamp,
      payloadType: this.payloadType,
      ...changes,
    });
    this.sequence = (this.sequence + 1) & 0xffff;
    this.timestamp = (this.timestamp + 160) >>> 0;
    return packet;
  }
}

export function rtpBytes(packet: OutgoingRtp): Uint8Array {
  const { payload = new Uint8Array(160).fill(0x55), marker = false, payloadType = 0, sequence = 0, timestamp = 0, ssrc = 0 } = packet;
  const bytes = new Uint8Array(rtpFixedHeaderLength + payload.length);
  writeRtpHeader(bytes, 0, { marker, payloadType, sequence, timestamp, ssrc });
  bytes.set(payload, rtpFixedHeaderLength);
  return bytes;
}

export function parseRtp(bytes: Uint8Array): RtpPacket {
  const header = createRtpHeader();
  if (!readRtpHeader(bytes, 0, bytes.length, header)) throw new Error('no RTP packet');
  const { headerLength, payloadLength } = header;
  return { ...header, payload: bytes.slice(headerLength, headerLength + payloadLength), at: performance.now() };
}

export class RtpPeer {
  readonly datagrams: Uint8Array[] = [];
  readonly address: SocketAddress;
  readonly #socket: Socket;

  private constructor(socket: Socket) {
    this.#socket = socket;
    this.address = { host: socket.address().address, port: socket.address().port };
    socket.on('message', (datagram) => this.datagrams.push(new Uint8Array(datagram)));
  }

  static async open(host = '127.0.0.1', port = 0): Promise<RtpPeer> {
    const socket = createSocket(host.includes(':') ? 'udp6' : 'udp4');
    await new Promise<void>((resolve, reject) => {
      socket.once('error', reject);
      socket.bind(port, host, resolve);
    });
    return new RtpPeer(socket);
  }

  get packets(): RtpPacket[] {
    return this.datagrams.map(parseRtp);
  }

  send(bytes: Uint8Array, to: SocketAddress): void {
    this.#socket.send(bytes, to.port, to.host);
  }

  /** Sends `count` packets of `source`, one every `everyMs`. */
  async stream(source: RtpSource, to: SocketAddress, count: number, everyMs = 20): Promise<void> {
    const start = performance.now();
    for (let sent = 0; sent < count; sent++) {
      await pause(start + sent * everyMs - performance.now());
      this.send(source.next(), to);
    }
  }

  close(): void {
    this.#socket.close();
  }
}
