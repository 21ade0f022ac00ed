/** The ports of a thread's trunk legs: RTP on an even one, RTCP on the odd one above it (RFC 3550 section 11). */

import type { SocketAddress } from '../base/address.ts';
import { noRecord } from '../base/records.ts';
import type { DataPlane, LegNumber } from './data-plane.ts';
import type { PacketReceiver, PathId, SocketId, UdpDriver } from './io/driver.ts';

/** A trunk leg as its ports see it. */
export interface TrunkPortUser {
  /** In the data plane. */
  readonly number: LegNumber;
  receiveRtcp(path: PathId, buffer: Uint8Array, offset: number, length: number, now: number): void;
  /** A broken invariant ends the session that met it, and nothing else. */
  broken(error: unknown): void;
}

export interface PortPair {
  readonly rtp: SocketId;
  readonly rtcp: SocketId;
}

export class TrunkPorts implements PacketReceiver {
  readonly #driver: UdpDriver;
  readonly #plane: DataPlane;
  /** Indexed by socket, and of those that take RTP the numbers of the legs: media needs no more. */
  readonly #users: Array<TrunkPortUser | undefined> = [];
  readonly #numbers: LegNumber[] = [];

  constructor(driver: UdpDriver, plane: DataPlane) {
    this.#driver = driver;
    this.#plane = plane;
  }

  /** `local`: an address of this machine and the even port of a pair. Rejects with `PortBusy` when either is taken, and keeps none then. */
  async open({ host, port }: SocketAddress, user: TrunkPortUser): Promise<PortPair> {
    const rtp = await this.#driver.bind({ host, port }, this);
    try {
      const rtcp = await this.#driver.bind({ host, port: port + 1 }, this);
      this.#assign(rtp, user, user.number);
      this.#assign(rtcp, user, noRecord);
      return { rtp, rtcp };
    } catch (error) {
      this.#driver.close(rtp);
      throw error;
    }
  }

  close(pair: PortPair): void {
    for (const socket of [pair.rtp, pair.rtcp]) {
      this.#assign(socket, undefined, noRecord);
      this.#driver.close(socket);
    }
  }

  receive(path: PathId, buffer: Uint8Array, offset: number, length: number, now: number): void {
    const socket = this.#driver.socketOf(path);
    const number = this.#numbers[socket] ?? noRecord;
    try {
      if (number !== noRecord) this.#plane.receiveRtp(number, path, buffer, offset, length, now);
      else this.#users[socket]?.receiveRtcp(path, buffer, offset, length, now);
    } catch (error) {
      this.#users[socket]?.broken(error);
    }
  }

  prefetch(path: PathId): number {
    const number = this.#numbers[this.#driver.socketOf(path)] ?? noRecord;
    return number === noRecord ? number : this.#plane.prefetch(number);
  }

  #assign(socket: SocketId, user: TrunkPortUser | undefined, number: LegNumber): void {
    this.#users[socket] = user;
    this.#numbers[socket] = number;
  }
}
