/** UDP without a network: the test puts datagrams in and looks at what came out. */

import type { SocketAddress } from '../../../src/base/address.ts';
import {
  maxDatagramBytes,
  type PacketReceiver,
  type PathId,
  PortBusy,
  packetHeadroom,
  type SocketId,
  type UdpDriver,
} from '../../../src/relay/io/driver.ts';
import { PathTable } from '../../../src/relay/io/path-table.ts';

export class MemoryUdp implements UdpDriver {
  readonly name = 'dgram';
  readonly sent: { bytes: Uint8Array; from: SocketAddress; to: SocketAddress }[] = [];
  readonly poll: ((waitMs: number) => number) | null;
  /** How long each poll was to wait. */
  readonly polls: number[] = [];
  /** What each poll says that it waited. */
  waitedMs = 0;
  /** Done during the next poll. */
  onPoll: () => void = () => {};
  shutdowns = 0;
  readonly #paths = new PathTable();
  readonly #sockets = new Map<SocketId, { local: SocketAddress; receiver: PacketReceiver }>();
  readonly #buffer = new Uint8Array(maxDatagramBytes + packetHeadroom);
  #next = 0;

  constructor(polled = false) {
    this.poll = polled
      ? (waitMs) => {
          this.polls.push(waitMs);
          this.onPoll();
          return this.waitedMs;
        }
      : null;
  }

  get open(): number {
    return this.#sockets.size;
  }

  async bind(local: SocketAddress, receiver: PacketReceiver): Promise<SocketId> {
    for (const socket of this.#sockets.values()) if (socket.local.port === local.port) throw new PortBusy(local);
    this.#sockets.set(++this.#next, { local, receiver });
    return this.#next;
  }

  /** A datagram arrives. */
  deliver(bytes: Uint8Array, from: SocketAddress, toPort: number, now: number): void {
    for (const [id, { local, receiver }] of this.#sockets) {
      if (local.port !== toPort) continue;
      this.#buffer.set(bytes);
      receiver.receive(this.#paths.intern(id, from.host, from.port), this.#buffer, 0, bytes.length, now);
      return;
    }
  }

  localAddress(socket: SocketId): SocketAddress {
    return this.#sockets.get(socket)?.local ?? { host: '', port: 0 };
  }

  close(socket: SocketId): void {
    if (this.#sockets.delete(socket)) this.#paths.forgetSocket(socket);
  }

  shutdown(): void {
    this.shutdowns++;
    for (const socket of this.#sockets.keys()) this.close(socket);
  }

  path(socket: SocketId, remote: SocketAddress): PathId {
    return this.#paths.intern(socket, remote.host, remote.port);
  }

  remoteAddress(path: PathId): SocketAddress {
    return this.#paths.remote(path);
  }

  socketOf(path: PathId): SocketId {
    return this.#paths.socket(path);
  }

  retain(path: PathId): void {
    this.#paths.retain(path);
  }

  release(path: PathId): void {
    this.#paths.release(path);
  }

  connect(): void {}

  send(path: PathId, buffer: Uint8Array, offset: number, length: number): void {
    const from = this.localAddress(this.#paths.socket(path));
    this.sent.push({ bytes: buffer.slice(offset, offset + length), from, to: this.#paths.remote(path) });
  }
}
