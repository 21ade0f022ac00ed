/** The fast UDP driver of Linux: polled, in batches, without an object per datagram. */

import type { SocketAddress } from '../../base/address.ts';
import type { Clock } from '../../base/clock.ts';
import { Records } from '../../base/records.ts';
import { Readiness } from '../../native/epoll.ts';
import { batchSize, connectedPeer, Datagrams, mostWaiting, pause } from '../../native/udp.ts';
import type { Descriptor } from '../../native/udp-sockets.ts';
import { type BatchUs, BatchWindow } from './batch-window.ts';
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
import { cacheProbes, PathCache } from './path-cache.ts';
import { PathTable } from './path-table.ts';

/** A burst of a thousand calls must outlast a garbage collection. */
const receiveBufferBytes = 4 << 20;
const maxPaths = 1 << 16;

// Words of a socket's record.
const descriptor = 0;
/** Of the last datagram. */
const lastPath = 1;
/** The path that the socket is connected to. */
const connectedPath = 2;
const socketFlags = 3;
const socketWords = 4;

/** A port that was named, not chosen. */
const named = 1;
/** Several peers have spoken here: datagrams are worth taking and sending in batches. */
const crowded = 2;

export class MmsgDriver implements UdpDriver {
  readonly name = 'mmsg';
  readonly poll = (waitMs: number): number => this.#poll(waitMs);
  readonly #clock: Clock;
  readonly #window: BatchWindow;
  readonly #datagrams = new Datagrams(maxDatagramBytes, packetHeadroom, maxPaths);
  readonly #readiness = new Readiness();
  readonly #paths = new PathTable();
  readonly #cache = new PathCache();
  readonly #sockets = new Records(socketWords);
  /** By socket, of those that are open. */
  readonly #receivers: Array<PacketReceiver | undefined> = [];
  /** Which socket each datagram of the present turn came by. */
  readonly #takenBy = new Int32Array(mostWaiting);
  #polling = false;
  /** When datagrams were taken last. */
  #gatheredAt = 0;
  /** What came of prefetching: nothing. */
  #fetched = 0;
  /** A batch was full: there is more. */
  #behind = false;

  constructor(clock: Clock, batchUs: BatchUs) {
    this.#clock = clock;
    this.#window = new BatchWindow(batchUs);
  }

  async bind(local: SocketAddress, receiver: PacketReceiver): Promise<SocketId> {
    const fd = this.#open(local);
    const id = this.#sockets.take();
    this.#receivers[id] = receiver;
    this.#sockets.set(id, descriptor, fd);
    this.#sockets.set(id, lastPath, noPath);
    this.#sockets.set(id, connectedPath, noPath);
    this.#sockets.set(id, socketFlags, local.port === 0 ? 0 : named);
    this.#readiness.add(fd, id);
    return id;
  }

