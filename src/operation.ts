/** The operating half of the composition root: the event feed, the webhooks and the API, which act on the rest. */

import type { EventEmitter } from 'node:events';
import { Access } from './api/access.ts';
import type { GatewayState } from './api/gateway-control.ts';
import type { PagesOptions } from './api/routes/pages.ts';
import { ApiServer } from './api/server.ts';
import type { Clock } from './base/clock.ts';
import type { Log } from './base/log.ts';
import type { Random } from './base/random.ts';
import type { Config } from './config/schema.ts';
import { createControl } from './control/control.ts';
import { webhookControl } from './control/webhook-control.ts';
import { EventFeed } from './events/event-feed.ts';
import type { GatewayEvents } from './events/gateway-events.ts';
import type { GatewayMetrics } from './metrics/gateway-metrics.ts';
import type { Persistence } from './persistence.ts';
import type { MediaRelay } from './relay/media-relay.ts';
import type { Signalling } from './signalling.ts';
import { ConnectionCounter } from './sip/transport/limits.ts';
import type { Traces } from './trace/traces.ts';
import { postByFetch } from './webhooks/post.ts';
import { Webhooks } from './webhooks/webhooks.ts';

export interface OperationOptions {
  readonly version: string;
  readonly events: EventEmitter<GatewayEvents>;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly persistence: Persistence;
  readonly signalling: Signalling;
  readonly relay: MediaRelay;
  readonly traces: Traces;
  /** Null: there is no /metrics. */
  readonly metrics: GatewayMetrics | null;
  /** Null: there are none. */
  readonly pages: PagesOptions | null;
  /** What the softphone page is told; null: it asks its user. */
  readonly softphone: object | null;
  state(): GatewayState;
  /** It may be replaced while the gateway runs. */
  config(): Config;
  /** Takes no more calls and ends those that run after so long. */
  drain(deadlineSec: number): void;
}

export class Operation {
  readonly feed: EventFeed;
  readonly #webhooks: Webhooks;
  #api: ApiServer | null = null;

  /** Rejects when an address cannot be bound; then nothing stays open. */
  static async open(options: OperationOptions): Promise<Operation> {
    const operation = new Operation(options);
    try {
      operation.#api = await operation.#openApi(options);
      return operation;
    } catch (error) {
      await operation.close();
      throw error;
    }
  }

  private constructor({ events, clock, random, log, config }: OperationOptions) {
    this.feed = new EventFeed({ events, run: random.token(8), wallTime: () => clock.wallTime() });
    this.#webhooks = new Webhooks({ webhooks: config().webhooks, feed: this.feed, events, post: postByFetch, clock, random, log });
  }

  get api(): ApiServer | null {
    return this.#api;
  }

  /** Idempotent. */
  async close(): Promise<void> {
    await this.#api?.close();
    this.#webhooks.close();
    this.feed.close();
  }

  #openApi(options: OperationOptions): Promise<ApiServer> {
    const { persistence, signalling, metrics, clock, log, events } = options;
    const { http, https, api, limits } = options.config();
    const { users, switches, records, tokens } = persistence;
    const webhooks = webhookControl(this.#webhooks);
    const { expose } = api;
    return ApiServer.open({
      ...options,
      http,
      https,
      control: createControl({ ...options, feed: this.feed, signalling: signalling.controls, users, switches, records, webhooks }),
      access: new Access({ tokens, expose, clock, refused: (host) => events.emit('security.token-refused', { host }) }),
      metrics,
      places: new ConnectionCounter(socketLimits(limits)),
      log,
      upgrade: (request, socket, head) => signalling.webSocket.upgrade(request, socket, head),
    });
  }
}

/** Browsers fetch pages over sockets of their own, beside their WebSockets, which are counted again and refused with a status. */
function socketLimits({ connections, connectionsPerAddress }: Config['limits']): { connections: number; connectionsPerAddress: number } {
  return { connections, connectionsPerAddress: 2 * connectionsPerAddress };
}
