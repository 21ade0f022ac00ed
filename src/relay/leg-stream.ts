/**
 * The RTP of one leg, whatever carries it: what arrives is checked against what was negotiated, counted and handed to the bridged
 * leg; what leaves is one continuous line. Packets are edited in place, and nothing is allocated for them.
 *
 * With hundreds of calls, a call's state has left the caches when its next packet comes, and fetching it again is most of what a
 * packet costs. So what each packet needs lies together here, first in the object; what happens seldom lies behind other objects.
 */

import type { Random } from '../base/random.ts';
import type { DropReason } from '../events/gateway-events.ts';
import { createRtpHeader, type RtpHeader, rtpFixedHeaderLength, stripRtpPacket, writeRtpHeader } from '../rtp/header.ts';
import type { Reception } from '../rtp/reception.ts';
import { readTelephoneEvent, writeTelephoneEvent } from '../rtp/telephone-event.ts';
import { type Counters, count, counter, createCounters, dropCounter } from './counters.ts';
import { DigitReceiver } from './digit-receiver.ts';
import { DigitSender } from './digit-sender.ts';
import { packetHeadroom } from './io/driver.ts';
import { Line } from './line.ts';
import type { LegId, LegMedia, PayloadFormat } from './media-relay.ts';
import type { Milestones } from './milestones.ts';
import { Reports } from './reports.ts';
import { chooseTelephoneEvent, planRoutes, type Route, type RouteTable } from './routes.ts';
import { type StreamSource, StreamWatch } from './stream-watch.ts';

/** What carries the packets of a leg: SRTP on a browser's path, or a trunk's pair of ports. */
export interface Carrier extends StreamSource {
  /** Whether packets can leave now. */
  readonly ready: boolean;
  /** The packet is `length` bytes at `offset`, with `packetHeadroom` behind it; its bytes are given up. */
  sendRtp(buffer: Uint8Array, offset: number, length: number): void;
  sendRtcp(buffer: Uint8Array, offset: number, length: number): void;
}

export interface LegStreamOut {
  digit(digit: string, durationMs: number): void;
  /** `deadline` may have come nearer. */
  reschedule(): void;
}

export interface LegStreamOptions {
  readonly leg: LegId;
  readonly scratch: Scratch;
  readonly cname: string;
  readonly random: Random;
  /** Milliseconds to add to `now` for the time since the Unix epoch. */
  readonly epochMs: number;
  readonly milestones: Milestones;
}

/** What a thread needs for the packet at hand. Nothing in it outlives that packet, so one serves all legs. */
export interface Scratch {
  readonly header: RtpHeader;
  /** Packets of our own are made in here. */
  readonly own: Uint8Array;
}

const ownPacketBytes = 512;

export function createScratch(): Scratch {
  return { header: createRtpHeader(), own: new Uint8Array(ownPacketBytes + packetHeadroom) };
}

const nothing: LegMedia = { direction: 'inactive', receive: [], send: [], ptimeMs: null };
/** Of the events that we make: as browsers have it. */
const digitVolume = 10;
const maxEventTicks = 0xffff;
/** How many packets in a row are looked at each second. */
const looksPerSecond = 3;

export class LegStream {
  // For each packet that comes in.
  #routes: RouteTable = [];
  /** Of the last packet: its route, its SSRC with a sign, and what is kept about its source. */
  #route: Route | null = null;
  #ssrc = 0;
  #reception: Reception | null = null;
  #partner: LegStream | null = null;
  #accepts = false;
  /** How many of the next packets to look at more closely. */
  #looks = 0;
  #receivedPackets = 0;
  #receivedBytes = 0;
  readonly leg: LegId;
  // For each packet that goes out.
  #sends = false;
  /** Audio is held back: a digit is being sent. */
  #held = false;
  readonly #carrier: Carrier;
  readonly line: Line;
  #sentPackets = 0;
  #sentBytes = 0;
  // For what happens now and then.
  readonly #counters: Counters = createCounters();
  readonly #out: LegStreamOut;
  readonly #reports: Reports;
  readonly #digitReceiver: DigitReceiver;
  readonly #digitSender: DigitSender;
  readonly #watch: StreamWatch;
  readonly #own: Uint8Array;
  #media: LegMedia = nothing;
  #events: PayloadFormat | undefined;