  localAddress(socket: SocketId): SocketAddress {
    if (!this.#receivers[socket]) throw new Error('the socket is closed');
    return this.#datagrams.localAddress(this.#sockets.get(socket, descriptor));
  }

  close(socket: SocketId): void {
    if (!this.#receivers[socket]) return;
    this.#receivers[socket] = undefined;
    this.#paths.forgetSocket(socket);
    this.#datagrams.close(this.#sockets.get(socket, descriptor));
    this.#sockets.giveBack(socket);
  }

  shutdown(): void {
    for (const socket of this.#receivers.keys()) this.close(socket);
    this.#readiness.close();
  }

  path(socket: SocketId, remote: SocketAddress): PathId {
    const path = this.#paths.intern(socket, remote.host, remote.port);
    if (path >= this.#datagrams.endpointCount) return noPath;
    this.#datagrams.setEndpoint(path, remote);
    return path;
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

  connect(socket: SocketId, path: PathId): void {
    if ((this.#sockets.get(socket, socketFlags) & named) === 0 || this.#sockets.get(socket, connectedPath) === path) return;
    const fd = this.#sockets.get(socket, descriptor);
    const connected = path !== noPath && this.#datagrams.connect(fd, path);
    if (!connected) this.#datagrams.disconnect(fd);
    this.#sockets.set(socket, connectedPath, connected ? path : noPath);
  }

  send(path: PathId, buffer: Uint8Array, offset: number, length: number): void {
    const socket = this.#paths.socket(path);
    if (!this.#receivers[socket] || length > maxDatagramBytes + packetHeadroom) return;
    const fd = this.#sockets.get(socket, descriptor);
    const endpoint = path === this.#sockets.get(socket, connectedPath) ? connectedPeer : path;
    if (this.#polling) this.#datagrams.queue(fd, endpoint, buffer, offset, length);
    else this.#datagrams.send(fd, endpoint, buffer, offset, length);
  }

  #open(local: SocketAddress): Descriptor {
    try {
      return this.#datagrams.open(local, receiveBufferBytes);
    } catch (error) {
      throw (error as NodeJS.ErrnoException).code === 'EADDRINUSE' ? new PortBusy(local) : error;
    }
  }

  #poll(waitMs: number): number {
    let waitedMs = 0;
    const until = this.#clock.now() + waitMs;
    for (let now = until - waitMs; ; ) {
      const gathers = this.#window.microseconds > 0;
      if (gathers && !this.#behind) this.#gather(now);
      const ready = this.#readiness.wait(gathers ? 0 : Math.max(0, Math.ceil(until - now)));
      this.#gatheredAt = this.#clock.now();
      waitedMs += this.#gatheredAt - now;
      this.#window.observe(this.#deliver(ready, this.#gatheredAt), this.#gatheredAt);
      now = this.#clock.now();
      if (now >= until) return waitedMs;
    }
  }

  /** Sleeps for what is left of the window: it began with the last delivery, so that work does not come on top of it. */
  #gather(now: number): void {
    const leftUs = this.#window.microseconds - Math.round((now - this.#gatheredAt) * 1000);
    if (leftUs > 0) pause(leftUs);
  }

  /** One datagram, or one batch, of each socket that is ready: what is left makes it ready again at once. */
  #deliver(ready: number, now: number): number {
    let delivered = 0;
    this.#behind = false;
    this.#polling = true;
    for (let index = 0; index < ready; index++) {
      if (this.#datagrams.room < batchSize) this.#handOver(now);
      delivered += this.#take(this.#readiness.ready(index));
    }
    this.#handOver(now);
    this.#polling = false;
    return delivered;
  }

  #take(id: SocketId): number {
    if (!this.#receivers[id]) return 0;
    const datagrams = this.#datagrams;
    const first = datagrams.received;
    const fd = this.#sockets.get(id, descriptor);
    const count = (this.#sockets.get(id, socketFlags) & crowded) === 0 ? datagrams.receive(fd) : datagrams.receiveBatch(fd);
    if (count === batchSize) this.#behind = true;
    for (let index = first; index < first + count; index++) this.#takenBy[index] = id;
    return count;
  }

  /** What was taken, to those whose sockets are still open; then out goes what they send. */
  #handOver(now: number): void {
    const datagrams = this.#datagrams;
    this.#prefetch();
    for (let index = 0; index < datagrams.received; index++) {
      const id = this.#takenBy[index] as SocketId;
      const receiver = this.#receivers[id];
      const length = datagrams.length(index);
      if (!receiver || length < 0) continue;
      const path = this.#pathOf(id, index);
      if (path !== noPath) receiver.receive(path, datagrams.bytes, datagrams.offset(index), length, now);
    }
    datagrams.clear();
  }

  /** For all datagrams at once, so that the memory for one is on its way while the next is looked at. */
  #prefetch(): void {
    for (let index = 0; index < this.#datagrams.received; index++) {
      const id = this.#takenBy[index] as SocketId;
      const path = this.#likelyPath(id, index);
      if (path === noPath || this.#paths.socket(path) !== id) continue;
      this.#fetched ^= this.#datagrams.prefetch(path) ^ (this.#receivers[id]?.prefetch(path) ?? 0);
    }
  }

  /** Without the certainty of `#pathOf`. */
  #likelyPath(id: SocketId, index: number): PathId {
    if ((this.#sockets.get(id, socketFlags) & crowded) === 0) return this.#sockets.get(id, lastPath);
    return this.#cache.get(this.#hashOf(id, index), 0);
  }

  /** Whom datagram `index` came from, without making a string of it unless it is new here. */
  #pathOf(id: SocketId, index: number): PathId {
    const last = this.#sockets.get(id, lastPath);
    if (this.#cameBy(last, id, index)) return last;
    if (last !== noPath) this.#sockets.set(id, socketFlags, this.#sockets.get(id, socketFlags) | crowded);
    const path = this.#find(id, index);
    this.#sockets.set(id, lastPath, path);
    return path;
  }

  #find(id: SocketId, index: number): PathId {
    const hash = this.#hashOf(id, index);
    for (let probe = 0; probe < cacheProbes; probe++) {
      const path = this.#cache.get(hash, probe);
      if (path === noPath) break;
      if (this.#cameBy(path, id, index)) return path;
    }
    const path = this.path(id, this.#datagrams.addressOf(index));
    if (path !== noPath) this.#cache.put(hash, path, this.#paths.size);
    return path;
  }

  #hashOf(id: SocketId, index: number): number {
    return this.#datagrams.hashOf(index) ^ Math.imul(id, 0x27d4eb2f);
  }

  #cameBy(path: PathId, id: SocketId, index: number): boolean {
    return path !== noPath && this.#paths.socket(path) === id && this.#datagrams.isFrom(index, path);
  }
}
