/** Metrics of a gateway on which a little of everything has happened. */

import { EventEmitter } from 'node:events';
import type { CallRecord, GatewayEvents } from '../../../src/events/gateway-events.ts';
import { GatewayMetrics } from '../../../src/metrics/gateway-metrics.ts';
import type { MetricSources } from '../../../src/metrics/node-metrics.ts';
import { legQuality } from './quality.ts';

const parties = { callId: 'c1', direction: 'outbound', user: 'alice', number: '+15550199', trunk: 'carrier' } as const;

const record: CallRecord = {
  ...parties,
  invitedAt: 1_000_000,
  ringingAt: 1_001_500,
  earlyMediaAt: 1_000_800,
  answeredAt: 1_004_000,
  endedAt: 1_064_000,
  end: { cause: 'hung-up', side: 'browser' },
  codec: 'PCMU',
  quality: [
    legQuality('browser', { received: { packets: 2970, bytes: 475_200, lost: 30, jitterMs: 4 }, mos: 4.15 }),
    legQuality('trunk', { sent: { packets: 2970, bytes: 475_200, lost: 0, jitterMs: 0 } }),
  ],
};

const sources: MetricSources = {
  calls: () => [parties, { direction: 'inbound', trunk: 'carrier' }],
  registrations: () => 3,
  connections: () => 4,
  trunks: () => [
    { name: 'carrier', available: true, registered: false },
    { name: 'pbx', available: false, registered: null },
  ],
  relay: () => ({ threads: [{ alive: true, sessions: 2 }], ports: { inUse: 2, total: 5000 } }),
  draining: () => false,
  lostWrites: () => 2,
};

export class RunningMetrics {
  readonly events = new EventEmitter<GatewayEvents>();
  readonly metrics: GatewayMetrics;

  constructor(more: Partial<MetricSources> = {}) {
    this.metrics = new GatewayMetrics({ events: this.events, sources: { ...sources, ...more }, version: '1.2.3' });
  }

  /** One event of each kind that is counted. */
  happen(): void {
    const { events } = this;
    const remote = { host: '192.0.2.9', port: 5060 };
    events.emit('call.started', parties);
    events.emit('call.answered', parties);
    events.emit('call.quality', { ...parties, quality: record.quality });
    events.emit('call.milestone', { ...parties, milestone: { side: 'browser', at: 0, what: 'path-lost', remote: null, detail: '' } });
    events.emit('call.ended', record);
    events.emit('call.refused', { direction: 'inbound', status: 404, detail: 'no route for this number' });
    events.emit('dtmf', { ...parties, from: 'browser', digit: '5', durationMs: 100 });
    events.emit('registration.added', { user: 'alice', contact: 'sip:a@b.invalid', instanceId: null, remote });
    events.emit('registration.removed', { user: 'alice', contact: 'sip:a@b.invalid', cause: 'expired' });
    events.emit('security.refused', { kind: 'source', host: remote.host, reason: 'no trunk', count: 17 });
    events.emit('webhook.dead-letter', {
      webhook: 'w1',
      url: 'https://crm.test/',
      event: 'call.ended',
      deadLetters: 1,
      detail: 'HTTP 500',
    });
    events.emit('node.overloaded', { thread: 0, lateMs: 120 });
    events.emit('security.auth-failed', { user: 'mallory', remote, reason: 'wrong-password' });
  }

  async lines(): Promise<string[]> {
    return (await this.metrics.render()).split('\n');
  }
}
