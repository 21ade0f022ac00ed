/**
 * UDP as the relay sees it. A driver moves datagrams and knows nothing of what is in them. Two shapes fit: one that calls back by
 * itself when a datagram arrives (`poll` is null), and one that is polled in bounded turns by the host.
 *
 * A *path* is one of our sockets together with a remote address, interned as a small integer: a reply to a path leaves from the
 * socket that received, tables indexed by path are plain arrays, and no address is compared or copied per packet.
 */

import type { SocketAddress } from '../../base/address.ts';

/** Small integers of one driver, reused after `close`. */
export type SocketId = number;

/** Small integers of one driver. A path that nobody retains may be forgotten, and its number reused, after the delivery ends. */
export type PathId = number;

/** Never a path. */
export const noPath: PathId = -1;

/** Longest datagram that is delivered; a longer one is no packet of ours and is dropped. */
export const maxDatagramBytes = 2048;

/** Writable bytes behind every delivered packet: room for what SRTP and SRTCP append, and for the padding of a hash. */
export const packetHeadroom = 128;

export interface PacketReceiver {
  /**
   * One datagram: `length` bytes at `offset`, the receiver's to edit in place and to hand to `send` until it returns.
   * `now`: monotonic milliseconds of the arrival.
   */
  receive(path: PathId, buffer: Uint8Array, offset: number, length: number, now: number): void;

  /**
   * Most likely something of `path` is delivered soon: reads what will be needed for it, so that it has come from memory by then. The
   * result means nothing, and keeps the compiler from leaving the reading out.
   */
  prefetch(path: PathId): number;
}

export interface UdpDriver {
  readonly name: 'dgram' | 'mmsg';

  /** Binds one socket (port 0: any). Rejects with `PortBusy` when the port is taken, with the system's error otherwise. */
  bind(local: SocketAddress, receiver: PacketReceiver): Promise<SocketId>;
  localAddress(socket: SocketId): SocketAddress;
  /** No delivery follows. Paths of the socket must have been released. Idempotent. */
  close(socket: SocketId): void;

  /** The path to an address that has not sent anything yet. Not retained. */
  path(socket: SocketId, remote: SocketAddress): PathId;
  remoteAddress(path: PathId): SocketAddress;
  socketOf(path: PathId): SocketId;
  /** Keeps the path's number until as many `release` calls as there were of this. */
  retain(path: PathId): void;
  release(path: PathId): void;

  /**
   * Nothing is wanted on this socket but from `path` (`noPath`: from anybody, as at first). A hint: a driver may let the system drop
   * what comes from elsewhere, and send faster, or do nothing.
   */
  connect(socket: SocketId, path: PathId): void;

  /**
   * Sends without waiting; what the kernel cannot take now is lost, as on any network, and so may be what is longer than the MTU of its
   * way. The bytes of a delivered packet must be left alone afterwards (a polled driver sends them at the end of its poll); bytes of any
   * other buffer are free when this returns.
   */
  send(path: PathId, buffer: Uint8Array, offset: number, length: number): void;

  /** Delivers what has arrived, waiting at most `waitMs`, then sends what was handed in. Returns the milliseconds spent waiting. */
  readonly poll: ((waitMs: number) => number) | null;

  /** Closes every socket. Idempotent. */
  shutdown(): void;
}

export class PortBusy extends Error {
  constructor(local: SocketAddress) {
    super(`UDP port ${local.port} of ${local.host} is in use`);
    this.name = 'PortBusy';
  }
}
