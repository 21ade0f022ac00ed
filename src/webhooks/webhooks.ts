/** All webhooks: those of the configuration, and those that were added while the gateway runs and are forgotten when it ends. */

import type { EventEmitter } from 'node:events';
import type { Clock } from '../base/clock.ts';
import type { Log } from '../base/log.ts';
import type { Random } from '../base/random.ts';
import type { EventFeed, EventNotice } from '../events/event-feed.ts';
import type { GatewayEvents } from '../events/gateway-events.ts';
import { type Post, Webhook, type WebhookTarget } from './webhook.ts';

export interface WebhookEntry {
  readonly url: string;
  readonly secret: string;
  readonly filter: string;
}

export interface WebhooksOptions {
  readonly webhooks: readonly WebhookEntry[];
  readonly feed: Pick<EventFeed, 'subscribe'>;
  readonly events: EventEmitter<GatewayEvents>;
  readonly post: Post;
  readonly clock: Pick<Clock, 'after' | 'wallTime'>;
  readonly random: Random;
  readonly log: Log;
}

interface Subscription {
  readonly webhook: Webhook;
  readonly stop: () => void;
}

export class Webhooks {
  readonly #options: WebhooksOptions;
  readonly #subscriptions = new Map<string, Subscription>();

  /** Throws FilterError. */
  constructor(options: WebhooksOptions) {
    this.#options = options;
    for (const [index, entry] of options.webhooks.entries())
      this.#open({ ...entry, id: `configured-${index + 1}`, source: 'configuration' });
  }

  all(): readonly Webhook[] {
    return [...this.#subscriptions.values()].map(({ webhook }) => webhook);
  }

  get(id: string): Webhook | undefined {
    return this.#subscriptions.get(id)?.webhook;
  }

  /** Throws FilterError. */
  add(entry: WebhookEntry): Webhook {
    return this.#open({ ...entry, id: this.#options.random.token(12), source: 'api' });
  }

  /** What waits for it is lost. */
  remove(id: string): void {
    const subscription = this.#subscriptions.get(id);
    this.#subscriptions.delete(id);
    subscription?.stop();
    subscription?.webhook.close();
  }

  close(): void {
    for (const id of [...this.#subscriptions.keys()]) this.remove(id);
  }

  #open(target: WebhookTarget): Webhook {
    const { feed, post, clock, random } = this.#options;
    const webhook = new Webhook({ target, post, clock, random, gaveUp: (notice, detail) => this.#gaveUp(webhook, notice, detail) });
    const stop = feed.subscribe(target.filter, null, (notice) => {
      if (isWanted(target, notice)) webhook.add(notice);
    });
    this.#subscriptions.set(target.id, { webhook, stop });
    return webhook;
  }

  #gaveUp({ target, deadLetters }: Webhook, { id, event }: EventNotice, detail: string): void {
    const { log, events } = this.#options;
    log.warn({ webhook: target.id, event, delivery: id, detail }, 'event not delivered');
    // Everybody who reads events hears of it, and the path may be as good as a password.
    events.emit('webhook.dead-letter', { webhook: target.id, url: new URL(target.url).origin, event, deadLetters, detail });
  }
}

/** Without a filter not the counters of each second; and never the news of its own failures, which would fail in turn. */
function isWanted({ id, filter }: WebhookTarget, { event, data }: EventNotice): boolean {
  if (event === 'webhook.dead-letter' && 'webhook' in data && data.webhook === id) return false;
  return event !== 'call.quality' || filter !== '';
}
