/**
 * The RTP of one leg, whatever carries it, as the control plane has it: what was negotiated, whom it is bridged to, its digits, reports
 * and counters. What is done for each packet is the data plane's, which asks here about packets unlike the one before.
 */

import { noRecord } from '../base/records.ts';
import type { DropReason } from '../events/gateway-events.ts';
import { type RtpHeader, rtpFixedHeaderLength, writeRtpHeader } from '../rtp/header.ts';
import { readTelephoneEvent, writeTelephoneEvent } from '../rtp/telephone-event.ts';
import { type Counters, count, counter, createCounters, dropCounter } from './counters.ts';
import type { DataPlane, DataPlaneUser, LegNumber } from './data-plane.ts';
import { DigitReceiver } from './digit-receiver.ts';
import { DigitSender } from './digit-sender.ts';
import type { PathId } from './io/driver.ts';
import type { LegThread } from './leg.ts';
import type { LegMedia, PayloadFormat } from './media-relay.ts';
import type { Milestones } from './milestones.ts';
import type { Negotiations } from './negotiations.ts';
import { Reports } from './reports.ts';
import { chooseTelephoneEvent, type Route, type RouteTable } from './routes.ts';
import { type StreamSource, StreamWatch } from './stream-watch.ts';

/** What carries the packets of a leg: SRTP on a browser's path, or a trunk's pair of ports. */
export interface Carrier extends StreamSource {
  /** Whether packets can leave now. */
  readonly ready: boolean;
  /** The packet is `length` bytes at `offset`, with `packetHeadroom` behind it; its bytes are given up. */
  sendRtcp(buffer: Uint8Array, offset: number, length: number): void;
  /** Whether plain RTP from `path` is taken; if not, it has been counted. */
  admits(path: PathId, header: RtpHeader, now: number): boolean;
}

export interface LegStreamOut {
  digit(digit: string, durationMs: number): void;
  /** `deadline` may have come nearer. */
  reschedule(): void;
}

export interface LegStreamOptions {
  readonly thread: LegThread;
  readonly cname: string;
  readonly milestones: Milestones;
}

const nothing: LegMedia = { direction: 'inactive', receive: [], send: [], ptimeMs: null };
const never = Number.POSITIVE_INFINITY;
/** Of the events that we make: as browsers have it. */
const digitVolume = 10;
const eventBytes = 4;
const maxEventTicks = 0xffff;
/** How many packets in a row are looked at each second. */
const looksPerSecond = 3;

export class LegStream implements DataPlaneUser {
  /** Of this leg in the data plane. */
  readonly number: LegNumber;
  readonly #plane: DataPlane;
  readonly #negotiations: Negotiations;
  readonly #carrier: Carrier;
  readonly #out: LegStreamOut;
  readonly #counters: Counters = createCounters();
  readonly #reports: Reports;
  readonly #watch: StreamWatch;
  /** From the first digit on: most legs have none. */
  #digitReceiver: DigitReceiver | null = null;
  #digitSender: DigitSender | null = null;
  #routes: RouteTable = new Map();
  /** Of the last packet. */
  #route: Route | null = null;
  #partner: LegStream | null = null;
  #media: LegMedia = nothing;
  #events: PayloadFormat | undefined;
  #closed = false;

  constructor(options: LegStreamOptions, carrier: Carrier, out: LegStreamOut) {
    const { thread, cname, milestones } = options;
    const { plane, negotiations, random } = thread;
    this.number = plane.open(this);
    plane.lines.begin(this.number, random);
    this.#plane = plane;
    this.#negotiations = negotiations;
    this.#carrier = carrier;
    this.#out = out;
    this.#reports = new Reports({ thread, leg: this.number, counters: this.#counters, cname }, this);
    this.#watch = new StreamWatch(milestones, carrier);
  }

