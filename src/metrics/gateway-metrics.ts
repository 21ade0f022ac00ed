/**
 * Metrics for Prometheus, in a registry of their own. Base units; every label has a bounded set of values (trunks of the configuration,
 * closed lists, thread numbers), and never a user or a number.
 */

import type { EventEmitter } from 'node:events';
import { Counter, Gauge, Registry } from 'prom-client';
import type { GatewayEvents } from '../events/gateway-events.ts';
import { CallMetrics } from './call-metrics.ts';
import { addMediaMetrics } from './media-metrics.ts';
import { addNodeMetrics, type MetricSources } from './node-metrics.ts';
import { addProcessMetrics } from './process-metrics.ts';

export interface GatewayMetricsOptions {
  readonly events: EventEmitter<GatewayEvents>;
  readonly sources: MetricSources;
  /** Of offhook. */
  readonly version: string;
}

export class GatewayMetrics {
  readonly #registry = new Registry();
  readonly #stopMeasuring: () => void;

  constructor({ events, sources, version }: GatewayMetricsOptions) {
    const registry = this.#registry;
    const build = new Gauge({
      name: 'offhook_build_info',
      help: 'What runs here; always 1.',
      labelNames: ['version', 'node'],
      registers: [registry],
    });
    build.set({ version, node: process.version }, 1);
    new CallMetrics(registry, events);
    addMediaMetrics(registry, events);
    addMilestoneMetrics(registry, events);
    addRegistrationMetrics(registry, events);
    addSecurityMetrics(registry, events);
    addWebhookMetrics(registry, events);
    addLateness(registry, events);
    addNodeMetrics(registry, sources);
    this.#stopMeasuring = addProcessMetrics(registry);
  }

  /** Of what `render` gives. */
  get contentType(): string {
    return this.#registry.contentType;
  }

  /** All metrics in the text format of Prometheus. */
  render(): Promise<string> {
    return this.#registry.metrics();
  }

  close(): void {
    this.#stopMeasuring();
  }
}

function addRegistrationMetrics(registry: Registry, events: EventEmitter<GatewayEvents>): void {
  const registers = [registry];
  const added = new Counter({ name: 'offhook_registrations_added_total', help: 'Contacts of users that were added.', registers });
  const removed = new Counter({
    name: 'offhook_registrations_removed_total',
    help: 'Contacts of users that are gone, by cause.',
    labelNames: ['cause'],
    registers,
  });
  events.on('registration.added', () => added.inc());
  events.on('registration.removed', ({ cause }) => removed.inc({ cause }));
}

function addSecurityMetrics(registry: Registry, events: EventEmitter<GatewayEvents>): void {
  const registers = [registry];
  const refused = new Counter({
    name: 'offhook_security_refusals_total',
    help: 'Messages and connections that were refused unread or without authentication, by kind.',
    labelNames: ['kind'],
    registers,
  });
  const failed = new Counter({
    name: 'offhook_authentication_failures_total',
    help: 'Requests with wrong credentials, by reason.',
    labelNames: ['reason'],
    registers,
  });
  events.on('security.refused', ({ kind, count }) => refused.inc({ kind }, count));
  events.on('security.auth-failed', ({ reason }) => failed.inc({ reason }));
}

function addMilestoneMetrics(registry: Registry, events: EventEmitter<GatewayEvents>): void {
  const milestones = new Counter({
    name: 'offhook_media_milestones_total',
    help: 'What happened to the media of calls, by side: paths lost, handshakes failed, threads late.',
    labelNames: ['side', 'what'],
    registers: [registry],
  });
  events.on('call.milestone', ({ milestone: { side, what } }) => milestones.inc({ side, what }));
}

function addWebhookMetrics(registry: Registry, events: EventEmitter<GatewayEvents>): void {
  const name = 'offhook_webhook_dead_letters_total';
  const deadLetters = new Counter({ name, help: 'Events that a webhook could not be told of.', registers: [registry] });
  events.on('webhook.dead-letter', () => deadLetters.inc());
}

function addLateness(registry: Registry, events: EventEmitter<GatewayEvents>): void {
  const late = new Counter({
    name: 'offhook_relay_late_total',
    help: 'Times that a relay thread came too late to its packets.',
    labelNames: ['thread'],
    registers: [registry],
  });
  events.on('node.overloaded', ({ thread }) => late.inc({ thread }));
}
