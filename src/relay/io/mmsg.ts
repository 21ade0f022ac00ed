/** The fast UDP driver of Linux: polled, in batches, without an object per datagram. */

import type { SocketAddress } from '../../base/address.ts';
import type { Clock } from '../../base/clock.ts';
import { batchSize, Datagrams, type Descriptor, pause, Readiness } from '../../native/udp.ts';
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

/** A burst of a thousand calls must outlast a garbage collection. */
const receiveBufferBytes = 4 << 20;
const maxPaths = 1 << 16;
/** Slots of the address cache: a power of two, well over the paths in use. */
const cacheSize = 1 << 17;
const cacheProbes = 4;

interface BoundSocket {
  readonly fd: Descriptor;
  readonly receiver: PacketReceiver;
  /** Of the last datagram: most sockets have one peer. */
  lastPath: PathId;
  /** How many datagrams to ask for at once: what the socket had lately, doubled. */
  burst: number;
}

/** How long datagrams are gathered before they are relayed: microseconds, or by load. */
export type BatchWindow = number | 'auto';

export class MmsgDriver implements UdpDriver {
  readonly name = 'mmsg';
  readonly poll = (waitMs: number): void => this.#poll(waitMs);
  readonly #clock: Clock;
  readonly #window: Window;
  readonly #datagrams = new Datagrams(maxDatagramBytes, packetHeadroom, maxPaths);
  readonly #readiness = new Readiness();
  readonly #paths = new PathTable();
  readonly #cache = new Int32Array(cacheSize).fill(noPath);
  readonly #sockets: Array<BoundSocket | undefined> = [];
  #polling = false;

  constructor(clock: Clock, batchUs: BatchWindow) {
    this.#clock = clock;
    this.#window = new Window(batchUs);
  }

  async bind(local: SocketAddress, receiver: PacketReceiver): Promise<SocketId> {
    const fd = this.#open(local);
    const free = this.#sockets.indexOf(undefined);
    const id = free < 0 ? this.#sockets.length : free;
    this.#sockets[id] = { fd, receiver, lastPath: noPath, burst: 1 };
    this.#readiness.add(fd, id);
    return id;
  }

  localAddress(socket: SocketId): SocketAddress {
    const bound = this.#sockets[socket];
    if (!bound) throw new Error('the socket is closed');
    return this.#datagrams.localAddress(bound.fd);
  }

  close(socket: SocketId): void {
    const bound = this.#sockets[socket];
    if (!bound) return;
    this.#sockets[socket] = undefined;
    this.#paths.forgetSocket(socket);
    this.#datagrams.close(bound.fd);
  }

  shutdown(): void {
    for (const socket of this.#sockets.keys()) this.close(socket);
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

  send(path: PathId, buffer: Uint8Array, offset: number, length: number): void {
    const bound = this.#sockets[this.#paths.socket(path)];
    if (!bound || length > maxDatagramBytes + packetHeadroom) return;
    this.#datagrams.send(bound.fd, path, buffer, offset, length);
    if (!this.#polling) this.#datagrams.flush();
  }

  #open(local: SocketAddress): Descriptor {
    try {
      return this.#datagrams.open(local, receiveBufferBytes);
    } catch (error) {
      throw (error as NodeJS.ErrnoException).code === 'EADDRINUSE' ? new PortBusy(local) : error;
    }
  }

  #poll(waitMs: number): void {
    const until = this.#clock.now() + waitMs;
    for (let now = until - waitMs; ; ) {
      const gatherUs = this.#window.microseconds;
      if (gatherUs > 0) pause(gatherUs);
      const ready = this.#readiness.wait(gatherUs > 0 ? 0 : Math.max(0, Math.ceil(until - now)));
      now = this.#clock.now();
      let delivered = 0;
      for (let index = 0; index < ready; index++) delivered += this.#drain(this.#readiness.ready(index), now);
      this.#window.observe(delivered, now);
      if (now >= until) return;
    }
  }

  /** One batch of one socket: what is left makes the socket ready again at once. */
  #drain(id: SocketId, now: number): number {
    const bound = this.#sockets[id];
    if (!bound) return 0;
    const count = this.#datagrams.receive(bound.fd, bound.burst);
    this.#polling = true;
    for (let index = 0; index < count && this.#sockets[id] === bound; index++) {
      if (this.#datagrams.truncated(index)) continue;
      const path = this.#pathOf(id, bound, index);
      if (path === noPath) continue;
      bound.receiver.receive(path, this.#datagrams.bytes, this.#datagrams.offset(index), this.#datagrams.length(index), now);
    }
    this.#polling = false;
    this.#datagrams.flush();
    bound.burst = count === bound.burst ? Math.min(count * 2, batchSize) : Math.max(1, count);
    return count;
  }

  /** Whom datagram `index` came from, without making a string of it unless it is new here. */
  #pathOf(id: SocketId, bound: BoundSocket, index: number): PathId {
    if (this.#cameBy(bound.lastPath, id, index)) return bound.lastPath;
    const hash = this.#datagrams.hashOf(index) ^ Math.imul(id, 0x27d4eb2f);
    let slot = hash & (cacheSize - 1);
    for (let probe = 0; probe < cacheProbes; probe++) {
      slot = (hash + probe) & (cacheSize - 1);
      const path = this.#cache[slot] as PathId;
      if (path === noPath) break;
      if (this.#cameBy(path, id, index)) {
        bound.lastPath = path;
        return path;
      }
    }
    const path = this.path(id, this.#datagrams.addressOf(index));
    this.#cache[slot] = path;
    bound.lastPath = path;
    return path;
  }

  #cameBy(path: PathId, id: SocketId, index: number): boolean {
    return path !== noPath && this.#paths.socket(path) === id && this.#datagrams.isFrom(index, path);
  }
}

/** Below this many datagrams a second a thread has time to spare: every one is relayed at once. */
const quietPerSec = 10_000;
const busyPerSec = 30_000;
const longestWindowUs = 1000;
const measuredMs = 100;

/** The gathering time. By load: waking up once a millisecond instead of for every datagram is what saves a busy thread's time. */
class Window {
  readonly #auto: boolean;
  #us: number;
  #count = 0;
  #since = 0;

  constructor(batchUs: BatchWindow) {
    this.#auto = batchUs === 'auto';
    this.#us = batchUs === 'auto' ? 0 : batchUs;
  }

  get microseconds(): number {
    return this.#us;
  }

  observe(delivered: number, now: number): void {
    if (!this.#auto) return;
    this.#count += delivered;
    const elapsed = now - this.#since;
    if (elapsed < measuredMs) return;
    const perSec = (this.#count * 1000) / elapsed;
    const share = (perSec - quietPerSec) / (busyPerSec - quietPerSec);
    this.#us = Math.round(Math.min(1, Math.max(0, share)) * longestWindowUs);
    this.#count = 0;
    this.#since = now;
  }
}
