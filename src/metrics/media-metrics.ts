/** What the relay carried: sums that are copied into the registry when somebody asks for them. */

import type { EventEmitter } from 'node:events';
import { Counter, type Registry } from 'prom-client';
import { callSides, type GatewayEvents } from '../events/gateway-events.ts';
import { MediaTotals, type SideTotals } from './media-totals.ts';

export function addMediaMetrics(registry: Registry, events: EventEmitter<GatewayEvents>): void {
  const totals = new MediaTotals();
  events.on('call.quality', ({ callId, quality }) => totals.measured(callId, quality));
  events.on('call.ended', ({ callId, quality }) => totals.ended(callId, quality));

  const add = (name: string, help: string, value: (side: SideTotals) => number): void => {
    new Counter({
      name: `offhook_media_${name}_total`,
      help,
      labelNames: ['side'],
      registers: [registry],
      collect() {
        this.reset();
        for (const side of callSides) this.inc({ side }, value(totals.sides[side]));
      },
    });
  };
  add('received_packets', 'RTP packets received from a side.', ({ received }) => received.packets);
  add('received_bytes', 'Bytes of RTP payload received from a side.', ({ received }) => received.bytes);
  add('received_lost_packets', 'RTP packets of a side that did not arrive.', ({ received }) => received.lost);
  add('sent_packets', 'RTP packets sent to a side.', ({ sent }) => sent.packets);
  add('sent_bytes', 'Bytes of RTP payload sent to a side.', ({ sent }) => sent.bytes);
  add('sent_lost_packets', 'RTP packets that a side reports as lost.', ({ sent }) => sent.lost);
  new Counter({
    name: 'offhook_media_dropped_packets_total',
    help: 'RTP packets of a side that were not relayed, by reason.',
    labelNames: ['side', 'reason'],
    registers: [registry],
    collect() {
      this.reset();
      for (const side of callSides) for (const [reason, count] of totals.sides[side].dropped) this.inc({ side, reason }, count);
    },
  });
}
