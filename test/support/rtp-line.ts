/** A plain RTP endpoint on sockets of its own. */

import { createSocket, type Socket } from 'node:dgram';
import type { UdpAddress } from './plain-sip.ts';
import { type ReceivedPacket, RtpVoice } from './rtp-voice.ts';

export class RtpLine extends RtpVoice {
  readonly rtcp: ReceivedPacket[] = [];
  readonly address: UdpAddress;
  readonly #rtp: Socket;
  readonly #rtcp: Socket;
  #target: UdpAddress = { host: '', port: 0 };

  private constructor(rtp: Socket, rtcp: Socket) {
    super((packet) => {
      if (this.#target.port > 0) rtp.send(packet, this.#target.port, this.#target.host);
    });
    this.#rtp = rtp;
    this.#rtcp = rtcp;
    this.address = { host: rtp.address().address, port: rtp.address().port };
    rtp.on('message', (bytes, { address, port }) => this.receive(bytes, { host: address, port }));
    rtcp.on('message', (bytes, { address, port }) => this.rtcp.push({ bytes, from: { host: address, port }, atMs: performance.now() }));
  }

  /** An even port for RTP and the odd one above it for RTCP (RFC 3550 section 11). */
  static async open(host = '127.0.0.1'): Promise<RtpLine> {
    for (let attempt = 0; attempt < 50; attempt += 1) {
      const rtp = await bind(host, 0);
      const { port } = rtp.address();
      const rtcp = port % 2 === 0 ? await bind(host, port + 1).catch(() => undefined) : undefined;
      if (rtcp) return new RtpLine(rtp, rtcp);
      rtp.close();
    }
    throw new Error('no free pair of UDP ports');
  }

  /** Sends from now on to this address: at once for a running tone. */
  aim(target: UdpAddress): void {
    this.#target = target;
  }

  /** Where it sends. */
  get target(): UdpAddress {
    return this.#target;
  }

  sendRtcp(packet: Uint8Array): void {
    this.#rtcp.send(packet, this.#target.port + 1, this.#target.host);
  }

  close(): void {
    this.stop();
    this.#rtp.close();
    this.#rtcp.close();
  }
}

function bind(host: string, port: number): Promise<Socket> {
  const socket = createSocket({ type: host.includes(':') ? 'udp6' : 'udp4', recvBufferSize: 1 << 20 });
  return new Promise((resolve, reject) => {
    socket.once('error', reject);
    socket.bind(port, host, () => resolve(socket.off('error', reject)));
  });
}
