/** What a leg's peer sends, seen from above: when it began, stopped, changed, failed. Looks at a few packets a second, never at each. */

import type { SocketAddress } from '../base/address.ts';
import type { DropReason } from '../events/gateway-events.ts';
import type { RtpHeader } from '../rtp/header.ts';
import { AuthenticationWatch, type AuthenticationWatchOut } from './authentication-watch.ts';
import { noPath, type PathId } from './io/driver.ts';
import type { Milestones } from './milestones.ts';
import { PacketTime } from './packet-time.ts';
import { Refusals, type RefusalsOut } from './refusals.ts';
import type { Route } from './routes.ts';
import { isDigitalSilence, Silence } from './silence.ts';

/** Longer than any pause between packets that a codec makes. */
const stoppedAfterMs = 2000;

export interface StreamSource {
  /** Where the peer's RTP comes from, `noPath` while nobody knows. */
  readonly source: PathId;
  addressOf(path: PathId): SocketAddress;
}

export class StreamWatch implements RefusalsOut, AuthenticationWatchOut {
  readonly #milestones: Milestones;
  readonly #source: StreamSource;
  readonly #refusals: Refusals;
  readonly #authentication: AuthenticationWatch;
  readonly #packetTime: PacketTime;
  readonly #silence: Silence;
  #ssrc: number | null = null;
  #state: 'new' | 'flowing' | 'stopped' = 'new';
  #packets = 0;
  #heardAt = 0;

  constructor(milestones: Milestones, source: StreamSource) {
    this.#milestones = milestones;
    this.#source = source;
    this.#refusals = new Refusals(this);
    this.#authentication = new AuthenticationWatch(this);
    this.#packetTime = new PacketTime(milestones);
    this.#silence = new Silence(milestones);
  }

  /** A packet of another source, or with another payload type, than the one before. */
  recognize(route: Route, { ssrc, payloadType }: RtpHeader, now: number): void {
    if (this.#ssrc === null) {
      this.#state = 'flowing';
      this.#heardAt = now;
      this.#milestones.tell('rtp-began', this.#remote, `${route.encoding}, payload type ${payloadType}`);
    } else if (this.#ssrc !== ssrc) this.#milestones.tell('ssrc-changed', this.#remote);
    this.#ssrc = ssrc;
  }

  /** One of a few packets in a row, in the clear. `askedMs`: the packet time that the peer was asked for. */
  look(header: RtpHeader, route: Route, askedMs: number | null, buffer: Uint8Array, offset: number, now: number): void {
    if (route.event) return;
    const remote = this.#remote;
    this.#packetTime.look(header, route.clockRate, askedMs, remote);
    const silent = isDigitalSilence(route.encoding, header, buffer, offset);
    if (silent !== null) this.#silence.look(silent, remote, now);
  }

  /** A packet was refused; `passed` others were not, so far. */
  refuse(reason: DropReason, path: PathId, passed: number): void {
    if (reason === 'authentication') this.#authentication.failed(passed);
    else this.#refusals.note(reason, path);
  }

  /** One that was not negotiated. */
  refusePayloadType(payloadType: number): void {
    this.#refusals.notePayloadType(payloadType, this.#source.source, `payload-type ${payloadType}`);
  }

  /** One that the other leg does not carry. */
  refuseCodec(payloadType: number, encoding: string): void {
    this.#refusals.notePayloadType(payloadType, this.#source.source, `codec ${encoding}`);
  }

  /** Once a second. `passed`: all good packets so far; `expected`: whether the peer should be sending. */
  tick(now: number, passed: number, expected: boolean): void {
    this.#milestones.tick();
    this.#authentication.tick(passed);
    const flows = passed > this.#packets;
    this.#packets = passed;
    if (flows || !expected) this.#heardAt = now;
    if (flows && this.#state === 'stopped') this.#turn('flowing', 'rtp-resumed');
    else if (this.#state === 'flowing' && now - this.#heardAt >= stoppedAfterMs) this.#turn('stopped', 'rtp-stopped');
  }

  // What the watches of refusals and of authentication have to say.

  refused(path: PathId, detail: string): void {
    this.#milestones.tell('rtp-refused', this.#addressOf(path), detail);
  }

  failing(): void {
    this.#milestones.tell('srtp-authentication-failing', this.#remote);
  }

  recovered(): void {
    this.#milestones.tell('srtp-authentication-recovered', this.#remote);
  }

  #turn(state: 'flowing' | 'stopped', what: 'rtp-resumed' | 'rtp-stopped'): void {
    this.#state = state;
    this.#milestones.tell(what, this.#remote);
  }

  get #remote(): SocketAddress | null {
    return this.#addressOf(this.#source.source);
  }

  #addressOf(path: PathId): SocketAddress | null {
    return path === noPath ? null : this.#source.addressOf(path);
  }
}
