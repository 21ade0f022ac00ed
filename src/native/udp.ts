/**
 * Linux UDP sockets by number, received and sent in batches: recvmmsg, sendmmsg and epoll over one pool of buffers in the shared
 * region. Nothing here allocates per datagram. `Endpoints` are socket addresses as the kernel wants them, by slot.
 */

import koffi from 'koffi';
import { isIpv6, type SocketAddress } from '../base/address.ts';
import { sharedRegion } from './memory.ts';
import { bind, type Pointer } from './openssl-library.ts';
import { familyOf, maxSockaddrBytes, readSockaddr, sockaddrLength, sockaddrSlotBytes, writeSockaddr } from './sockaddr.ts';

// <sys/socket.h>, <netinet/in.h>, <sys/epoll.h> of Linux: equal on x86-64 and arm64 but for the packing of epoll_event.
const sockDgramNonblockCloexec = 2 | 0o4000 | 0o2000000;
const solSocket = 1;
const soReceiveBuffer = 8;
const soReceiveBufferForce = 33;
const ipprotoIpv6 = 41;
const ipv6Only = 26;
const msgDontWait = 0x40;
const msgTruncated = 0x20;
const epollCloexec = 0o2000000;
const epollAdd = 1;
const epollIn = 1;
const epollEventBytes = process.arch === 'x64' ? 12 : 16;
const epollDataAt = process.arch === 'x64' ? 4 : 8;

const mmsghdrBytes = 64;
const iovecBytes = 16;

const interrupted = 4; // EINTR

const socket = bind<(family: number, type: number, protocol: number) => number>('int socket(int, int, int)');
const bindSocket = bind<(fd: number, address: Pointer, length: number) => number>('int bind(int, intptr_t, uint32_t)');
const getsockname = bind<(fd: number, address: Pointer, length: Pointer) => number>('int getsockname(int, intptr_t, intptr_t)');
const setsockopt = bind<(fd: number, level: number, option: number, value: Pointer, length: number) => number>(
  'int setsockopt(int, int, int, intptr_t, uint32_t)',
);
const closeFd = bind<(fd: number) => number>('int close(int)');
const recvmmsg = bind<(fd: number, messages: Pointer, count: number, flags: number, timeout: Pointer) => number>(
  'int recvmmsg(int, intptr_t, unsigned int, int, intptr_t)',
);
const sendmmsg = bind<(fd: number, messages: Pointer, count: number, flags: number) => number>(
  'int sendmmsg(int, intptr_t, unsigned int, int)',
);
const epollCreate = bind<(flags: number) => number>('int epoll_create1(int)');
const epollControl = bind<(epoll: number, operation: number, fd: number, event: Pointer) => number>(
  'int epoll_ctl(int, int, int, intptr_t)',
);
const epollWait = bind<(epoll: number, events: Pointer, max: number, timeoutMs: number) => number>(
  'int epoll_wait(int, intptr_t, int, int)',
);
const usleep = bind<(microseconds: number) => number>('int usleep(unsigned int)');

/** A socket of this module. */
export type Descriptor = number;

/** Which slot of the address pool. */
export type Endpoint = number;

/** Datagrams that one receive takes at most, and datagrams that wait to be sent at most. */
export const batchSize = 64;

/** Gives this thread's processor away for about `microseconds`. */
export function pause(microseconds: number): void {
  usleep(microseconds);
}

export class Datagrams {
  readonly #region = sharedRegion();
  readonly #bufferBytes: number;
  readonly #received: MessageVector;
  readonly #sending: MessageVector;
  readonly #endpoints: number;
  readonly #endpointCount: number;
  readonly #scratch: number;
  #queued = 0;
  #queuedFor: Descriptor = -1;

  /** `maxDatagram` bytes are received, `headroom` more may be written behind them; `endpoints` addresses can be known at once. */
  constructor(maxDatagram: number, headroom: number, endpoints: number) {
    this.#bufferBytes = (maxDatagram + headroom + 63) & ~63;
    this.#received = new MessageVector(this.#bufferBytes, maxDatagram);
    this.#sending = new MessageVector(this.#bufferBytes, maxDatagram);
    this.#endpointCount = endpoints;
    this.#endpoints = this.#region.allocate(endpoints * sockaddrSlotBytes);
    this.#scratch = this.#region.allocate(64);
  }

  /** What `receive` and `send` give offsets into. */
  get bytes(): Uint8Array {
    return this.#region.bytes;
  }

