/** The watching half of the composition root: what follows the gateway's events and SIP messages, and steers nothing. */

import type { EventEmitter } from 'node:events';
import type { Clock } from './base/clock.ts';
import type { Log } from './base/log.ts';
import type { Config } from './config/schema.ts';
import type { GatewayEvents } from './events/gateway-events.ts';
import { HepExporter } from './hep/exporter.ts';
import type { SipTap } from './signalling.ts';
import { type CapturedMessage, captureReceived, captureSent } from './trace/captured-message.ts';
import { Traces } from './trace/traces.ts';

export interface ObservationOptions {
  readonly config: Pick<Config, 'trace' | 'hep'>;
  readonly events: EventEmitter<GatewayEvents>;
  readonly clock: Clock;
  readonly log: Log;
}

export class Observation {
  /** Empty when `trace.calls` is 0. */
  readonly traces: Traces;
  /** What wants to see SIP messages; null when nothing does. */
  readonly tap: SipTap | null;
  readonly #hep: HepExporter | null;

  constructor({ config, events, clock, log }: ObservationOptions) {
    this.traces = new Traces({ ...config.trace, clock });
    this.#hep = config.hep && new HepExporter({ ...config.hep, clock, log });
    const traces = config.trace.calls > 0 ? this.traces : null;
    traces?.follow(events);
    this.#hep?.follow(events);
    const takers = [traces, this.#hep].filter((taker) => taker !== null);
    this.tap = takers.length === 0 ? null : tapFor(takers, clock);
  }

  /** Idempotent. */
  async close(): Promise<void> {
    this.traces.close();
    await this.#hep?.close();
  }
}

/** A message is copied once, whoever takes it. */
function tapFor(takers: ReadonlyArray<{ sip(message: CapturedMessage): void }>, clock: Pick<Clock, 'wallTime'>): SipTap {
  const give = (message: CapturedMessage | null): void => {
    if (message) for (const taker of takers) taker.sip(message);
  };
  return {
    received: (message, octets, flow) => give(captureReceived(message, octets, flow, clock.wallTime())),
    sent: (bytes, flow) => give(captureSent(bytes, flow, clock.wallTime())),
  };
}
