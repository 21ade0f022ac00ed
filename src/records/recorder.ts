/** Follows the calls of a gateway and hands their records to the store: the running ones as they change, the ended ones for good. */

import type { EventEmitter } from 'node:events';
import { Alarm, type Clock } from '../base/clock.ts';
import { errorText } from '../base/errors.ts';
import type { Log } from '../base/log.ts';
import type { CallParties, CallRecord, CallSide, GatewayEvents } from '../events/gateway-events.ts';
import type { RecordFinding, RecordStore, RunningRecord } from './record-store.ts';

export interface RecorderOptions {
  readonly records: RecordStore;
  /** Whether running calls are noted too: what is left when the gateway is killed. */
  readonly checkpoints: boolean;
  /** What is known about a call when it ends. */
  findings(callId: string): readonly RecordFinding[];
  readonly clock: Clock;
  readonly log: Log;
}

interface Running {
  readonly record: RunningRecord;
  readonly notedAt: number;
}

/** Each running call is noted so often, whether anything is heard of it or not. */
const noteMs = 1000;

const nothingYet = { ringingAt: null, earlyMediaAt: null, answeredAt: null, codecs: { browser: null, trunk: null }, quality: [] };

export class Recorder {
  readonly #options: RecorderOptions;
  readonly #running = new Map<string, Running>();
  readonly #alarm: Alarm;

  constructor(options: RecorderOptions) {
    this.#options = options;
    this.#alarm = new Alarm(options.clock, () => this.#noteSilent());
  }

  follow(events: EventEmitter<GatewayEvents>): void {
    const { checkpoints, clock } = this.#options;
    events.on('call.started', (parties) => this.#started(parties));
    events.on('call.ringing', ({ callId }) => this.#change(callId, ({ ringingAt }) => ({ ringingAt: ringingAt ?? clock.wallTime() })));
    events.on('call.answered', ({ callId, user }) => this.#change(callId, () => ({ user, answeredAt: clock.wallTime() })));
    events.on('call.media-changed', ({ callId, audio: { side, codec } }) =>
      this.#change(callId, ({ codecs }) => ({ codecs: { ...codecs, [side]: codec } })),
    );
    // The record of an ended call brings its quality itself.
    if (checkpoints) events.on('call.quality', ({ callId, quality }) => this.#change(callId, () => ({ quality })));
    events.on('call.ended', (record) => this.#ended(record));
  }

  /** Idempotent. */
  close(): void {
    this.#alarm.close();
  }

  #started({ callId, direction, user, number, trunk }: CallParties): void {
    const { checkpoints, clock } = this.#options;
    this.#note({ callId, direction, user, number, trunk, invitedAt: clock.wallTime(), ...nothingYet });
    if (checkpoints && this.#running.size === 1) this.#alarm.arm(clock.now() + noteMs);
  }

  #change(callId: string, changeOf: (record: RunningRecord) => Partial<RunningRecord>): void {
    const running = this.#running.get(callId);
    if (running) this.#note({ ...running.record, ...changeOf(running.record) });
  }

  #note(record: RunningRecord): void {
    const { checkpoints, records, clock } = this.#options;
    this.#running.set(record.callId, { record, notedAt: clock.now() });
    if (checkpoints) records.checkpoint(record);
  }

  /** A call that rings says nothing for long. */
  #noteSilent(): void {
    const now = this.#options.clock.now();
    for (const { record, notedAt } of [...this.#running.values()]) if (now - notedAt > noteMs / 2) this.#note(record);
    if (this.#running.size > 0) this.#alarm.arm(now + noteMs);
  }

  #ended(record: CallRecord): void {
    const { records } = this.#options;
    const known = this.#running.get(record.callId)?.record.codecs;
    this.#running.delete(record.callId);
    const findings = this.#findingsOf(record.callId);
    records.add({ ...record, codecs: codecsOf(record, known), transferredFrom: null, ...(findings.length > 0 && { findings }) });
  }

  /** Whatever goes wrong with the findings, the record is kept. */
  #findingsOf(callId: string): readonly RecordFinding[] {
    try {
      return this.#options.findings(callId);
    } catch (error) {
      this.#options.log.error({ callId, error: errorText(error) }, 'no findings for the record');
      return [];
    }
  }
}

/** Media is relayed untouched: where a leg did not say, both speak the codec of the call. */
function codecsOf({ codec }: CallRecord, known: StoredCodecs | undefined): StoredCodecs {
  return { browser: known?.browser ?? codec, trunk: known?.trunk ?? codec };
}

type StoredCodecs = Readonly<Record<CallSide, string | null>>;
