/** The portable UDP driver, on node:dgram: calls back by itself, copies each datagram once into a buffer with room behind it. */

import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import { isIpv6, type SocketAddress } from '../../base/address.ts';
import type { Clock } from '../../base/clock.ts';
import {
  maxDatagramBytes,
  noPath,
  type PacketReceiver,
  type PathId,
  PortBusy,
  packetHeadroom,
  type SocketId,
  type UdpDriver,
} from './driver.ts';
import { PathTable } from './path-table.ts';

/** Asked for, and cut down by the kernel to its own limit: a burst must outlast a garbage collection. */
const receiveBufferBytes = 1 << 20;

interface BoundSocket {
  readonly socket: Socket;
  readonly local: SocketAddress;
  readonly receiver: PacketReceiver;
  /** What is being sent: node:dgram reads it after `send` returns when the kernel's queue is full. */
  readonly outgoing: Uint8Array;
  /** Of the last datagram: most sockets have one peer. */
  lastPath: PathId;
}

export class DgramDriver implements UdpDriver {
  readonly name = 'dgram';
  readonly poll = null;
  readonly #clock: Clock;
  readonly #paths = new PathTable();
  readonly #sockets: Array<BoundSocket | undefined> = [];
  readonly #incoming = new Uint8Array(maxDatagramBytes + packetHeadroom);

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  async bind(local: SocketAddress, receiver: PacketReceiver): Promise<SocketId> {
    const socket = await bindSocket(local);
    const { address: host, port } = socket.address();
    const free = this.#sockets.indexOf(undefined);
    const id = free < 0 ? this.#sockets.length : free;
    const bound = { socket, local: { host, port }, receiver, outgoing: new Uint8Array(maxDatagramBytes), lastPath: noPath };
    this.#sockets[id] = bound;
    socket.on('message', (datagram, from) => this.#deliver(id, bound, datagram, from));
    // Without a listener an error would end the process. It costs a datagram, or all that follow: loss and silence are watched for above.
    socket.on('error', () => {});
    return id;
  }

  localAddress(socket: SocketId): SocketAddress {
    const bound = this.#sockets[socket];
    if (!bound) throw new Error('the socket is closed');
    return bound.local;
  }

  close(socket: SocketId): void {
    const bound = this.#sockets[socket];
    if (!bound) return;
    this.#sockets[socket] = undefined;
    this.#paths.forgetSocket(socket);
    bound.socket.removeAllListeners('message');
    bound.socket.close();
  }

  shutdown(): void {
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

  /** A connected socket of node:dgram takes no other address, which `send` would have to know. */
  connect(): void {}

  send(path: PathId, buffer: Uint8Array, offset: number, length: number): void {
    const bound = this.#sockets[this.#paths.socket(path)];
    const { host, port } = this.#paths.remote(path);
    // A source port of 0 is legal to receive from (RFC 768) and cannot be answered.
    if (!bound || port === 0 || length > maxDatagramBytes || bound.socket.getSendQueueCount() > 0) return;
    copy(buffer, offset, length, bound.outgoing);
    bound.socket.send(bound.outgoing, 0, length, port, host);
  }

  #deliver(id: SocketId, bound: BoundSocket, datagram: Uint8Array, from: RemoteInfo): void {
    const { length } = datagram;
    if (length > maxDatagramBytes || this.#sockets[id] !== bound) return;
    copy(datagram, 0, length, this.#incoming);
    if (!this.#paths.matches(bound.lastPath, id, from.address, from.port)) {
      bound.lastPath = this.#paths.intern(id, from.address, from.port);
    }
    bound.receiver.receive(bound.lastPath, this.#incoming, 0, length, this.#clock.now());
  }
}

/** Voice packets are short: a loop over them is cheaper than `set` with the view that it would need. */
function copy(from: Uint8Array, offset: number, length: number, to: Uint8Array): void {
  for (let at = 0; at < length; at++) to[at] = from[offset + at] as number;
}

function bindSocket(local: SocketAddress): Promise<Socket> {
  const family = isIpv6(local.host) ? 6 : 4;
  const socket = createSocket({
    type: family === 6 ? 'udp6' : 'udp4',
    ipv6Only: family === 6,
    recvBufferSize: receiveBufferBytes,
    // Only literals are ever sent to: answered at once, without the resolver and its thread.
    lookup: (host, _options, done) => done(null, host, family),
  });
  return new Promise((resolve, reject) => {
    socket.once('error', (error: NodeJS.ErrnoException) => {
      socket.close();
      reject(error.code === 'EADDRINUSE' ? new PortBusy(local) : error);
    });
    socket.bind({ address: local.host, port: local.port, exclusive: true }, () => {
      socket.removeAllListeners('error');
      resolve(socket);
    });
  });
}
