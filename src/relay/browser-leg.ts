/**
 * A leg towards a browser: ICE-lite decides which paths are the browser's, DTLS gives the keys, SRTP carries the media. Media is
 * taken from every path with consent and sent to the one nominated last.
 */

import type { SocketAddress } from '../base/address.ts';
import type { Clock } from '../base/clock.ts';
import type { Random } from '../base/random.ts';
import type { Certificate } from '../dtls/certificate.ts';
import type { DtlsDriver, SrtpProfile } from '../dtls/endpoint.ts';
import { createIceCredentials, type IceCredentials } from '../ice/credentials.ts';
import { type CheckRefusal, LiteAgent, type PeerAddress } from '../ice/lite-agent.ts';
import type { SrtpContext, SrtpWindows } from '../srtp/context.ts';
import type { SrtpDriver } from '../srtp/transform.ts';
import type { StunMessage } from '../stun/message.ts';
import { Association, type SrtpKeys } from './association.ts';
import type { BrowserPort, PortUser } from './browser-port.ts';
import { counter } from './counters.ts';
import { type DataPlane, dropReason, type LegNumber } from './data-plane.ts';
import { noPath, type PathId, type UdpDriver } from './io/driver.ts';
import type { Leg, LegOut } from './leg.ts';
import { type Carrier, LegStream } from './leg-stream.ts';
import type { BrowserLegRemote, LegFailure, LegId } from './media-relay.ts';
import { Milestones } from './milestones.ts';

export interface BrowserLegOptions {
  readonly id: LegId;
  readonly cname: string;
  readonly port: BrowserPort;
  readonly udp: UdpDriver;
  readonly dtls: DtlsDriver;
  readonly srtp: SrtpDriver;
  readonly windows: SrtpWindows;
  readonly certificate: Certificate;
  readonly random: Random;
  readonly clock: Clock;
  readonly epochMs: number;
  readonly plane: DataPlane;
}

export class BrowserLeg implements Leg, Carrier, PortUser {
  readonly side = 'browser';
  readonly id: LegId;
  readonly stream: LegStream;
  readonly #udp: UdpDriver;
  readonly #plane: DataPlane;
  readonly #options: BrowserLegOptions;
  readonly #out: LegOut;
  readonly #agent: LiteAgent;
  readonly #association: Association;
  readonly #milestones: Milestones;
  /** Ours, newest last: an ICE restart keeps the former until the browser uses the new one. */
  #credentials: IceCredentials[];
  #remoteUfrag = '';
  readonly #claimed = new Set<PathId>();
  /** Where to send to. */
  #target: PathId = noPath;
  #inbound: SrtpContext | null = null;
  #outbound: SrtpContext | null = null;
  /** Where the last DTLS datagram came from: for answers before a path is nominated. */
  #handshakePath: PathId = noPath;
  #profile: SrtpProfile | null = null;
  #announced = false;
  #closed = false;

