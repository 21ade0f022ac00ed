/** The traces of all running calls and of the last ones that ended, filled by the SIP tap and the gateway's events. */

import type { EventEmitter } from 'node:events';
import type { Clock } from '../base/clock.ts';
import type { CallParties, CallRecord, CallSide, GatewayEvents } from '../events/gateway-events.ts';
import { CallLog, type CallLogLimits } from './call-log.ts';
import type { CallEntry, CallTrace } from './call-trace.ts';
import { type CapturedMessage, type CapturedTrace, showMessage } from './captured-message.ts';
import type { KeptEntry } from './packed-entries.ts';
import { Packer } from './packer.ts';
import { QuietCalls } from './quiet-calls.ts';
import { Unclaimed } from './unclaimed.ts';

export interface TraceOptions extends CallLogLimits {
  /** Ended calls that are kept. */
  readonly calls: number;
  readonly clock: Clock;
}

/** Requests with which a leg may begin before its call is known. */
const firstMethods = new Set(['INVITE', 'ACK', 'CANCEL']);

export class Traces {
  readonly #options: TraceOptions;
  readonly #running = new Map<string, CallLog>();
  /** The longest ended first. */
  readonly #ended = new Map<string, CallLog>();
  /** By side and SIP Call-ID. */
  readonly #legs = new Map<string, CallLog>();
  readonly #unclaimed = new Unclaimed();
  readonly #packer = new Packer();
  readonly #quiet: QuietCalls;

  constructor(options: TraceOptions) {
    this.#options = options;
    this.#quiet = new QuietCalls(options.clock);
  }

  /** Takes part in everything that is told of calls. */
  follow(events: EventEmitter<GatewayEvents>): void {
    events.on('call.started', (parties) => this.#started(parties));
    events.on('call.leg', ({ callId, side, sipCallId }) => this.#claim(callId, side, sipCallId));
    events.on('call.ringing', (parties) => this.#happened(parties, 'ringing', ''));
    events.on('call.answered', (parties) => this.#answered(parties));
    events.on('call.held', (held) => this.#happened(held, 'held', `by the ${held.by}`));
    events.on('call.resumed', (resumed) => this.#happened(resumed, 'resumed', `by the ${resumed.by}`));
    events.on('dtmf', (dtmf) => this.#happened(dtmf, 'dtmf', `${dtmf.digit} from the ${dtmf.from}, ${dtmf.durationMs} ms`));
    events.on('call.milestone', ({ callId, milestone }) => this.#add(callId, { at: milestone.at, kind: 'milestone', milestone }));
    events.on('call.media-changed', ({ callId, audio: { side, codec, direction, ptimeMs } }) =>
      this.#add(callId, { at: this.#now, kind: 'media', side, codec, direction, ptimeMs }),
    );
    events.on('call.quality', ({ callId, quality }) => this.#running.get(callId)?.measured(this.#now, quality));
    events.on('call.ended', (record) => this.#ends(record));
  }

  /** A message that came or went. It goes to the call of its Call-ID, waits for one, or is none of a call. */
  sip(message: CapturedMessage): void {
    const key = legKey(message.side, message.sipCallId);
    const call = this.#legs.get(key);
    if (call) this.#keep(call, message);
    else if (firstMethods.has(message.method)) this.#unclaimed.add(key, message);
  }

  /** The calls that have a trace, those that run first, the latest of each first. */
  list(): readonly CallParties[] {
    return [this.#running, this.#ended].flatMap((calls) => [...calls.values()].reverse().map(({ parties }) => parties));
  }

  /** Readable, credentials hidden. */
  get(callId: string): CallTrace | undefined {
    const captured = this.captured(callId);
    return captured && { ...captured, entries: captured.entries.map((entry) => (entry.kind === 'sip' ? showMessage(entry) : entry)) };
  }

  captured(callId: string): CapturedTrace | undefined {
    return (this.#running.get(callId) ?? this.#ended.get(callId))?.trace;
  }

  /** Nothing is packed from here on. Idempotent. */
  close(): void {
    this.#quiet.close();
  }

  get #now(): number {
    return this.#options.clock.wallTime();
  }

  #started(parties: CallParties): void {
    this.#running.set(parties.callId, new CallLog(parties, this.#options, this.#packer));
    this.#happened(parties, 'started', describe(parties));
  }

  /** A Call-ID that is in use stays with the call that has it: browsers choose theirs themselves. */
  #claim(callId: string, side: CallSide, sipCallId: string): void {
    const call = this.#running.get(callId);
    const key = legKey(side, sipCallId);
    if (!call || this.#legs.get(key)?.record === null) return;
    this.#legs.set(key, call);
    call.legs.push(key);
    for (const message of this.#unclaimed.take(key)) this.#keep(call, message);
  }

  #answered(parties: CallParties): void {
    const call = this.#running.get(parties.callId);
    if (call) call.parties = parties;
    this.#happened(parties, 'answered', parties.user === null ? '' : `user ${parties.user}`);
  }

  /** The answer to its BYE is still to come: its legs stay known for as long as it is kept. */
  #ends(record: CallRecord): void {
    const call = this.#running.get(record.callId);
    if (!call) return;
    this.#happened(record, 'ended', describeEnd(record));
    call.record = record;
    this.#quiet.forget(call);
    this.#running.delete(record.callId);
    this.#ended.set(record.callId, call);
    for (const [oldest, log] of this.#ended) {
      if (this.#ended.size <= this.#options.calls) return;
      this.#forget(oldest, log);
    }
  }

  #forget(callId: string, log: CallLog): void {
    this.#ended.delete(callId);
    for (const key of log.legs) if (this.#legs.get(key) === log) this.#legs.delete(key);
  }

  #happened({ callId }: CallParties, what: CallEntry['what'], detail: string): void {
    this.#add(callId, { at: this.#now, kind: 'call', what, detail });
  }

  #add(callId: string, entry: KeptEntry): void {
    const call = this.#running.get(callId);
    if (call) this.#keep(call, entry);
  }

  #keep(call: CallLog, entry: KeptEntry): void {
    call.add(entry);
    if (call.record === null) this.#quiet.addedTo(call);
  }
}

function legKey(side: CallSide, sipCallId: string): string {
  return `${side} ${sipCallId}`;
}

function describe({ direction, user, number, trunk }: CallParties): string {
  return direction === 'outbound' ? `${user} calls ${number} by ${trunk}` : `${number} calls by ${trunk}`;
}

function describeEnd({ end: { cause, side, sipStatus, detail } }: CallRecord): string {
  const status = sipStatus === undefined ? '' : ` (${sipStatus})`;
  return `${cause}${status} by the ${side}${detail === undefined ? '' : `: ${detail}`}`;
}
