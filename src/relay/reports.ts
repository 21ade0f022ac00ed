/**
 * The RTCP of one leg (RFC 3550 section 6). Each leg is an RTP session of its own: our reports go out from its state, the peer's are
 * read, and nothing of another leg's is passed on.
 */

import { ntpMiddle, ntpTime, ntpUnits, roundTripMs } from '../rtp/ntp.ts';
import { estimateMos } from '../rtp/quality.ts';
import { parseRtcp, type ReportBlock, type RtcpPacket, type SenderReport, sdesCname, writeRtcp } from '../rtp/rtcp.ts';
import { type Counters, counter } from './counters.ts';
import type { LegNumber } from './data-plane.ts';
import type { LegThread } from './leg.ts';

/** RFC 3550 6.2: the minimum, and for two parties also the usual interval. */
const intervalMs = 5000;
/** RFC 3550 6.3.1: undoes what timer reconsideration adds on average, e - 3/2. */
const compensation = Math.E - 1.5;

export interface ReportsOptions {
  readonly thread: Pick<LegThread, 'plane' | 'random' | 'epochMs'>;
  readonly leg: LegNumber;
  readonly counters: Counters;
  readonly cname: string;
}

export interface ReportsOut {
  /** A compound packet, valid during the call. */
  sendRtcp(packet: Uint8Array): void;
}

export class Reports {
  readonly #thread: ReportsOptions['thread'];
  readonly #leg: LegNumber;
  readonly #counters: Counters;
  readonly #cname: string;
  readonly #out: ReportsOut;
  #encoding = '';
  /** Of the sources before the present one. */
  #lostBefore = 0;
  #senderReport: { readonly middle: number; readonly at: number } | null = null;
  #deadline = Number.POSITIVE_INFINITY;
  /** Counters at the last report. */
  #reportedSent = 0;
  #reportedReceived = 0;

  constructor({ thread, leg, counters, cname }: ReportsOptions, out: ReportsOut) {
    this.#thread = thread;
    this.#leg = leg;
    this.#counters = counters;
    this.#cname = cname;
    this.#out = out;
  }

  get deadline(): number {
    return this.#deadline;
  }

  /** Begins to report; the first one is due early (RFC 3550 6.2). */
  start(now: number): void {
    if (this.#deadline === Number.POSITIVE_INFINITY) this.#deadline = now + this.#interval() / 2;
  }

  /** The source that is received from now on. `clockRate` and `encoding`: of its payload type. */
  follow(ssrc: number, clockRate: number, encoding: string): void {
    const leg = this.#leg;
    const { receptions } = this.#thread.plane;
    this.#encoding = encoding;
    const isSame = receptions.ssrc(leg) === ssrc;
    if (isSame && receptions.clockRate(leg) === clockRate) return;
    this.#lostBefore += receptions.lost(leg);
    if (!isSame) this.#senderReport = null;
    receptions.begin(leg, ssrc, clockRate);
  }

  /** The peer's RTCP; false if it is malformed. */
  receive(bytes: Uint8Array, now: number): boolean {
    const packets = parseRtcp(bytes);
    for (const packet of packets ?? []) {
      if (packet.type === 'sr') this.#readSenderReport(packet, now);
      if (packet.type === 'sr' || packet.type === 'rr') for (const block of packet.blocks) this.#readBlock(block, now);
    }
    return packets !== null;
  }

  expire(now: number): void {
    if (this.#deadline > now) return;
    this.#deadline = now + this.#interval();
    this.#out.sendRtcp(writeRtcp(this.#compound(now)));
  }

  /** Our last words (RFC 3550 6.6). */
  goodbye(now: number): void {
    const bye: RtcpPacket = { type: 'bye', ssrcs: [this.#ssrc], reason: null };
    if (this.#deadline !== Number.POSITIVE_INFINITY) this.#out.sendRtcp(writeRtcp([...this.#compound(now), bye]));
    this.#deadline = Number.POSITIVE_INFINITY;
  }

  /** Brings the counters of loss, jitter and quality up to date. */
  summarize(): void {
    const counters = this.#counters;
    const leg = this.#leg;
    const { receptions } = this.#thread.plane;
    if (receptions.ssrc(leg) === null) return;
    const lost = Math.max(0, this.#lostBefore + receptions.lost(leg));
    const jitterMs = receptions.jitterMs(leg);
    const received = counters[counter.receivedPackets] as number;
    const trip = counters[counter.roundTripMs] as number;
    counters[counter.receivedLost] = lost;
    counters[counter.receivedJitterMs] = jitterMs;
    counters[counter.mos] = estimateMos({
      encoding: this.#encoding,
      lossRatio: lost / Math.max(1, received + lost),
      jitterMs,
      roundTripMs: Number.isNaN(trip) ? null : trip,
    });
  }

  #readSenderReport(report: SenderReport, now: number): void {
    if (report.ssrc === this.#thread.plane.receptions.ssrc(this.#leg)) this.#senderReport = { middle: ntpMiddle(report), at: now };
  }

  #readBlock(block: ReportBlock, now: number): void {
    if (block.ssrc !== this.#ssrc) return;
    const counters = this.#counters;
    counters[counter.sentLost] = Math.max(0, block.cumulativeLost);
    counters[counter.sentJitterMs] = (block.jitter * 1000) / this.#thread.plane.lines.clockRate(this.#leg);
    const arrival = ntpMiddle(ntpTime(now + this.#thread.epochMs));
    const trip = roundTripMs(arrival, block.lastSenderReport, block.delaySinceLastSenderReport);
    if (trip !== null) counters[counter.roundTripMs] = trip;
  }

  /** SR if anything was sent since the last report, else RR; always with our CNAME (RFC 3550 6.1). */
  #compound(now: number): RtcpPacket[] {
    const { plane, epochMs } = this.#thread;
    const ssrc = this.#ssrc;
    const packets = this.#counters[counter.sentPackets] as number;
    const octets = this.#counters[counter.sentBytes] as number;
    const blocks = this.#blocks(now);
    const sender = packets > this.#reportedSent;
    this.#reportedSent = packets;
    const { ntpSeconds, ntpFraction } = ntpTime(now + epochMs);
    const report: RtcpPacket = sender
      ? {
          type: 'sr',
          ssrc,
          ntpSeconds,
          ntpFraction,
          rtpTimestamp: plane.lines.timestampAt(this.#leg, now),
          packets: packets % 2 ** 32,
          octets: octets % 2 ** 32,
          blocks,
        }
      : { type: 'rr', ssrc, blocks };
    return [report, { type: 'sdes', chunks: [{ ssrc, items: [{ item: sdesCname, text: this.#cname }] }] }];
  }

  #blocks(now: number): readonly ReportBlock[] {
    const received = this.#counters[counter.receivedPackets] as number;
    const heard = received > this.#reportedReceived;
    this.#reportedReceived = received;
    if (!heard) return [];
    const { middle, at } = this.#senderReport ?? { middle: 0, at: now };
    return [this.#thread.plane.receptions.report(this.#leg, middle, ntpUnits(now - at))];
  }

  /** Ours. */
  get #ssrc(): number {
    return this.#thread.plane.lines.ssrc(this.#leg);
  }

  #interval(): number {
    const fraction = this.#thread.random.uint32() / 2 ** 32;
    return (intervalMs * (0.5 + fraction)) / compensation;
  }
}