  constructor(options: BrowserLegOptions, out: LegOut) {
    const { id, cname, random, epochMs, dtls, srtp, windows, certificate, clock, plane, udp } = options;
    const local = createIceCredentials(random);
    this.id = id;
    this.#options = options;
    this.#udp = udp;
    this.#plane = plane;
    this.#out = out;
    this.#credentials = [local];
    this.#agent = new LiteAgent({ local, hmacSha1: srtp.hmacSha1 }, this);
    this.#association = new Association({ dtls, srtp, windows, certificate, now: () => clock.now() }, this);
    this.#milestones = new Milestones((milestone) => out.event({ type: 'milestone', milestone }));
    this.stream = new LegStream({ plane, cname, random, epochMs, milestones: this.#milestones }, this, this);
    options.port.addUfrag(local.ufrag, this);
  }

  get ice(): IceCredentials {
    return this.#credentials.at(-1) as IceCredentials;
  }

  get deadline(): number {
    if (this.#closed) return Number.POSITIVE_INFINITY;
    return Math.min(this.#agent.deadline, this.#association.deadline, this.stream.deadline);
  }

  get ready(): boolean {
    return this.#target !== noPath && this.#outbound !== null;
  }

  get number(): LegNumber {
    return this.stream.number;
  }

  get source(): PathId {
    return this.#target;
  }

  addressOf(path: PathId): SocketAddress {
    return this.#udp.remoteAddress(path);
  }

  configure(remote: BrowserLegRemote, now: number): void {
    this.stream.configure(remote, now);
    this.#nameRemote(remote.iceUfrag, now);
    this.#association.describe(remote.dtlsRole, remote.fingerprints);
    if (this.#target !== noPath) this.#association.start();
    this.#announce();
  }

  restartIce(): IceCredentials {
    const fresh = createIceCredentials(this.#options.random);
    this.#agent.restart(fresh);
    this.#options.port.addUfrag(fresh.ufrag, this);
    for (const { ufrag } of this.#credentials.splice(0, this.#credentials.length - 1)) this.#options.port.removeUfrag(ufrag);
    this.#credentials.push(fresh);
    this.#milestones.tell('ice-restarted', this.#peer);
    return fresh;
  }

  receiveStun(message: StunMessage, path: PathId, now: number): void {
    if (this.#agent.receive(message, { key: path, address: this.#udp.remoteAddress(path) }, now)) this.#out.reschedule();
  }

  receiveDtls(datagram: Uint8Array, path: PathId): void {
    this.#handshakePath = path;
    this.#association.receive(datagram);
    this.#out.reschedule();
  }

  receiveRtcp(buffer: Uint8Array, offset: number, length: number, now: number): void {
    if (!this.#inbound) {
      this.stream.drop('not-ready');
      return;
    }
    const clear = this.#inbound.unprotectRtcp(buffer, offset, length);
    if (clear < 0) this.stream.drop(dropReason(clear));
    else this.stream.receiveRtcp(buffer.subarray(offset, offset + clear), now);
  }

  /** Every path of a browser was proved to be its own before anything is taken from it. */
  admits(): boolean {
    return true;
  }

  sendRtcp(buffer: Uint8Array, offset: number, length: number): void {
    const protectedLength = this.#outbound?.protectRtcp(buffer, offset, length) ?? 0;
    if (protectedLength > 0) this.#udp.send(this.#target, buffer, offset, protectedLength);
  }

  expire(now: number): void {
    this.#agent.expire(now);
    this.#association.expire();
    this.stream.expire(now);
  }

  close(now: number): void {
    if (this.#closed) return;
    this.#closed = true;
    this.stream.close(now);
    this.#association.close();
    for (const { ufrag } of this.#credentials.splice(0)) this.#options.port.removeUfrag(ufrag);
    this.#options.port.removeRemoteUfrag(this.#remoteUfrag, this);
    for (const path of this.#claimed) this.#options.port.release(path, this);
    this.#claimed.clear();
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

  // What the ICE agent has to say.

  send(datagram: Uint8Array, to: PathId): void {
    this.#udp.send(to, datagram, 0, datagram.length);
  }

  checked({ address }: PeerAddress, refusal: CheckRefusal | null): void {
    this.stream.count(counter.iceChecks);
    this.#milestones.first('ice-check', address);
    if (!refusal) return;
    this.stream.count(counter.iceChecksRefused);
    this.#milestones.first('ice-check-refused', address, refusal);
  }

  validated({ key, address }: PeerAddress): void {
    this.#milestones.tell('ice-validated', address);
    if (this.#options.port.claim(key, this)) this.#claimed.add(key);
  }

  released({ key }: PeerAddress): void {
    if (this.#target === key) this.#aim(noPath);
    if (this.#claimed.delete(key)) this.#options.port.release(key, this);
  }

  nominated({ key, address }: PeerAddress): void {
    this.#aim(key);
    this.#milestones.tell('ice-nominated', address);
    this.#association.start();
    this.#announce();
  }

  consentLost(): void {
    this.#milestones.tell('path-lost', null);
    this.#out.event({ type: 'path-lost' });
  }

  consentRestored(): void {
    this.#milestones.tell('path-restored', this.#peer);
    this.#out.event({ type: 'path-restored' });
  }

  // What the association has to say.

  sendDtls(datagram: Uint8Array): void {
    const path = this.#target === noPath ? this.#handshakePath : this.#target;
    if (this.#claimed.has(path)) this.#udp.send(path, datagram, 0, datagram.length);
  }

  began(): void {
    this.#milestones.tell('dtls-hello', this.#peer);
  }

  established(profile: SrtpProfile, keys: SrtpKeys): void {
    this.#milestones.tell('dtls-connected', this.#peer, profile);
    this.#inbound = keys.inbound;
    this.#outbound = keys.outbound;
    this.#profile = profile;
    this.#announced = false;
    this.#aim(this.#target);
    this.#announce();
  }

  discarded(): void {
    this.#inbound = null;
    this.#outbound = null;
    this.#aim(this.#target);
  }

  failed(reason: LegFailure, detail: string): void {
    this.#milestones.tell('dtls-failed', this.#peer, `${reason}: ${detail}`);
    this.#out.event({ type: 'failed', reason, detail });
  }

  /** Whom we talk to, or whoever began to. */
  get #peer(): SocketAddress | null {
    const path = this.#target === noPath ? this.#handshakePath : this.#target;
    return path === noPath ? null : this.addressOf(path);
  }

  /** Media goes to `path` once there are keys. */
  #aim(path: PathId): void {
    this.#target = path;
    if (this.#closed) return;
    this.#plane.unprotectWith(this.number, this.#inbound);
    this.#plane.aim(this.number, this.ready ? path : noPath, this.#outbound);
  }

  #nameRemote(ufrag: string, now: number): void {
    const { port } = this.#options;
    port.removeRemoteUfrag(this.#remoteUfrag, this);
    port.addRemoteUfrag(ufrag, this);
    this.#remoteUfrag = ufrag;
    this.#agent.setRemoteUfrag(ufrag, now);
  }

  #announce(): void {
    if (!this.ready || this.#announced || !this.#profile) return;
    this.#announced = true;
    const remote = this.#udp.remoteAddress(this.#target);
    this.#out.event({ type: 'connected', info: { profile: this.#profile, remote } });
  }
}
