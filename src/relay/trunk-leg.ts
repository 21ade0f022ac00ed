/** A leg towards a trunk: plain RTP and RTCP on a pair of ports. */

import { isIpAddress, isIpv6, isWildcard, type SocketAddress } from '../base/address.ts';
import type { RtpHeader } from '../rtp/header.ts';
import { parseRtcp } from '../rtp/rtcp.ts';
import type { LegNumber } from './data-plane.ts';
import { noPath, type PathId, type SocketId } from './io/driver.ts';
import type { Leg, LegNames, LegOut, LegThread } from './leg.ts';
import { type Carrier, LegStream } from './leg-stream.ts';
import type { LegId, LegMilestone, TrunkLegRemote } from './media-relay.ts';
import type { SessionId } from './messages.ts';
import { Milestones, type MilestonesOut } from './milestones.ts';
import type { PortPair, TrunkPorts, TrunkPortUser } from './trunk-ports.ts';
import { TrunkSource, type TrunkSourceOut } from './trunk-source.ts';

/** So little RTCP comes that nothing is to be gained by knowing where from. */
const nobody: TrunkSourceOut = { settle() {} };

export interface TrunkLegThread extends LegThread {
  readonly trunkPorts: TrunkPorts;
  /** An address of this machine. */
  readonly trunkHost: string;
}

export class TrunkLeg implements Leg, Carrier, TrunkPortUser, MilestonesOut {
  readonly side = 'trunk';
  readonly session: SessionId;
  readonly id: LegId;
  readonly stream: LegStream;
  readonly #thread: TrunkLegThread;
  readonly #out: LegOut;
  readonly #rtpSource: TrunkSource;
  readonly #rtcpSource: TrunkSource;
  readonly #milestones: Milestones;
  /** Once open. */
  #ports: PortPair | null = null;
  #closed = false;

  constructor({ session, id, cname }: LegNames, thread: TrunkLegThread, out: LegOut) {
    this.session = session;
    this.id = id;
    this.#thread = thread;
    this.#out = out;
    this.#rtpSource = new TrunkSource(thread.udp, this);
    this.#rtcpSource = new TrunkSource(thread.udp, nobody);
    this.#milestones = new Milestones(this);
    this.stream = new LegStream({ thread, cname, milestones: this.#milestones }, this, this);
  }

  /** Binds both ports of a pair, `port` being the even one. Rejects with `PortBusy` when either is taken, and keeps none then. */
  async open(port: number): Promise<void> {
    const { trunkPorts, trunkHost } = this.#thread;
    this.#ports = await trunkPorts.open({ host: trunkHost, port }, this);
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
    return this.#thread.udp.remoteAddress(path);
  }

  configure(remote: TrunkLegRemote, now: number): void {
    const before = this.#rtpSource.target;
    const rtcp = remote.rtcp ?? (remote.rtp && { host: remote.rtp.host, port: remote.rtp.port + 1 });
    this.#rtpSource.describe(this.#pathTo(this.#ports?.rtp, remote.rtp), remote.learn);
    this.#rtcpSource.describe(this.#pathTo(this.#ports?.rtcp, rtcp), remote.learn);
    if (this.#rtpSource.target !== before) this.#thread.plane.forgetSequence(this.number);
    this.stream.configure(remote, now);
  }

  sendRtcp(buffer: Uint8Array, offset: number, length: number): void {
    const { target } = this.#rtcpSource;
    if (target !== noPath) this.#thread.udp.send(target, buffer, offset, length);
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
    if (this.#ports) this.#thread.trunkPorts.close(this.#ports);
  }

  broken(error: unknown): void {
    this.#out.broken(this, error);
  }

  // What the stream has to say.

  digit(digit: string, durationMs: number): void {
    this.#out.event(this, { type: 'digit', digit, durationMs });
  }

  reschedule(): void {
    this.#out.reschedule(this);
  }

  milestone(milestone: LegMilestone): void {
    this.#out.event(this, { type: 'milestone', milestone });
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
  settle(path: PathId): void {
    if (this.#closed || !this.#ports) return;
    const { plane, udp } = this.#thread;
    plane.aim(this.number, this.#rtpSource.target, null);
    plane.admit(this.number, path);
    udp.connect(this.#ports.rtp, path);
  }

  #learn(path: PathId, header: RtpHeader, now: number): boolean {
    const route = this.stream.routeOf(header.payloadType);
    if (!route || !this.#rtpSource.learn(path, header, route.clockRate, now)) return false;
    this.#thread.plane.forgetSequence(this.number);
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
    if (this.addressOf(path).host !== this.addressOf(target).host) return false;
    const first = parseRtcp(packet)?.[0];
    if ((first?.type !== 'sr' && first?.type !== 'rr') || first.ssrc !== this.stream.remoteSsrc) return false;
    this.#rtcpSource.accept(path, now);
    return true;
  }

  /** `noPath` for what nothing can be sent to. */
  #pathTo(socket: SocketId | undefined, remote: SocketAddress | null): PathId {
    if (socket === undefined || !remote || remote.port < 1 || remote.port > 65535 || !isIpAddress(remote.host) || isWildcard(remote.host))
      return noPath;
    return isIpv6(remote.host) === isIpv6(this.#thread.trunkHost) ? this.#thread.udp.path(socket, remote) : noPath;
  }
}
