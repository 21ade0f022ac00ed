/**
 * The data plane of a relay thread: all that is done for each packet of media, and nothing else. What it needs to know of a leg lies in
 * one record, three cache lines of which a packet touches two on its way in and one on its way out. Legs (the control plane) write
 * their records when something changes, and are asked about packets that are not like the one before. Nothing is allocated here.
 */

import { noRecord, type RecordNumber, Records } from '../base/records.ts';
import type { DropReason } from '../events/gateway-events.ts';
import { createRtpHeader, type RtpHeader, readRtpHeader, rtpFixedHeaderLength, stripRtpPacket, writeRtpHeader } from '../rtp/header.ts';
import { Receptions } from '../rtp/receptions.ts';
import { type SrtpContext, srtpReplayed, srtpUnauthentic } from '../srtp/context.ts';
import { type Counters, count, counter } from './counters.ts';
import { noPath, type PathId, packetHeadroom, type UdpDriver } from './io/driver.ts';
import { Lines } from './lines.ts';
import { SequenceWindows, sequenceWindowWords } from './sequence-windows.ts';

/** A leg by its record. */
export type LegNumber = RecordNumber;

/** What the data plane asks of a leg. A header is valid until the call returns. */
export interface DataPlaneUser {
  drop(reason: DropReason): void;
  /** Unlike what is merely dropped, somebody may want to know why. `path`: if it is not the one that the leg listens to. */
  refuse(reason: DropReason, path?: PathId): void;
  /** Whether plain RTP from `path` is taken; if not, it has been counted. */
  admits(path: PathId, header: RtpHeader, now: number): boolean;
  /** A packet of another source, or with another payload type, than before: calls `route`, or counts it and returns false. */
  recognize(header: RtpHeader, now: number): boolean;
  /** One of the packets that were asked for by `look`. */
  look(header: RtpHeader, buffer: Uint8Array, offset: number, now: number): void;
  /** A telephone event that this leg takes. */
  receiveEvent(header: RtpHeader, buffer: Uint8Array, offset: number, now: number): void;
  /** Brings the payload of a telephone event, `length` bytes at `offset`, into the form that the partner takes. */
  convertEvent(buffer: Uint8Array, offset: number, length: number): void;
}

/** What the packets of a source and payload type are, and become. */
export interface PacketRoute {
  readonly ssrc: number;
  readonly payloadType: number;
  /** On the partner's leg; null if that does not carry them. */
  readonly relayedAs: number | null;
  readonly event: boolean;
}

// Words of a leg's record. The first line, for packets that come in, begins with the replay window of plain RTP.
const windowAt = 0;
/** Source, payload type in and payload type out of the packets that need no question; -1 for none. */
const ssrc = sequenceWindowWords;
const payloadType = sequenceWindowWords + 1;
const relayedAs = sequenceWindowWords + 2;
/** The path that plain RTP is taken from without a question. */
const source = sequenceWindowWords + 3;
const partner = sequenceWindowWords + 4;
const inFlags = sequenceWindowWords + 5;
/** How many of the next packets to look at more closely. */
const looks = sequenceWindowWords + 6;
/** Since the last `collect`. */
const packetsIn = sequenceWindowWords + 7;
const bytesIn = sequenceWindowWords + 8;
// The second, for packets that come in.
const receptionAt = 16;
// The third, for packets that go out.
const lineAt = 32;
/** Where to; `noPath` while nothing can be sent. */
const target = 44;
const outFlags = 45;
const packetsOut = 46;
const bytesOut = 47;
const legWords = 48;

const accepts = 1;
const isEvent = 2;
const sends = 1;
/** Nothing of the partner's may go out: the leg itself is sending. */
const held = 2;

const ownPacketBytes = 512;