  constructor(options: LegStreamOptions, carrier: Carrier, out: LegStreamOut) {
    const { random, cname, epochMs, scratch, milestones } = options;
    this.leg = options.leg;
    this.line = new Line(random);
    this.#carrier = carrier;
    this.#out = out;
    this.#own = scratch.own;
    this.#reports = new Reports({ line: this.line, counters: this.#counters, cname, random, epochMs }, this);
    this.#digitReceiver = new DigitReceiver(out);
    this.#digitSender = new DigitSender(this);
    this.#watch = new StreamWatch(milestones, carrier);
  }

  get deadline(): number {
    return Math.min(this.#reports.deadline, this.#digitSender.deadline, this.#digitReceiver.deadline);
  }

  /** The SSRC that the peer sends with, or null before its first packet. */
  get remoteSsrc(): number | null {
    return this.#reports.remoteSsrc;
  }

  /** The meaning of a payload type that comes in; undefined if it was not negotiated. */
  routeOf(payloadType: number): Route | undefined {
    return this.#routes[payloadType];
  }

  /** Sets or replaces what was negotiated. */
  configure(media: LegMedia, now: number): void {
    if (media.direction !== this.#media.direction) {
      this.line.interrupt();
      this.#partner?.line.interrupt();
    }
    this.#media = media;
    this.#accepts = media.direction === 'sendrecv' || media.direction === 'recvonly';
    this.#sends = media.direction === 'sendrecv' || media.direction === 'sendonly';
    this.#events = chooseTelephoneEvent(media.send, undefined);
    this.#planRoutes();
    if (this.#partner) this.#partner.#planRoutes();
    this.#reports.start(now);
  }

  /** Relays to and from `partner` from now on; either's former partner is left without one. */
  bridge(partner: LegStream): void {
    this.unbridge();
    partner.unbridge();
    this.#partner = partner;
    partner.#partner = this;
    this.#planRoutes();
    partner.#planRoutes();
  }

  unbridge(): void {
    const partner = this.#partner;
    if (!partner) return;
    this.#partner = null;
    partner.#partner = null;
    this.#planRoutes();
    partner.#planRoutes();
  }

  /** Queues one digit, if the peer takes telephone events. */
  sendDigit(digit: string, durationMs: number, now: number): void {
    if (this.#events) this.#digitSender.send(digit, durationMs, now);
  }

  /** One packet of this leg's peer, proved to be its own. `header` must be what was read at `offset`. */
  receive(header: RtpHeader, buffer: Uint8Array, offset: number, now: number): void {
    const route = this.#routes[header.payloadType];
    if (!route) {
      this.drop('payload-type');
      this.#watch.refusePayloadType(header.payloadType);
      return;
    }
    this.#receivedPackets++;
    this.#receivedBytes += header.payloadLength;
    if (route !== this.#route || (header.ssrc | 0) !== this.#ssrc) this.#recognize(route, header, now);
    if (this.#looks > 0) this.#look(header, route, buffer, offset, now);
    this.#reception?.receive(header, now);
    if (route.event && this.#accepts) this.#receiveEvent(header, route, buffer, offset, now);
    if (!this.#accepts || !this.#partner || route.payloadType === null) {
      this.drop('no-route');
      return;
    }
    this.#partner.#relay(this, header, route, route.payloadType, buffer, stripRtpPacket(buffer, offset, header), now);
  }

  /** RTCP of this leg's peer, proved to be its own. */
  receiveRtcp(bytes: Uint8Array, now: number): void {
    if (!this.#reports.receive(bytes, now)) this.drop('malformed');
  }

  drop(reason: DropReason): void {
    count(this.#counters, dropCounter[reason]);
  }

  /** RTP from `path` is not taken: unlike what is merely dropped, somebody may want to know why. */
  refuse(reason: DropReason, path = this.#carrier.source): void {
    this.drop(reason);
    this.#watch.refuse(reason, path, this.#receivedPackets);
  }

  /** For what the carrier counts. */
  count(place: number): void {
    count(this.#counters, place);
  }

  /** Once a second. */
  observe(now: number): void {
    this.#watch.tick(now, this.#receivedPackets, this.#accepts);
    this.#looks = looksPerSecond;
  }

  expire(now: number): void {
    this.#tally();
    this.#reports.expire(now);
    this.#digitSender.expire(now);
    this.#held = this.#digitSender.active;
    this.#digitReceiver.expire(now);
  }

  /** The counters, up to date. */
  summarize(): Counters {
    this.#tally();
    this.#reports.summarize();
    return this.#counters;
  }

  close(now: number): void {
    this.unbridge();
    this.#tally();
    this.#reports.goodbye(now);
  }

  /** For the digit sender. */
  timestampAt(now: number): number {
    return this.line.timestampAt(now);
  }

  /** For the digit sender. */
  sendEvent(code: number, end: boolean, durationMs: number, timestamp: number, marker: boolean): void {
    const format = this.#events;
    if (!format || !this.#sends || !this.#carrier.ready) return;
    const { payloadType, clockRate } = format;
    const duration = Math.round((durationMs * clockRate) / 1000);
    writeRtpHeader(this.#own, 0, { payloadType, marker, sequence: this.line.insert(), timestamp, ssrc: this.line.ssrc });
    writeTelephoneEvent(this.#own, rtpFixedHeaderLength, { event: code, end, volume: digitVolume, duration });
    this.#transmit(this.#own, 0, 4);
  }

  /** For the reports. */
  sendRtcp(packet: Uint8Array): void {
    if (!this.#carrier.ready) return;
    this.#own.set(packet);
    this.#carrier.sendRtcp(this.#own, 0, packet.length);
  }

  #relay(source: LegStream, header: RtpHeader, route: Route, payloadType: number, buffer: Uint8Array, offset: number, now: number): void {
    if (!this.#sends) source.drop('no-route');
    else if (!this.#carrier.ready) source.drop('not-ready');
    else if (this.#held) return;
    else if (!this.#findPlace(source.leg, header, route, now)) source.drop('replay');
    else {
      header.payloadType = payloadType;
      writeRtpHeader(buffer, offset, header);
      if (route.durationScale !== 1) scaleEvent(buffer, offset + rtpFixedHeaderLength, header.payloadLength, route.durationScale);
      this.#transmit(buffer, offset, header.payloadLength);
    }
  }

  #findPlace(source: LegId, header: RtpHeader, route: Route, now: number): boolean {
    return route.event ? this.line.followEvent(source, header, now) : this.line.follow(source, header, route.clockRate, now);
  }

  #transmit(buffer: Uint8Array, offset: number, payloadLength: number): void {
    this.#sentPackets++;
    this.#sentBytes += payloadLength;
    this.#carrier.sendRtp(buffer, offset, rtpFixedHeaderLength + payloadLength);
  }

  /** A packet of another source or with another payload type than the one before. */
  #recognize(route: Route, header: RtpHeader, now: number): void {
    this.#route = route;
    this.#ssrc = header.ssrc | 0;
    this.#reception = this.#reports.follow(header.ssrc, route.clockRate, route.encoding);
    this.#watch.recognize(route, header, now);
    if (this.#accepts && this.#partner && route.payloadType === null) this.#watch.refuseCodec(header.payloadType, route.encoding);
  }

  /** Our descriptions pass the packet time on that the other side wants. */
  #look(header: RtpHeader, route: Route, buffer: Uint8Array, offset: number, now: number): void {
    this.#looks--;
    this.#watch.look(header, route, this.#partner ? this.#partner.#media.ptimeMs : null, buffer, offset, now);
  }

  #tally(): void {
    this.#counters[counter.receivedPackets] = this.#receivedPackets;
    this.#counters[counter.receivedBytes] = this.#receivedBytes;
    this.#counters[counter.sentPackets] = this.#sentPackets;
    this.#counters[counter.sentBytes] = this.#sentBytes;
  }

  #receiveEvent(header: RtpHeader, route: Route, buffer: Uint8Array, offset: number, now: number): void {
    const event = readTelephoneEvent(buffer, offset + header.headerLength, header.payloadLength);
    if (!event) return;
    this.#digitReceiver.receive(event, header.ssrc, header.timestamp, route.clockRate, now);
    this.#out.reschedule();
  }

  #planRoutes(): void {
    this.#routes = planRoutes(this.#media.receive, this.#partner ? this.#partner.#media.send : []);
  }
}

/** Converts the duration of a telephone event to another clock rate. */
function scaleEvent(buffer: Uint8Array, offset: number, length: number, scale: number): void {
  const event = readTelephoneEvent(buffer, offset, length);
  if (event) writeTelephoneEvent(buffer, offset, { ...event, duration: Math.min(Math.round(event.duration * scale), maxEventTicks) });
}
