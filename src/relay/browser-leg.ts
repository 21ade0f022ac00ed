/**
 * A leg towards a browser: ICE-lite decides which paths are the browser's, DTLS gives the keys, SRTP carries the media. Media is
 * taken from every path with consent and sent to the one nominated last.
 */

import type { SocketAddress } from '../base/address.ts';
import type { SrtpProfile } from '../dtls/endpoint.ts';
import { createIceCredentials, type IceCredentials } from '../ice/credentials.ts';
import { type CheckRefusal, LiteAgent, type PeerAddress } from '../ice/lite-agent.ts';
import type { SrtpContext } from '../srtp/context.ts';
import type { StunMessage } from '../stun/message.ts';
import { Association, type AssociationThread, type SrtpKeys } from './association.ts';
import type { BrowserPort, PortUser } from './browser-port.ts';
import { counter } from './counters.ts';
import { dropReason, type LegNumber } from './data-plane.ts';
import { noPath, type PathId } from './io/driver.ts';
import type { Leg, LegNames, LegOut, LegThread } from './leg.ts';
import { type Carrier, LegStream } from './leg-stream.ts';
import type { BrowserLegRemote, LegFailure, LegId, LegMilestone } from './media-relay.ts';
import type { SessionId } from './messages.ts';
import { Milestones, type MilestonesOut } from './milestones.ts';

export interface BrowserLegThread extends LegThread, AssociationThread {
  readonly browserPort: BrowserPort;
}

export class BrowserLeg implements Leg, Carrier, PortUser, MilestonesOut {
  readonly side = 'browser';
  readonly session: SessionId;
  readonly id: LegId;
  readonly stream: LegStream;
  readonly #thread: BrowserLegThread;
  readonly #out: LegOut;
  readonly #agent: LiteAgent;
  readonly #association: Association;
  readonly #milestones: Milestones;
  /** Ours, newest last: an ICE restart keeps the former until the browser uses the new one. */
  #ufrags: readonly string[];
  #remoteUfrag = '';
  /** Where to send to. */
  #target: PathId = noPath;
  #inbound: SrtpContext | null = null;
  #outbound: SrtpContext | null = null;
  /** Where the last DTLS datagram came from: for answers before a path is nominated. */
  #handshakePath: PathId = noPath;
  #profile: SrtpProfile | null = null;
  #announced = false;
  #closed = false;

  constructor({ session, id, cname }: LegNames, local: IceCredentials, thread: BrowserLegThread, out: LegOut) {
    this.session = session;
    this.id = id;
    this.#thread = thread;
    this.#out = out;
    this.#ufrags = [local.ufrag];
    this.#agent = new LiteAgent({ local, hmacSha1: thread.srtp.hmacSha1 }, this);
    this.#association = new Association(thread, this);
    this.#milestones = new Milestones(this);
    this.stream = new LegStream({ thread, cname, milestones: this.#milestones }, this, this);
    thread.browserPort.addUfrag(local.ufrag, this);
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
    return this.#thread.udp.remoteAddress(path);
  }

  configure(remote: BrowserLegRemote, now: number): void {
    this.stream.configure(remote, now);
    this.#nameRemote(remote.iceUfrag, now);
    this.#association.describe(remote.dtlsRole, remote.fingerprints);
    if (this.#target !== noPath) this.#association.start();
    this.#announce();
  }

  restartIce(): IceCredentials {
    const { random, browserPort } = this.#thread;
    const fresh = createIceCredentials(random);
    this.#agent.restart(fresh);
    browserPort.addUfrag(fresh.ufrag, this);
    for (const ufrag of this.#ufrags.slice(0, -1)) browserPort.removeUfrag(ufrag);
    this.#ufrags = this.#ufrags.slice(-1).concat(fresh.ufrag);
    this.#milestones.tell('ice-restarted', this.#peer);
    return fresh;
  }

  receiveStun(message: StunMessage, path: PathId, now: number): void {
    if (this.#agent.receive(message, { key: path, address: this.addressOf(path) }, now)) this.reschedule();
  }

  receiveDtls(datagram: Uint8Array, path: PathId): void {
    this.#handshakePath = path;
    this.#association.receive(datagram);
    this.reschedule();
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
    if (protectedLength > 0) this.#thread.udp.send(this.#target, buffer, offset, protectedLength);
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
    const { browserPort } = this.#thread;
    for (const ufrag of this.#ufrags) browserPort.removeUfrag(ufrag);
    browserPort.removeRemoteUfrag(this.#remoteUfrag, this);
    for (const { key } of this.#agent.validated) browserPort.release(key, this);
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

  // What the ICE agent has to say.

  send(datagram: Uint8Array, to: PathId): void {
    this.#thread.udp.send(to, datagram, 0, datagram.length);
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
    this.#thread.browserPort.claim(key, this);
  }

  released({ key }: PeerAddress): void {
    if (this.#target === key) this.#aim(noPath);
    this.#thread.browserPort.release(key, this);
  }

  nominated({ key, address }: PeerAddress): void {
    this.#aim(key);
    this.#milestones.tell('ice-nominated', address);
    this.#association.start();
    this.#announce();
  }

  consentLost(): void {
    this.#milestones.tell('path-lost', null);
    this.#out.event(this, { type: 'path-lost' });
  }

  consentRestored(): void {
    this.#milestones.tell('path-restored', this.#peer);
    this.#out.event(this, { type: 'path-restored' });
  }

  // What the association has to say.

  sendDtls(datagram: Uint8Array): void {
    const path = this.#target === noPath ? this.#handshakePath : this.#target;
    const { browserPort, udp } = this.#thread;
    if (browserPort.isHeld(path, this)) udp.send(path, datagram, 0, datagram.length);
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
    this.#out.event(this, { type: 'failed', reason, detail });
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
    const { plane } = this.#thread;
    plane.unprotectWith(this.number, this.#inbound);
    plane.aim(this.number, this.ready ? path : noPath, this.#outbound);
  }

  #nameRemote(ufrag: string, now: number): void {
    const { browserPort } = this.#thread;
    browserPort.removeRemoteUfrag(this.#remoteUfrag, this);
    browserPort.addRemoteUfrag(ufrag, this);
    this.#remoteUfrag = ufrag;
    this.#agent.setRemoteUfrag(ufrag, now);
  }

  #announce(): void {
    if (!this.ready || this.#announced || !this.#profile) return;
    this.#announced = true;
    const remote = this.addressOf(this.#target);
    this.#out.event(this, { type: 'connected', info: { profile: this.#profile, remote } });
  }
}
