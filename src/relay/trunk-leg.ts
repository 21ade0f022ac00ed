/** A leg towards a trunk: plain RTP on an even port, RTCP on the odd one above it (RFC 3550 section 11). */

import { isIpAddress, isIpv6, isWildcard, type SocketAddress } from '../base/address.ts';
import type { Random } from '../base/random.ts';
import { type RtpHeader, readRtpHeader } from '../rtp/header.ts';
import { parseRtcp } from '../rtp/rtcp.ts';
import { noPath, type PacketReceiver, type PathId, type SocketId, type UdpDriver } from './io/driver.ts';
import type { Leg, LegOut } from './leg.ts';
import { type Carrier, LegStream, type Scratch } from './leg-stream.ts';
import type { LegId, TrunkLegRemote } from './media-relay.ts';
import { Milestones } from './milestones.ts';
import { SequenceWindow } from './sequence-window.ts';
import { TrunkSource } from './trunk-source.ts';

export interface TrunkLegOptions {
  readonly id: LegId;
  readonly cname: string;
  readonly udp: UdpDriver;
  /** An address of this machine, and the even port of a pair. */
  readonly local: SocketAddress;
  readonly random: Random;
  readonly epochMs: number;
  readonly scratch: Scratch;
}

export class TrunkLeg implements Leg, Carrier {
  // For each packet, and so together.
  readonly stream: LegStream;
  readonly #rtpSource: TrunkSource;
  readonly #window = new SequenceWindow();
  readonly #udp: UdpDriver;
  readonly #header: RtpHeader;
  readonly role = 'trunk';
  readonly id: LegId;
  readonly #options: TrunkLegOptions;
  readonly #out: LegOut;
  readonly #rtcpSource: TrunkSource;
  readonly #milestones: Milestones;
  #rtpSocket: SocketId = -1;
  #rtcpSocket: SocketId = -1;
  #closed = false;

  constructor(options: TrunkLegOptions, out: LegOut) {
    const { id, cname, random, epochMs, udp, scratch } = options;
    this.id = id;
    this.#options = options;
    this.#out = out;
    this.#udp = udp;
    this.#header = scratch.header;
    this.#rtpSource = new TrunkSource(udp, (path) => udp.connect(this.#rtpSocket, path));
    this.#rtcpSource = new TrunkSource(udp, () => {});
    this.#milestones = new Milestones((milestone) => out.event({ type: 'milestone', milestone }));
    this.stream = new LegStream({ leg: id, cname, random, epochMs, scratch, milestones: this.#milestones }, this, this);
  }

  /** Binds both ports. Rejects with `PortBusy` when either is taken, and keeps none then. */
  async open(): Promise<void> {
    const { local } = this.#options;
    this.#rtpSocket = await this.#udp.bind(local, new RtpPort(this));
    try {
      this.#rtcpSocket = await this.#udp.bind({ host: local.host, port: local.port + 1 }, new RtcpPort(this));
    } catch (error) {
      this.#udp.close(this.#rtpSocket);
      throw error;
    }
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
    this.#rtpSource.describe(this.#pathTo(this.#rtpSocket, remote.rtp), remote.learn);
    this.#rtcpSource.describe(this.#pathTo(this.#rtcpSocket, rtcp), remote.learn);
    if (this.#rtpSource.target !== before) this.#window.reset();
    this.stream.configure(remote, now);
  }

  sendRtp(buffer: Uint8Array, offset: number, length: number): void {
    this.#udp.send(this.#rtpSource.target, buffer, offset, length);
  }

  sendRtcp(buffer: Uint8Array, offset: number, length: number): void {
    const { target } = this.#rtcpSource;
    if (target !== noPath) this.#udp.send(target, buffer, offset, length);
  }

  expire(now: number): void {
    this.#rtpSource.review(now);
    this.stream.expire(now);
  }

  close(now: number): void {
    if (this.#closed) return;
    this.#closed = true;
    this.stream.close(now);
    this.#rtpSource.close();
    this.#rtcpSource.close();
    this.#udp.close(this.#rtpSocket);
    this.#udp.close(this.#rtcpSocket);
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

  receiveRtp(path: PathId, buffer: Uint8Array, offset: number, length: number, now: number): void {
    const header = this.#header;
    if (!readRtpHeader(buffer, offset, length, header)) this.stream.refuse('malformed', path);
    else if (!this.#rtpSource.admits(path, now) && !this.#learn(path, now)) this.#refuseSource(path);
    else if (!this.#window.accept(header, now)) this.stream.refuse('replay', path);
    else this.stream.receive(header, buffer, offset, now);
  }

  receiveRtcp(path: PathId, buffer: Uint8Array, offset: number, length: number, now: number): void {
    const packet = buffer.subarray(offset, offset + length);
    if (this.#rtcpSource.admits(path, now) || this.#learnRtcp(path, packet, now)) this.stream.receiveRtcp(packet, now);
    else this.stream.drop('source');
  }

  #learn(path: PathId, now: number): boolean {
    const route = this.stream.routeOf(this.#header.payloadType);
    if (!route || !this.#rtpSource.learn(path, this.#header, route.clockRate, now)) return false;
    this.#window.reset();
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
  #pathTo(socket: SocketId, remote: SocketAddress | null): PathId {
    if (!remote || remote.port < 1 || remote.port > 65535 || !isIpAddress(remote.host) || isWildcard(remote.host)) return noPath;
    return isIpv6(remote.host) === isIpv6(this.#options.local.host) ? this.#udp.path(socket, remote) : noPath;
  }
}

/** What the driver calls. A broken invariant ends the session that met it, and nothing else. */
class RtpPort implements PacketReceiver {
  readonly #leg: TrunkLeg;

  constructor(leg: TrunkLeg) {
    this.#leg = leg;
  }

  receive(path: PathId, buffer: Uint8Array, offset: number, length: number, now: number): void {
    try {
      this.#leg.receiveRtp(path, buffer, offset, length, now);
    } catch (error) {
      this.#leg.broken(error);
    }
  }
}

class RtcpPort implements PacketReceiver {
  readonly #leg: TrunkLeg;

  constructor(leg: TrunkLeg) {
    this.#leg = leg;
  }

  receive(path: PathId, buffer: Uint8Array, offset: number, length: number, now: number): void {
    try {
      this.#leg.receiveRtcp(path, buffer, offset, length, now);
    } catch (error) {
      this.#leg.broken(error);
    }
  }
}