  /** Opens a bound socket. Throws an Error with a system `code` (EADDRINUSE, EMFILE, ...). */
  open(local: SocketAddress, receiveBufferBytes: number): Descriptor {
    const v6 = isIpv6(local.host);
    const fd = check(socket(familyOf(local.host), sockDgramNonblockCloexec, 0), 'socket');
    try {
      if (v6) check(this.#setOption(fd, ipprotoIpv6, ipv6Only, 1), 'setsockopt');
      if (this.#setOption(fd, solSocket, soReceiveBufferForce, receiveBufferBytes) < 0) {
        this.#setOption(fd, solSocket, soReceiveBuffer, receiveBufferBytes);
      }
      writeSockaddr(this.#region.bytes, this.#scratch, local);
      check(bindSocket(fd, this.#at(this.#scratch), sockaddrLength(familyOf(local.host))), 'bind');
    } catch (error) {
      closeFd(fd);
      throw error;
    }
    return fd;
  }

  localAddress(fd: Descriptor): SocketAddress {
    const lengthAt = this.#scratch + sockaddrSlotBytes;
    this.#region.words[lengthAt >> 2] = maxSockaddrBytes;
    check(getsockname(fd, this.#at(this.#scratch), this.#at(lengthAt)), 'getsockname');
    return readSockaddr(this.#region.bytes, this.#scratch);
  }

  close(fd: Descriptor): void {
    if (this.#queuedFor === fd) this.flush();
    closeFd(fd);
  }

  /** Receives at most `max` (up to `batchSize`) datagrams that are there already; how many it was. */
  receive(fd: Descriptor, max: number): number {
    const vector = this.#received;
    for (let index = 0; index < max; index++) vector.expectName(index);
    const count = recvmmsg(fd, vector.base, max, msgDontWait, 0);
    return Math.max(count, 0);
  }

  /** Where in `bytes` received datagram `index` begins. */
  offset(index: number): number {
    return this.#received.buffer(index);
  }

  length(index: number): number {
    return this.#received.length(index);
  }

  /** Whether datagram `index` was longer than what was received of it. */
  truncated(index: number): boolean {
    return this.#received.truncated(index);
  }

  /** Whether datagram `index` came from `endpoint`. */
  isFrom(index: number, endpoint: Endpoint): boolean {
    const { words } = this.#region;
    const name = this.#received.name(index) >> 2;
    const known = this.#slot(endpoint) >> 2;
    // Family and port, IPv4 address; for IPv6 the flow label (second word) is no part of the address.
    if (words[name] !== words[known]) return false;
    if (this.#received.nameLength(index) === 16) return words[name + 1] === words[known + 1];
    return (
      words[name + 2] === words[known + 2] &&
      words[name + 3] === words[known + 3] &&
      words[name + 4] === words[known + 4] &&
      words[name + 5] === words[known + 5]
    );
  }

  /** A hash of the address that datagram `index` came from: 32 bits, signed. */
  hashOf(index: number): number {
    const { words } = this.#region;
    const name = this.#received.name(index) >> 2;
    let hash = Math.imul((words[name] as number) >>> 16, 0x85ebca6b);
    const last = this.#received.nameLength(index) === 16 ? 1 : 5;
    for (let word = last === 1 ? 1 : 2; word <= last; word++) hash = Math.imul(hash ^ (words[name + word] as number), 0x9e3779b1);
    return hash ^ (hash >>> 15);
  }

  addressOf(index: number): SocketAddress {
    return readSockaddr(this.#region.bytes, this.#received.name(index));
  }

  /** Writes an address into a slot of the pool. */
  setEndpoint(endpoint: Endpoint, address: SocketAddress): void {
    writeSockaddr(this.#region.bytes, this.#slot(endpoint), address);
  }

  get endpointCount(): number {
    return this.#endpointCount;
  }

  /**
   * Hands a datagram to `fd`: sent with the next flush, which also comes when another socket sends or the queue is full. Bytes of
   * `this.bytes` are not copied: leave them alone until then.
   */
  send(fd: Descriptor, endpoint: Endpoint, buffer: Uint8Array, offset: number, length: number): void {
    if (this.#queuedFor !== fd || this.#queued === batchSize) this.flush();
    const index = this.#queued++;
    this.#queuedFor = fd;
    let at = offset;
    if (buffer !== this.#region.bytes) {
      at = this.#sending.buffer(index);
      if (length > this.#bufferBytes) return;
      for (let byte = 0; byte < length; byte++) this.#region.bytes[at + byte] = buffer[offset + byte] as number;
    }
    const slot = this.#slot(endpoint);
    this.#sending.set(index, at, length, slot, sockaddrLength(this.#region.bytes[slot] as number));
  }

  /** Sends what was handed in. What the kernel does not take now is lost; an address that cannot be reached costs only its own. */
  flush(): void {
    const count = this.#queued;
    const fd = this.#queuedFor;
    this.#queued = 0;
    this.#queuedFor = -1;
    for (let sent = 0; sent < count; ) {
      const taken = sendmmsg(fd, this.#sending.base + sent * mmsghdrBytes, count - sent, msgDontWait);
      if (taken > 0) sent += taken;
      else if (koffi.errno() !== interrupted) sent++;
    }
  }

  #slot(endpoint: Endpoint): number {
    return this.#endpoints + endpoint * sockaddrSlotBytes;
  }

  #at(offset: number): Pointer {
    return this.#region.base + offset;
  }

  #setOption(fd: Descriptor, level: number, option: number, value: number): number {
    this.#region.words[this.#scratch >> 2] = value;
    return setsockopt(fd, level, option, this.#at(this.#scratch), 4);
  }
}

/** An array of struct mmsghdr, each with one iovec, one buffer and one address of its own. */
class MessageVector {
  readonly base: Pointer;
  readonly #region = sharedRegion();
  readonly #headers = this.#region.allocate(batchSize * mmsghdrBytes);
  readonly #vectors = this.#region.allocate(batchSize * iovecBytes);
  readonly #names = this.#region.allocate(batchSize * sockaddrSlotBytes);
  readonly #buffers: number;
  readonly #bufferBytes: number;

  constructor(bufferBytes: number, maxDatagram: number) {
    this.#bufferBytes = bufferBytes;
    this.#buffers = this.#region.allocate(batchSize * bufferBytes);
    this.base = this.#region.base + this.#headers;
    for (let index = 0; index < batchSize; index++) {
      this.set(index, this.buffer(index), maxDatagram, this.name(index), maxSockaddrBytes);
      const header = (this.#headers + index * mmsghdrBytes) >> 2;
      writePointer(this.#region.words, header + 4, this.#region.base + this.#vectors + index * iovecBytes);
      this.#region.words[header + 6] = 1;
    }
  }

  set(index: number, offset: number, length: number, nameAt: number, nameLength: number): void {
    const { words, base } = this.#region;
    const header = (this.#headers + index * mmsghdrBytes) >> 2;
    const vector = (this.#vectors + index * iovecBytes) >> 2;
    writePointer(words, header, base + nameAt);
    words[header + 2] = nameLength;
    writePointer(words, vector, base + offset);
    words[vector + 2] = length;
  }

  expectName(index: number): void {
    this.#region.words[((this.#headers + index * mmsghdrBytes) >> 2) + 2] = maxSockaddrBytes;
  }

  buffer(index: number): number {
    return this.#buffers + index * this.#bufferBytes;
  }

  name(index: number): number {
    return this.#names + index * sockaddrSlotBytes;
  }

  nameLength(index: number): number {
    return this.#region.words[((this.#headers + index * mmsghdrBytes) >> 2) + 2] as number;
  }

  length(index: number): number {
    return this.#region.words[((this.#headers + index * mmsghdrBytes) >> 2) + 14] as number;
  }

  truncated(index: number): boolean {
    return ((this.#region.words[((this.#headers + index * mmsghdrBytes) >> 2) + 12] as number) & msgTruncated) !== 0;
  }
}

/** Which sockets have something to receive. */
export class Readiness {
  readonly #region = sharedRegion();
  readonly #epoll = check(epollCreate(epollCloexec), 'epoll_create1');
  readonly #events = this.#region.allocate(batchSize * 4 * epollEventBytes);

  /** `tag` comes back from `ready`. Closing the socket removes it. */
  add(fd: Descriptor, tag: number): void {
    const event = this.#events;
    this.#region.bytes.fill(0, event, event + epollEventBytes);
    this.#region.words[event >> 2] = epollIn;
    this.#region.words[(event + epollDataAt) >> 2] = tag;
    check(epollControl(this.#epoll, epollAdd, fd, this.#region.base + event), 'epoll_ctl');
  }

  /** Waits up to `timeoutMs` for the first; how many are ready. A signal counts as a wait that ended early. */
  wait(timeoutMs: number): number {
    const count = epollWait(this.#epoll, this.#region.base + this.#events, batchSize * 4, timeoutMs);
    return Math.max(count, 0);
  }

  ready(index: number): number {
    return this.#region.words[(this.#events + index * epollEventBytes + epollDataAt) >> 2] as number;
  }

  close(): void {
    closeFd(this.#epoll);
  }
}

/** Little-endian, as x86-64 and arm64 are: the self-test refuses anything else. */
function writePointer(words: Uint32Array, at: number, pointer: Pointer): void {
  words[at] = pointer;
  words[at + 1] = pointer / 0x100000000;
}

function check(result: number, call: string): number {
  if (result >= 0) return result;
  const code = systemCode(koffi.errno());
  throw Object.assign(new Error(`${call}: ${code}`), { code });
}

function systemCode(errno: number): string {
  for (const [name, number] of Object.entries(koffi.os.errno)) if (number === errno) return name;
  return `errno ${errno}`;
}
