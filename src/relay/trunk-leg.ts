/** A leg towards a trunk: plain RTP and RTCP on a pair of ports. */

import { isIpAddress, isIpv6, isWildcard, type SocketAddress } from '../base/address.ts';
import type { Random } from '../base/random.ts';
import type { RtpHeader } from '../rtp/header.ts';
import { parseRtcp } from '../rtp/rtcp.ts';
import type { DataPlane, LegNumber } from './data-plane.ts';
import { noPath, type PathId, type SocketId, type UdpDriver } from './io/driver.ts';
import type { Leg, LegOut } from './leg.ts';
import { type Carrier, LegStream } from './leg-stream.ts';
import type { LegId, TrunkLegRemote } from './media-relay.ts';
import { Milestones } from './milestones.ts';
import type { PortPair, TrunkPorts, TrunkPortUser } from './trunk-ports.ts';
import { TrunkSource } from './trunk-source.ts';

export interface TrunkLegOptions {
  readonly id: LegId;
  readonly cname: string;
  readonly udp: UdpDriver;
  readonly ports: TrunkPorts;
  /** An address of this machine, and the even port of a pair. */
  readonly local: SocketAddress;
  readonly random: Random;
  readonly epochMs: number;
  readonly plane: DataPlane;
}

export class TrunkLeg implements Leg, Carrier, TrunkPortUser {
  readonly side = 'trunk';
  readonly id: LegId;
  readonly stream: LegStream;
  readonly #udp: UdpDriver;
  readonly #plane: DataPlane;
  readonly #options: TrunkLegOptions;
  readonly #out: LegOut;
  readonly #rtpSource: TrunkSource;
  readonly #rtcpSource: TrunkSource;
  readonly #milestones: Milestones;
  /** Once open. */
  #ports: PortPair | null = null;
  #closed = false;

  constructor(options: TrunkLegOptions, out: LegOut) {
    const { id, cname, random, epochMs, udp, plane } = options;
    this.id = id;
    this.#options = options;
    this.#out = out;
    this.#udp = udp;
    this.#plane = plane;
    this.#rtpSource = new TrunkSource(udp, (path) => this.#settle(path));
    this.#rtcpSource = new TrunkSource(udp, () => {});
    this.#milestones = new Milestones((milestone) => out.event({ type: 'milestone', milestone }));
    this.stream = new LegStream({ plane, cname, random, epochMs, milestones: this.#milestones }, this, this);
  }

  /** Binds both ports. Rejects with `PortBusy` when either is taken, and keeps none then. */
  async open(): Promise<void> {
    const { ports, local } = this.#options;
    this.#ports = await ports.open(local, this);
  }

  get number(): LegNumber {
    return this.stream.number;
  }

  get deadline(): number {
    return this.#closed ? Number.POSITIVE_INFINITY : this.stream.deadline;
  }

  get ready(): boolean {
    return this.#rtpSource.target !== noPath;
  }

  get source(): PathId {
    return this.#rtpSource.target;
  }

  addressOf(path: PathId): SocketAddress {
    return this.#udp.remoteAddress(path);
  }

  configure(remote: TrunkLegRemote, now: number): void {
    const before = this.#rtpSource.target;
    const rtcp = remote.rtcp ?? (remote.rtp && { host: remote.rtp.host, port: remote.rtp.port + 1 });
    this.#rtpSource.describe(this.#pathTo(this.#ports?.rtp, remote.rtp), remote.learn);
    this.#rtcpSource.describe(this.#pathTo(this.#ports?.rtcp, rtcp), remote.learn);
    if (this.#rtpSource.target !== before) this.#plane.forgetSequence(this.number);
    this.stream.configure(remote, now);
  }

  sendRtcp(buffer: Uint8Array, offset: number, length: number): void {
    const { target } = this.#rtcpSource;
    if (target !== noPath) this.#udp.send(target, buffer, offset, length);
  }

  expire(now: number): void {
    this.#rtpSource.review(this.stream.received, now);
    this.stream.expire(now);
  }

  close(now: number): void {
    if (this.#closed) return;
    this.stream.close(now);
    this.#closed = true;
    this.#rtpSource.close();
    this.#rtcpSource.close();
    if (this.#ports) this.#options.ports.close(this.#ports);
  }

  broken(error: unknown): void {
    this.#out.broken(error);
  }

  // What the stream has to say.

  digit(digit: string, durationMs: number): void {
    this.#out.event({ type: 'digit', digit, durationMs });
  }

  reschedule(): void {
    this.#out.reschedule();
  }

  admits(path: PathId, header: RtpHeader, now: number): boolean {
    if (this.#rtpSource.admits(path, now) || this.#learn(path, header, now)) return true;
    this.#refuseSource(path);
    return false;
  }

  receiveRtcp(path: PathId, buffer: Uint8Array, offset: number, length: number, now: number): void {
    const packet = buffer.subarray(offset, offset + length);
    if (this.#rtcpSource.admits(path, now) || this.#learnRtcp(path, packet, now)) this.stream.receiveRtcp(packet, now);
    else this.stream.drop('source');
  }

  /** `path`: the only one that RTP is wanted from, and known to be. */
  #settle(path: PathId): void {
    if (this.#closed || !this.#ports) return;
    this.#plane.aim(this.number, this.#rtpSource.target, null);
    this.#plane.admit(this.number, path);
    this.#udp.connect(this.#ports.rtp, path);
  }

  #learn(path: PathId, header: RtpHeader, now: number): boolean {
    const route = this.stream.routeOf(header.payloadType);
    if (!route || !this.#rtpSource.learn(path, header, route.clockRate, now)) return false;
    this.#plane.forgetSequence(this.number);
    this.#milestones.tell('source-learned', this.addressOf(path));
    return true;
  }

  /** A source on probation is not refused yet, and early media may come before the description that it belongs to. */
  #refuseSource(path: PathId): void {
    if (this.#rtpSource.open) this.stream.drop('source');
    else if (!this.ready) this.stream.drop('not-ready');
    else this.stream.refuse('source', path);
  }

  /** Reports come too seldom for a probation: they are believed from the host, and about the SSRC, that RTP is taken from. */
  #learnRtcp(path: PathId, packet: Uint8Array, now: number): boolean {
    const { target } = this.#rtpSource;
    if (!this.#rtcpSource.open || target === noPath) return false;
    if (this.#udp.remoteAddress(path).host !== this.#udp.remoteAddress(target).host) return false;
    const first = parseRtcp(packet)?.[0];
    if ((first?.type !== 'sr' && first?.type !== 'rr') || first.ssrc !== this.stream.remoteSsrc) return false;
    this.#rtcpSource.accept(path, now);
    return true;
  }

  /** `noPath` for what nothing can be sent to. */
  #pathTo(socket: SocketId | undefined, remote: SocketAddress | null): PathId {
    if (socket === undefined || !remote || remote.port < 1 || remote.port > 65535 || !isIpAddress(remote.host) || isWildcard(remote.host))
      return noPath;
    return isIpv6(remote.host) === isIpv6(this.#options.local.host) ? this.#udp.path(socket, remote) : noPath;
  }
}
