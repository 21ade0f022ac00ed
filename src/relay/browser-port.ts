/**
 * The one UDP port that all browsers of a thread share, on one socket per address of this machine. STUN finds its leg by our ufrag;
 * DTLS, RTP and RTCP by the path that they came on, which a leg has claimed by an ICE check.
 */

import type { SocketAddress } from '../base/address.ts';
import { noRecord } from '../base/records.ts';
import { ufragsOf } from '../ice/lite-agent.ts';
import { parseStun, type StunMessage } from '../stun/message.ts';
import type { DataPlane, LegNumber } from './data-plane.ts';
import { type PacketKind, packetKind } from './demux.ts';
import { noPath, type PacketReceiver, type PathId, type SocketId, type UdpDriver } from './io/driver.ts';

/** A browser leg as its port sees it. */
export interface PortUser {
  /** In the data plane. */
  readonly number: LegNumber;
  receiveStun(message: StunMessage, path: PathId, now: number): void;
  /** The bytes are read during the call. */
  receiveDtls(datagram: Uint8Array, path: PathId): void;
  receiveRtcp(buffer: Uint8Array, offset: number, length: number, now: number): void;
  /** A datagram of this leg met a broken invariant. */
  broken(error: unknown): void;
}

export class BrowserPort implements PacketReceiver {
  readonly #driver: UdpDriver;
  readonly #plane: DataPlane;
  readonly #sockets: SocketId[] = [];
  readonly #byUfrag = new Map<string, PortUser>();
  readonly #byRemoteUfrag = new Map<string, PortUser>();
  /** Indexed by path, and their numbers: media needs no more. */
  readonly #byPath: Array<PortUser | undefined> = [];
  readonly #numbers: LegNumber[] = [];
  #strays = 0;

  constructor(driver: UdpDriver, plane: DataPlane) {
    this.#driver = driver;
    this.#plane = plane;
  }

  /** Binds one socket per host, all to one port (0: any, each its own). Rejects with the driver's error. */
  async open(hosts: readonly string[], port: number): Promise<void> {
    for (const host of hosts) this.#sockets.push(await this.#driver.bind({ host, port }, this));
  }

  get addresses(): readonly SocketAddress[] {
    return this.#sockets.map((socket) => this.#driver.localAddress(socket));
  }

  /** How many datagrams belonged to no leg since the last call. */
  takeStrays(): number {
    const strays = this.#strays;
    this.#strays = 0;
    return strays;
  }

  receive(path: PathId, buffer: Uint8Array, offset: number, length: number, now: number): void {
    const kind = packetKind(buffer, offset, length);
    const number = this.#numbers[path] ?? noRecord;
    if (kind === 'rtp' && number !== noRecord) this.#receiveRtp(number, path, buffer, offset, length, now);
    else this.#receiveOther(kind, path, buffer, offset, length, now);
  }

  prefetch(path: PathId): number {
    const number = this.#numbers[path] ?? noRecord;
    return number === noRecord ? number : this.#plane.prefetch(number);
  }

  #receiveRtp(number: LegNumber, path: PathId, buffer: Uint8Array, offset: number, length: number, now: number): void {
    try {
      this.#plane.receiveSrtp(number, buffer, offset, length, now);
    } catch (error) {
      this.#byPath[path]?.broken(error);
    }
  }

  #receiveOther(kind: PacketKind, path: PathId, buffer: Uint8Array, offset: number, length: number, now: number): void {
    const message = kind === 'stun' ? parseStun(buffer.subarray(offset, offset + length)) : null;
    const user = message ? this.#stunUser(path, message) : this.#byPath[path];
    try {
      if (message && user) user.receiveStun(message, path, now);
      else if (kind === 'dtls' && user) user.receiveDtls(buffer.subarray(offset, offset + length), path);
      else if (kind === 'rtcp' && user) user.receiveRtcp(buffer, offset, length, now);
      else this.#strays++;
    } catch (error) {
      user?.broken(error);
    }
  }

  /** Checks that name this ufrag of ours go to `user`. */
  addUfrag(ufrag: string, user: PortUser): void {
    this.#byUfrag.set(ufrag, user);
  }

  removeUfrag(ufrag: string): void {
    this.#byUfrag.delete(ufrag);
  }

  /** The browser of `user` names itself so in its checks. */
  addRemoteUfrag(ufrag: string, user: PortUser): void {
    this.#byRemoteUfrag.set(ufrag, user);
  }

  removeRemoteUfrag(ufrag: string, user: PortUser): void {
    if (this.#byRemoteUfrag.get(ufrag) === user) this.#byRemoteUfrag.delete(ufrag);
  }

  /** Gives `path` to `user`, who has seen a valid check on it. False if another holds it: it must be released first. */
  claim(path: PathId, user: PortUser): boolean {
    const holder = this.#byPath[path];
    if (holder) return holder === user;
    this.#byPath[path] = user;
    this.#numbers[path] = user.number;
    this.#driver.retain(path);
    return true;
  }

  isHeld(path: PathId, user: PortUser): boolean {
    return path !== noPath && this.#byPath[path] === user;
  }

  release(path: PathId, user: PortUser): void {
    if (!this.isHeld(path, user)) return;
    this.#byPath[path] = undefined;
    this.#numbers[path] = noRecord;
    this.#driver.release(path);
  }

  close(): void {
    for (const socket of this.#sockets.splice(0)) this.#driver.close(socket);
  }

  /**
   * An address that a leg holds is not even answered for another: it is handed on only when its consent has ended. A check with a ufrag
   * that is none of ours goes to the leg whose browser sent it, which refuses it and can say so.
   */
  #stunUser(path: PathId, message: StunMessage): PortUser | undefined {
    const ufrags = ufragsOf(message);
    const user = ufrags ? (this.#byUfrag.get(ufrags.ours) ?? this.#byRemoteUfrag.get(ufrags.theirs)) : undefined;
    const holder = this.#byPath[path];
    return holder && holder !== user ? undefined : user;
  }
}
