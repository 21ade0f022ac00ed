/** Calls as they begin, ring, are answered and end. */

import type { EventEmitter } from 'node:events';
import { Counter, Histogram, type Registry } from 'prom-client';
import type { CallRecord, GatewayEvents, LegQuality } from '../events/gateway-events.ts';

const setupBuckets = [0.1, 0.25, 0.5, 1, 2, 3, 5, 8, 13, 20, 30, 60];
const durationBuckets = [1, 5, 15, 30, 60, 120, 300, 600, 1200, 1800, 3600, 7200, 14_400];
const mosBuckets = [1.5, 2, 2.5, 3, 3.3, 3.6, 3.8, 4, 4.1, 4.2, 4.3, 4.4];
const jitterBuckets = [0.001, 0.002, 0.005, 0.01, 0.02, 0.03, 0.05, 0.1, 0.2];
const lossBuckets = [0, 0.001, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5];

export class CallMetrics {
  readonly #started: Counter<'direction' | 'trunk'>;
  readonly #answered: Counter<'direction' | 'trunk'>;
  readonly #ended: Counter<'direction' | 'trunk' | 'cause'>;
  readonly #refused: Counter<'direction' | 'status'>;
  readonly #digits: Counter<'side'>;
  readonly #postDialDelay: Histogram<'direction' | 'trunk'>;
  readonly #answerDelay: Histogram<'direction' | 'trunk'>;
  readonly #duration: Histogram<'direction' | 'trunk'>;
  readonly #mos: Histogram<'side'>;
  readonly #jitter: Histogram<'side'>;
  readonly #loss: Histogram<'side'>;

  constructor(registry: Registry, events: EventEmitter<GatewayEvents>) {
    const registers = [registry];
    const parties = ['direction', 'trunk'] as const;
    const of = (name: string, help: string) => ({ name: `offhook_${name}`, help, registers });
    this.#started = new Counter({ ...of('calls_started_total', 'Calls that were admitted.'), labelNames: parties });
    this.#answered = new Counter({ ...of('calls_answered_total', 'Calls that were answered.'), labelNames: parties });
    this.#ended = new Counter({ ...of('calls_ended_total', 'Calls that are over, by cause.'), labelNames: [...parties, 'cause'] });
    this.#refused = new Counter({
      ...of('calls_refused_total', 'INVITEs that became no call, by the status of the answer.'),
      labelNames: ['direction', 'status'],
    });
    this.#digits = new Counter({ ...of('dtmf_digits_total', 'DTMF digits, by the side that pressed them.'), labelNames: ['side'] });
    this.#postDialDelay = new Histogram({
      ...of('call_post_dial_delay_seconds', 'From the INVITE to ringing or early media, noted when the call ends.'),
      labelNames: parties,
      buckets: setupBuckets,
    });
    this.#answerDelay = new Histogram({
      ...of('call_answer_delay_seconds', 'From the INVITE to the answer, noted when the call ends.'),
      labelNames: parties,
      buckets: setupBuckets,
    });
    this.#duration = new Histogram({
      ...of('call_duration_seconds', 'From the answer to the end.'),
      labelNames: parties,
      buckets: durationBuckets,
    });
    this.#mos = new Histogram({
      ...of('call_mos', 'Estimated listening quality of what came from a side (G.107, 1 to 4.5), one value a call.'),
      labelNames: ['side'],
      buckets: mosBuckets,
    });
    this.#jitter = new Histogram({
      ...of('call_jitter_seconds', 'Interarrival jitter of what came from a side (RFC 3550), one value a call.'),
      labelNames: ['side'],
      buckets: jitterBuckets,
    });
    this.#loss = new Histogram({
      ...of('call_loss_ratio', 'Share of packets from a side that were lost, one value a call.'),
      labelNames: ['side'],
      buckets: lossBuckets,
    });
    this.#listen(events);
  }

  #listen(events: EventEmitter<GatewayEvents>): void {
    events.on('call.started', ({ direction, trunk }) => this.#started.inc({ direction, trunk }));
    events.on('call.answered', ({ direction, trunk }) => this.#answered.inc({ direction, trunk }));
    events.on('call.refused', ({ direction, status }) => this.#refused.inc({ direction, status }));
    events.on('dtmf', ({ from }) => this.#digits.inc({ side: from }));
    events.on('call.ended', (record) => this.#over(record));
  }

  #over(record: CallRecord): void {
    const { direction, trunk, end, invitedAt, ringingAt, earlyMediaAt, answeredAt, endedAt } = record;
    const parties = { direction, trunk };
    this.#ended.inc({ ...parties, cause: end.cause });
    const heardAt = Math.min(ringingAt ?? Number.POSITIVE_INFINITY, earlyMediaAt ?? Number.POSITIVE_INFINITY);
    if (heardAt !== Number.POSITIVE_INFINITY) this.#postDialDelay.observe(parties, seconds(heardAt - invitedAt));
    if (answeredAt === null) return;
    this.#answerDelay.observe(parties, seconds(answeredAt - invitedAt));
    this.#duration.observe(parties, seconds(endedAt - answeredAt));
    for (const leg of record.quality) this.#judge(leg);
  }

  #judge({ side, received, mos }: LegQuality): void {
    if (received.packets === 0) return;
    if (mos !== null) this.#mos.observe({ side }, mos);
    this.#jitter.observe({ side }, seconds(received.jitterMs));
    this.#loss.observe({ side }, Math.max(0, received.lost) / (received.packets + Math.max(0, received.lost)));
  }
}

/** Wall clocks may be set back within a call. */
function seconds(milliseconds: number): number {
  return Math.max(0, milliseconds) / 1000;
}
