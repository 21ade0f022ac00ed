/** Sends every SIP message, without credentials, and every call's quality to a HEP collector. */

import type { EventEmitter } from 'node:events';
import type { SocketAddress } from '../base/address.ts';
import type { Clock } from '../base/clock.ts';
import type { Log } from '../base/log.ts';
import type { CallParties, CallSide, GatewayEvents, LegQuality } from '../events/gateway-events.ts';
import type { MilestoneName } from '../events/media-milestone.ts';
import { printAsItStands } from '../sip/message/print.ts';
import { type CapturedMessage, readShowable } from '../trace/captured-message.ts';
import { Collector } from './collector.ts';
import { ExportedCalls, type ExportedLeg } from './exported-calls.ts';
import { type HepPacket, hepProtocol, writeHepPacket } from './packet.ts';
import { printOwnReport, printPeerReport } from './quality-report.ts';

export interface HepOptions {
  readonly target: SocketAddress;
  readonly captureId: number;
  readonly password: string | null;
  readonly node: string | null;
  readonly clock: Pick<Clock, 'now' | 'wallTime' | 'after'>;
  readonly log: Log;
}

/** A first INVITE is sent on a moment later, when its call is known. */
const gatherMs = 20;
/** So many messages are encoded at once, so that calls do not wait for it. */
const batch = 50;
const maxWaiting = 2000;
/** What fits into a datagram with the other chunks; the end of a longer message is cut off. */
const maxPayload = 60_000;
const maxCorrelation = 128;
const reportEveryMs = 5000;
/** Those that name the address of the peer's media; others may name a stranger's. */
const sourceMilestones: ReadonlySet<MilestoneName> = new Set(['ice-nominated', 'rtp-began', 'source-learned']);
const tcp = 6;
const udp = 17;

export class HepExporter {
  readonly #options: HepOptions;
  readonly #collector: Collector;
  readonly #calls = new ExportedCalls();
  #waiting: CapturedMessage[] = [];
  #cancelFlush: (() => void) | undefined;

  constructor(options: HepOptions) {
    this.#options = options;
    this.#collector = new Collector(options);
  }

  get sent(): number {
    return this.#collector.sent;
  }

  /** Messages and reports that the collector did not get, as far as that is known here. */
  get failed(): number {
    return this.#collector.failed;
  }

  follow(events: EventEmitter<GatewayEvents>): void {
    events.on('call.started', ({ callId }) => this.#calls.start(callId));
    events.on('call.leg', ({ callId, side, sipCallId }) => this.#calls.claim(callId, side, sipCallId));
    events.on('call.milestone', ({ callId, milestone: { side, what, remote } }) => {
      if (sourceMilestones.has(what)) this.#learn(callId, side, { media: remote });
    });
    events.on('call.media-changed', ({ callId, audio: { side, clockRate } }) => this.#learn(callId, side, { clockRate }));
    events.on('call.quality', (measured) => this.#report(measured));
    events.on('call.ended', ({ callId }) => this.#calls.end(callId));
  }

  sip(message: CapturedMessage): void {
    if (this.#waiting.length >= maxWaiting) this.#collector.fail('too many messages at once');
    else this.#waiting.push(message);
    this.#cancelFlush ??= this.#options.clock.after(gatherMs, () => this.#flush());
  }

  /** Sends what waits. Idempotent. */
  async close(): Promise<void> {
    this.#cancelFlush?.();
    if (this.#collector.connected) for (const message of this.#waiting.splice(0)) this.#sendMessage(message);
    await this.#collector.close();
  }

  #flush(): void {
    this.#cancelFlush = undefined;
    if (this.#collector.connected) for (const message of this.#waiting.splice(0, batch)) this.#sendMessage(message);
    if (this.#waiting.length > 0) this.#cancelFlush = this.#options.clock.after(gatherMs, () => this.#flush());
  }

  #sendMessage(message: CapturedMessage): void {
    const { at, direction, local, remote, transport, sipCallId } = message;
    const call = this.#calls.callOf(message);
    const shown = readShowable(message);
    if (!shown) {
      this.#collector.fail('a message that cannot be read');
      return;
    }
    this.#send({
      ipProtocol: transport === 'udp' ? udp : tcp,
      source: direction === 'sent' ? local : remote,
      destination: direction === 'sent' ? remote : local,
      at,
      protocol: hepProtocol.sip,
      correlationId: call?.callId ?? sipCallId.slice(0, maxCorrelation),
      payload: printAsItStands(shown).subarray(0, maxPayload),
    });
  }

  #learn(callId: string, side: CallSide, { media, clockRate }: { media?: SocketAddress | null; clockRate?: number }): void {
    const leg = this.#calls.get(callId)?.legs[side];
    if (!leg) return;
    leg.media = media ?? leg.media;
    leg.clockRate = clockRate ?? leg.clockRate;
  }

  #report({ callId, quality }: CallParties & { readonly quality: readonly LegQuality[] }): void {
    const call = this.#calls.get(callId);
    const at = this.#options.clock.wallTime();
    if (!call || at - call.reportedAt < reportEveryMs) return;
    call.reportedAt = at;
    for (const measured of quality) this.#reportLeg(callId, call.legs[measured.side], measured, at);
  }

  #reportLeg(callId: string, leg: ExportedLeg, quality: LegQuality, at: number): void {
    const { signalling, media, clockRate, reported: before } = leg;
    if (!signalling || quality.received.packets + quality.sent.packets === 0) return;
    leg.reported = quality;
    const { local } = signalling;
    const remote = media ?? { host: signalling.remote.host, port: 0 };
    const measured = { quality, before, clockRate };
    const report = { ipProtocol: udp, at, protocol: hepProtocol.rtcpJson, correlationId: callId };
    this.#send({ ...report, source: local, destination: remote, payload: Buffer.from(printOwnReport(measured, at)) });
    this.#send({ ...report, source: remote, destination: local, payload: Buffer.from(printPeerReport(measured)) });
  }

  #send(packet: Omit<HepPacket, 'captureId' | 'password' | 'node'>): void {
    const { captureId, password, node } = this.#options;
    try {
      this.#collector.send(writeHepPacket({ ...packet, captureId, password, node }));
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      this.#collector.fail(error.message);
    }
  }
}
