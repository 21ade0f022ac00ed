/** UDP sockets of Linux by number: opened, bound, connected, closed. */

import { isIpv6, type SocketAddress } from '../base/address.ts';
import { descriptorClosing, descriptorOpened } from './descriptors.ts';
import { sharedRegion } from './memory.ts';
import { bind, type Pointer } from './openssl-library.ts';
import { familyOf, maxSockaddrBytes, readSockaddr, sockaddrLength, sockaddrSlotBytes, writeSockaddr } from './sockaddr.ts';
import { check } from './system-error.ts';

// <sys/socket.h>, <netinet/in.h> of Linux, equal on x86-64 and arm64.
const sockDgramNonblockCloexec = 2 | 0o4000 | 0o2000000;
const solSocket = 1;
const soReceiveBuffer = 8;
const soReceiveBufferForce = 33;
const ipprotoIp = 0;
const ipprotoIpv6 = 41;
const ipv6Only = 26;
const ipMtuDiscover = 10;
const ipv6MtuDiscover = 23;
/** Whole or not at all, and whatever ICMP says of the path. */
const mtuProbe = 3;
const afUnspecified = 0;

const socket = bind<(family: number, type: number, protocol: number) => number>('int socket(int, int, int)');
const bindSocket = bind<(fd: number, address: Pointer, length: number) => number>('int bind(int, intptr_t, uint32_t)');
const connectSocket = bind<(fd: number, address: Pointer, length: number) => number>('int connect(int, intptr_t, uint32_t)');
const getsockname = bind<(fd: number, address: Pointer, length: Pointer) => number>('int getsockname(int, intptr_t, intptr_t)');
const setsockopt = bind<(fd: number, level: number, option: number, value: Pointer, length: number) => number>(
  'int setsockopt(int, int, int, intptr_t, uint32_t)',
);
const closeFd = bind<(fd: number) => number>('int close(int)');

export type Descriptor = number;

export class UdpSockets {
  readonly #region = sharedRegion();
  /** A socket address, and its length behind it. */
  readonly #scratch = this.#region.allocate(64);

  /** Opens a bound socket. Throws an Error with a system `code` (EADDRINUSE, EMFILE, ...). */
  open(local: SocketAddress, receiveBufferBytes: number): Descriptor {
    const v6 = isIpv6(local.host);
    const fd = descriptorOpened(check(socket(familyOf(local.host), sockDgramNonblockCloexec, 0), 'socket'));
    try {
      if (v6) check(this.#setOption(fd, ipprotoIpv6, ipv6Only, 1), 'setsockopt');
      this.#neverFragment(fd, v6);
      if (this.#setOption(fd, solSocket, soReceiveBufferForce, receiveBufferBytes) < 0) {
        this.#setOption(fd, solSocket, soReceiveBuffer, receiveBufferBytes);
      }
      writeSockaddr(this.#region.bytes, this.#scratch, local);
      check(bindSocket(fd, this.#at(this.#scratch), sockaddrLength(familyOf(local.host))), 'bind');
    } catch (error) {
      this.close(fd);
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

  /** `address`: a socket address of `length` bytes. False if the system refuses. */
  connect(fd: Descriptor, address: Pointer, length: number): boolean {
    return connectSocket(fd, address, length) === 0;
  }

  /** Undoes `connect`. */
  disconnect(fd: Descriptor): void {
    this.#region.words[this.#scratch >> 2] = afUnspecified;
    connectSocket(fd, this.#at(this.#scratch), maxSockaddrBytes);
  }

  close(fd: Descriptor): void {
    closeFd(descriptorClosing(fd));
  }

  /** Nobody can talk us into fragments with forged ICMP, and what cannot be one needs no identification: 5 % of sending a packet. */
  #neverFragment(fd: Descriptor, v6: boolean): void {
    if (v6) this.#setOption(fd, ipprotoIpv6, ipv6MtuDiscover, mtuProbe);
    else this.#setOption(fd, ipprotoIp, ipMtuDiscover, mtuProbe);
  }

  #setOption(fd: Descriptor, level: number, option: number, value: number): number {
    this.#region.words[this.#scratch >> 2] = value;
    return setsockopt(fd, level, option, this.#at(this.#scratch), 4);
  }

  #at(offset: number): Pointer {
    return this.#region.base + offset;
  }
}
