/** How the gateway stands: asked of its parts whenever somebody reads the metrics. */

import { Gauge, type Registry } from 'prom-client';
import type { CallDirection } from '../events/gateway-events.ts';
import { addCounter, addGauge } from './asked.ts';

/** What the gateway can be asked. */
export interface MetricSources {
  /** Of the calls that are running. */
  calls(): Iterable<{ readonly direction: CallDirection; readonly trunk: string }>;
  /** Contacts of users that can be reached. */
  registrations(): number;
  /** Open SIP WebSockets. */
  connections(): number;
  trunks(): Iterable<TrunkStanding>;
  relay(): RelayStanding;
  draining(): boolean;
  /** Writes to the store that were given up, since the start. */
  lostWrites(): number;
}

export interface TrunkStanding {
  readonly name: string;
  /** Takes calls. */
  readonly available: boolean;
  /** null: it needs no registration. */
  readonly registered: boolean | null;
}

export interface RelayStanding {
  readonly threads: readonly { readonly alive: boolean; readonly sessions: number }[];
  /** RTP/RTCP port pairs towards trunks. */
  readonly ports: { readonly inUse: number; readonly total: number };
}

export function addNodeMetrics(registry: Registry, sources: MetricSources): void {
  addCalls(registry, sources);
  addTrunks(registry, sources);
  addRelay(registry, sources);
  addStore(registry, sources);
}

function addCalls(registry: Registry, sources: MetricSources): void {
  new Gauge({
    name: 'offhook_calls_active',
    help: 'Calls that are running, ringing ones included.',
    labelNames: ['direction', 'trunk'],
    registers: [registry],
    collect() {
      this.reset();
      for (const { name } of sources.trunks()) for (const direction of ['outbound', 'inbound']) this.set({ direction, trunk: name }, 0);
      for (const { direction, trunk } of sources.calls()) this.inc({ direction, trunk });
    },
  });
  addGauge(registry, 'offhook_registrations', 'Contacts of users that can be reached.', () => sources.registrations());
  addGauge(registry, 'offhook_connections', 'Open SIP WebSockets.', () => sources.connections());
  addGauge(registry, 'offhook_draining', '1 while no more calls are taken.', () => Number(sources.draining()));
}

function addTrunks(registry: Registry, sources: MetricSources): void {
  new Gauge({
    name: 'offhook_trunk_up',
    help: '1 while a trunk takes calls; a trunk without pings counts as up.',
    labelNames: ['trunk'],
    registers: [registry],
    collect() {
      this.reset();
      for (const { name, available } of sources.trunks()) this.set({ trunk: name }, Number(available));
    },
  });
  new Gauge({
    name: 'offhook_trunk_registered',
    help: '1 while we are registered at a trunk; trunks that need it only.',
    labelNames: ['trunk'],
    registers: [registry],
    collect() {
      this.reset();
      for (const { name, registered } of sources.trunks()) if (registered !== null) this.set({ trunk: name }, Number(registered));
    },
  });
}

function addRelay(registry: Registry, sources: MetricSources): void {
  new Gauge({
    name: 'offhook_relay_sessions',
    help: 'Media sessions of a relay thread.',
    labelNames: ['thread'],
    registers: [registry],
    collect() {
      for (const [thread, { sessions }] of sources.relay().threads.entries()) this.set({ thread }, sessions);
    },
  });
  new Gauge({
    name: 'offhook_relay_thread_up',
    help: '1 while a relay thread serves.',
    labelNames: ['thread'],
    registers: [registry],
    collect() {
      for (const [thread, { alive }] of sources.relay().threads.entries()) this.set({ thread }, Number(alive));
    },
  });
  addGauge(registry, 'offhook_relay_port_pairs_in_use', 'RTP/RTCP port pairs in use.', () => sources.relay().ports.inUse);
  addGauge(registry, 'offhook_relay_port_pairs', 'RTP/RTCP port pairs of media.trunk.ports.', () => sources.relay().ports.total);
}

function addStore(registry: Registry, sources: MetricSources): void {
  const help = 'Call records and other writes that did not reach the store.';
  addCounter(registry, 'offhook_store_lost_total', help, () => sources.lostWrites());
}