export class DataPlane {
  readonly #records = new Records(legWords);
  readonly lines = new Lines(this.#records, lineAt);
  readonly receptions = new Receptions(this.#records, receptionAt);
  /** Packets of our own are made in here; nothing outlives the turn. */
  readonly own = new Uint8Array(ownPacketBytes + packetHeadroom);
  readonly #windows = new SequenceWindows(this.#records, windowAt);
  readonly #header = createRtpHeader();
  readonly #udp: UdpDriver;
  readonly #users: Array<DataPlaneUser | undefined> = [];
  readonly #inbound: Array<SrtpContext | null> = [];
  readonly #outbound: Array<SrtpContext | null> = [];

  constructor(udp: UdpDriver) {
    this.#udp = udp;
  }

  // What legs say.

  open(user: DataPlaneUser): LegNumber {
    const leg = this.#records.take();
    this.#users[leg] = user;
    this.#inbound[leg] = null;
    this.#outbound[leg] = null;
    for (const word of [payloadType, relayedAs, source, target]) this.#records.set(leg, word, -1);
    this.#records.set(leg, partner, noRecord);
    return leg;
  }

  /** The number must not be used again. */
  close(leg: LegNumber): void {
    this.#users[leg] = undefined;
    this.#inbound[leg] = null;
    this.#outbound[leg] = null;
    this.#records.giveBack(leg);
  }

  /** What comes in goes out by `other` from now on; `noRecord`: nowhere. */
  bridge(leg: LegNumber, other: LegNumber): void {
    this.#records.set(leg, partner, other);
  }

  setDirections(leg: LegNumber, receiving: boolean, sending: boolean): void {
    this.#flag(leg, inFlags, accepts, receiving);
    this.#flag(leg, outFlags, sends, sending);
  }

  hold(leg: LegNumber, holding: boolean): void {
    this.#flag(leg, outFlags, held, holding);
  }

  /** What to do with packets of this kind until another comes; null: to be asked about the next. */
  route(leg: LegNumber, route: PacketRoute | null): void {
    this.#records.set(leg, ssrc, route?.ssrc ?? 0);
    this.#records.set(leg, payloadType, route?.payloadType ?? -1);
    this.#records.set(leg, relayedAs, route?.relayedAs ?? -1);
    this.#flag(leg, inFlags, isEvent, route?.event ?? false);
  }

  /** Plain RTP from `path` is taken without a question; `noPath`: from nowhere. */
  admit(leg: LegNumber, path: PathId): void {
    this.#records.set(leg, source, path);
  }

  /** The next plain RTP comes from elsewhere. */
  forgetSequence(leg: LegNumber): void {
    this.#windows.clear(leg);
  }

  /** What comes in is SRTP of this context; null: it cannot be read yet. */
  unprotectWith(leg: LegNumber, context: SrtpContext | null): void {
    this.#inbound[leg] = context;
  }

  /** Where to send, and the context that protects it: null for plain RTP. `noPath`: nowhere. */
  aim(leg: LegNumber, path: PathId, context: SrtpContext | null): void {
    this.#records.set(leg, target, path);
    this.#outbound[leg] = context;
  }

  /** Shows the next `packets` to the leg. */
  look(leg: LegNumber, packets: number): void {
    this.#records.set(leg, looks, packets);
  }

  /** Adds what was received and sent since the last time. */
  collect(leg: LegNumber, counters: Counters): void {
    count(counters, counter.receivedPackets, this.#take(leg, packetsIn));
    count(counters, counter.receivedBytes, this.#take(leg, bytesIn));
    count(counters, counter.sentPackets, this.#take(leg, packetsOut));
    count(counters, counter.sentBytes, this.#take(leg, bytesOut));
  }

  // What packets do.

  /** SRTP from a path that is the leg's. */
  receiveSrtp(leg: LegNumber, buffer: Uint8Array, offset: number, length: number, now: number): void {
    const context = this.#inbound[leg];
    if (!context) {
      this.#user(leg).drop('not-ready');
      return;
    }
    const clear = context.unprotectRtp(buffer, offset, length);
    if (clear < 0) this.#user(leg).refuse(dropReason(clear));
    else if (!readRtpHeader(buffer, offset, clear, this.#header)) this.#user(leg).refuse('malformed');
    else this.#receive(leg, buffer, offset, now);
  }

  /** Plain RTP, from anywhere. */
  receiveRtp(leg: LegNumber, path: PathId, buffer: Uint8Array, offset: number, length: number, now: number): void {
    const header = this.#header;
    if (!readRtpHeader(buffer, offset, length, header)) this.#user(leg).refuse('malformed', path);
    else if (path !== this.#records.get(leg, source) && !this.#user(leg).admits(path, header, now)) return;
    else if (!this.#windows.accept(leg, header, now)) this.#user(leg).refuse('replay', path);
    else this.#receive(leg, buffer, offset, now);
  }

  /** Reads a word of each line of memory that the next packet for `leg` needs. */
  prefetch(leg: LegNumber): number {
    const { words } = this.#records;
    const at = this.#records.at(leg);
    const to = words[at + partner] as LegNumber;
    const incoming = (words[at + windowAt] as number) ^ (words[at + receptionAt] as number) ^ (this.#inbound[leg]?.prefetch() ?? 0);
    return to === noRecord ? incoming : incoming ^ this.#prefetchOutgoing(to);
  }

  /** Sends a packet with a fixed header and `payloadLength` bytes behind it, if there is where to. Its bytes are given up. */
  transmit(leg: LegNumber, buffer: Uint8Array, offset: number, payloadLength: number): void {
    const { words } = this.#records;
    const at = this.#records.at(leg);
    const path = words[at + target] as PathId;
    if (path === noPath) return;
    words[at + packetsOut] = (words[at + packetsOut] as number) + 1;
    words[at + bytesOut] = (words[at + bytesOut] as number) + payloadLength;
    const clear = rtpFixedHeaderLength + payloadLength;
    const context = this.#outbound[leg];
    const length = context ? context.protectRtp(buffer, offset, clear) : clear;
    if (length > 0) this.#udp.send(path, buffer, offset, length);
  }

  #receive(leg: LegNumber, buffer: Uint8Array, offset: number, now: number): void {
    const header = this.#header;
    const { words } = this.#records;
    const at = this.#records.at(leg);
    const isKnown = header.payloadType === words[at + payloadType] && (header.ssrc | 0) === words[at + ssrc];
    if (!isKnown && !this.#user(leg).recognize(header, now)) return;
    words[at + packetsIn] = (words[at + packetsIn] as number) + 1;
    words[at + bytesIn] = (words[at + bytesIn] as number) + header.payloadLength;
    if ((words[at + looks] as number) > 0) {
      words[at + looks] = (words[at + looks] as number) - 1;
      this.#user(leg).look(header, buffer, offset, now);
    }
    this.receptions.receive(leg, header, now);
    const flags = words[at + inFlags] as number;
    if (flags === (accepts | isEvent)) this.#user(leg).receiveEvent(header, buffer, offset, now);
    const to = words[at + partner] as LegNumber;
    if ((flags & accepts) === 0 || to === noRecord || words[at + relayedAs] === -1) this.#user(leg).drop('no-route');
    else if (this.#mayLeave(leg, to)) this.#relay(leg, to, flags, buffer, stripRtpPacket(buffer, offset, header), now);
  }

  #prefetchOutgoing(leg: LegNumber): number {
    return this.#records.get(leg, lineAt) ^ (this.#outbound[leg]?.prefetch() ?? 0);
  }

  #mayLeave(from: LegNumber, to: LegNumber): boolean {
    const { words } = this.#records;
    const at = this.#records.at(to);
    const flags = words[at + outFlags] as number;
    if (flags === sends && words[at + target] !== noPath) return true;
    if ((flags & sends) === 0) this.#user(from).drop('no-route');
    else if (words[at + target] === noPath) this.#user(from).drop('not-ready');
    return false;
  }

  #relay(from: LegNumber, to: LegNumber, flags: number, buffer: Uint8Array, offset: number, now: number): void {
    const header = this.#header;
    const event = (flags & isEvent) !== 0;
    const found = event
      ? this.lines.followEvent(to, from, header, now)
      : this.lines.follow(to, from, header, this.receptions.clockRate(from), now);
    if (!found) {
      this.#user(from).drop('replay');
      return;
    }
    header.payloadType = this.#records.get(from, relayedAs);
    writeRtpHeader(buffer, offset, header);
    if (event) this.#user(from).convertEvent(buffer, offset + rtpFixedHeaderLength, header.payloadLength);
    this.transmit(to, buffer, offset, header.payloadLength);
  }

  #user(leg: LegNumber): DataPlaneUser {
    return this.#users[leg] as DataPlaneUser;
  }

  #flag(leg: LegNumber, word: number, flag: number, on: boolean): void {
    const others = this.#records.get(leg, word) & ~flag;
    this.#records.set(leg, word, on ? others | flag : others);
  }

  #take(leg: LegNumber, word: number): number {
    const value = this.#records.get(leg, word) >>> 0;
    this.#records.set(leg, word, 0);
    return value;
  }
}

/** What a failure of SRTP is counted as. */
export function dropReason(result: number): DropReason {
  if (result === srtpReplayed) return 'replay';
  return result === srtpUnauthentic ? 'authentication' : 'malformed';
}