  get deadline(): number {
    const digits = Math.min(this.#digitSender?.deadline ?? never, this.#digitReceiver?.deadline ?? never);
    return Math.min(this.#reports.deadline, digits);
  }

  /** The SSRC that we send with. */
  get ssrc(): number {
    return this.#plane.lines.ssrc(this.number);
  }

  /** The SSRC that the peer sends with, or null before its first packet. */
  get remoteSsrc(): number | null {
    return this.#plane.receptions.ssrc(this.number);
  }

  /** Packets of the peer, so far. */
  get received(): number {
    this.#collect();
    return this.#counters[counter.receivedPackets] as number;
  }

  /** The meaning of a payload type that comes in; undefined if it was not negotiated. */
  routeOf(payloadType: number): Route | undefined {
    return this.#routes.get(payloadType);
  }

  /** Sets or replaces what was negotiated. */
  configure(media: LegMedia, now: number): void {
    if (media.direction !== this.#media.direction) {
      this.#interrupt();
      if (this.#partner) this.#partner.#interrupt();
    }
    this.#media = this.#negotiations.media(media);
    this.#plane.setDirections(this.number, this.#accepts, this.#sends);
    this.#events = chooseTelephoneEvent(this.#media.send, undefined);
    this.#planRoutes();
    if (this.#partner) this.#partner.#planRoutes();
    this.#reports.start(now);
  }

  /** Relays to and from `partner` from now on; either's former partner is left without one. */
  bridge(partner: LegStream): void {
    this.unbridge();
    partner.unbridge();
    this.#meet(partner);
    partner.#meet(this);
  }

  unbridge(): void {
    const partner = this.#partner;
    if (!partner) return;
    this.#meet(null);
    partner.#meet(null);
  }

  /** Queues one digit, if the peer takes telephone events. */
  sendDigit(digit: string, durationMs: number, now: number): void {
    if (!this.#events) return;
    this.#digitSender ??= new DigitSender(this);
    this.#digitSender.send(digit, durationMs, now);
  }

  /** RTCP of this leg's peer, proved to be its own. */
  receiveRtcp(bytes: Uint8Array, now: number): void {
    if (!this.#reports.receive(bytes, now)) this.drop('malformed');
  }

  /** For what the carrier counts. */
  count(place: number): void {
    count(this.#counters, place);
  }

  /** Once a second. */
  observe(now: number): void {
    this.#watch.tick(now, this.received, this.#accepts);
    this.#plane.look(this.number, looksPerSecond);
  }

  expire(now: number): void {
    this.#collect();
    this.#reports.expire(now);
    this.#digitSender?.expire(now);
    this.#plane.hold(this.number, this.#digitSender?.active ?? false);
    this.#digitReceiver?.expire(now);
  }

  /** The counters, up to date. */
  summarize(): Counters {
    this.#collect();
    this.#reports.summarize();
    return this.#counters;
  }

  close(now: number): void {
    if (this.#closed) return;
    this.unbridge();
    this.summarize();
    this.#reports.goodbye(now);
    this.#closed = true;
    this.#plane.close(this.number);
  }

  // What the data plane asks.

  drop(reason: DropReason): void {
    count(this.#counters, dropCounter[reason]);
  }

  refuse(reason: DropReason, path = this.#carrier.source): void {
    this.drop(reason);
    this.#watch.refuse(reason, path, this.received);
  }

  admits(path: PathId, header: RtpHeader, now: number): boolean {
    return this.#carrier.admits(path, header, now);
  }

  recognize(header: RtpHeader, now: number): boolean {
    const { ssrc, payloadType } = header;
    const route = this.#routes.get(payloadType);
    if (!route) {
      this.drop('payload-type');
      this.#watch.refusePayloadType(payloadType);
      return false;
    }
    this.#route = route;
    this.#plane.route(this.number, { ssrc, payloadType, relayedAs: route.payloadType, event: route.event });
    this.#reports.follow(ssrc, route.clockRate, route.encoding);
    this.#watch.recognize(route, header, now);
    if (this.#accepts && this.#partner && route.payloadType === null) this.#watch.refuseCodec(payloadType, route.encoding);
    return true;
  }

  /** Our descriptions pass the packet time on that the other side wants. */
  look(header: RtpHeader, buffer: Uint8Array, offset: number, now: number): void {
    const askedMs = this.#partner ? this.#partner.#media.ptimeMs : null;
    if (this.#route) this.#watch.look(header, this.#route, askedMs, buffer, offset, now);
  }

  receiveEvent(header: RtpHeader, buffer: Uint8Array, offset: number, now: number): void {
    const event = readTelephoneEvent(buffer, offset + header.headerLength, header.payloadLength);
    if (!event || !this.#route) return;
    this.#digitReceiver ??= new DigitReceiver(this.#out);
    this.#digitReceiver.receive(event, header.ssrc, header.timestamp, this.#route.clockRate, now);
    this.#out.reschedule();
  }

  /** To another clock rate. */
  convertEvent(buffer: Uint8Array, offset: number, length: number): void {
    const scale = this.#route?.durationScale ?? 1;
    const event = scale === 1 ? null : readTelephoneEvent(buffer, offset, length);
    if (event) writeTelephoneEvent(buffer, offset, { ...event, duration: Math.min(Math.round(event.duration * scale), maxEventTicks) });
  }

  // What the digit sender and the reports need.

  timestampAt(now: number): number {
    return this.#plane.lines.timestampAt(this.number, now);
  }

  sendEvent(code: number, end: boolean, durationMs: number, timestamp: number, marker: boolean): void {
    const format = this.#events;
    if (!format || !this.#sends || !this.#carrier.ready) return;
    const { own, lines } = this.#plane;
    const { payloadType, clockRate } = format;
    const duration = Math.round((durationMs * clockRate) / 1000);
    writeRtpHeader(own, 0, { payloadType, marker, sequence: lines.insert(this.number), timestamp, ssrc: this.ssrc });
    writeTelephoneEvent(own, rtpFixedHeaderLength, { event: code, end, volume: digitVolume, duration });
    this.#plane.transmit(this.number, own, 0, eventBytes);
  }

  sendRtcp(packet: Uint8Array): void {
    if (!this.#carrier.ready) return;
    this.#plane.own.set(packet);
    this.#carrier.sendRtcp(this.#plane.own, 0, packet.length);
  }

  get #accepts(): boolean {
    return this.#media.direction === 'sendrecv' || this.#media.direction === 'recvonly';
  }

  get #sends(): boolean {
    return this.#media.direction === 'sendrecv' || this.#media.direction === 'sendonly';
  }

  #collect(): void {
    if (!this.#closed) this.#plane.collect(this.number, this.#counters);
  }

  #interrupt(): void {
    this.#plane.lines.interrupt(this.number);
  }

  #meet(partner: LegStream | null): void {
    this.#partner = partner;
    this.#plane.bridge(this.number, partner?.number ?? noRecord);
    this.#planRoutes();
  }

  #planRoutes(): void {
    this.#routes = this.#negotiations.routes(this.#media, this.#partner ? this.#partner.#media : null);
    this.#plane.route(this.number, null);
  }
}
