/** All events in one numbered line: for whoever listens by a filter, and for those who come back and ask what they have missed. */

import type { EventEmitter } from 'node:events';
import { type EventFilter, parseFilter } from './event-filter.ts';
import { eventNames, type GatewayEventName } from './event-names.ts';
import type { GatewayEvents } from './gateway-events.ts';

/** One event as it goes out. */
export interface EventNotice {
  /** Rises; of another run of the gateway, it begins otherwise. */
  readonly id: string;
  /** Milliseconds since the Unix epoch. */
  readonly at: number;
  readonly event: GatewayEventName;
  readonly data: object;
}

export interface EventFeedOptions {
  readonly events: EventEmitter<GatewayEvents>;
  /** Tells the runs of the gateway apart. */
  readonly run: string;
  wallTime(): number;
  /** Events that are remembered. */
  readonly most?: number;
}

/** So frequent, and so soon out of date, that they would push everything else out of the memory. */
const notRemembered: ReadonlySet<GatewayEventName> = new Set(['call.quality']);

interface Subscriber {
  readonly filter: EventFilter;
  readonly listener: (notice: EventNotice) => void;
}

export class EventFeed {
  readonly #options: Required<EventFeedOptions>;
  readonly #subscribers = new Set<Subscriber>();
  readonly #remembered: EventNotice[] = [];
  readonly #stops: Array<() => void> = [];
  #count = 0;

  constructor(options: EventFeedOptions) {
    this.#options = { most: 1000, ...options };
    for (const name of eventNames) this.#listen(name);
  }

  /**
   * Calls back for each event that the filter lets pass, first for those after `lastId` that are still remembered. The returned function
   * ends that. Throws FilterError.
   */
  subscribe(filter: string, lastId: string | null, listener: (notice: EventNotice) => void): () => void {
    const subscriber: Subscriber = { filter: parseFilter(filter), listener };
    for (const notice of this.#since(lastId)) tell(subscriber, notice);
    this.#subscribers.add(subscriber);
    return () => this.#subscribers.delete(subscriber);
  }

  close(): void {
    for (const stop of this.#stops.splice(0)) stop();
    this.#subscribers.clear();
  }

  /** Of another run, or of one that has been forgotten since: everything that is remembered may have been missed. */
  #since(lastId: string | null): readonly EventNotice[] {
    if (lastId === null) return [];
    const at = this.#remembered.findIndex(({ id }) => id === lastId);
    if (at >= 0) return this.#remembered.slice(at + 1);
    const number = this.#numberOf(lastId);
    return number === null ? [...this.#remembered] : this.#remembered.filter(({ id }) => (this.#numberOf(id) ?? 0) > number);
  }

  #numberOf(id: string): number | null {
    const prefix = `${this.#options.run}-`;
    const number = id.startsWith(prefix) ? Number(id.slice(prefix.length)) : Number.NaN;
    return Number.isSafeInteger(number) ? number : null;
  }

  #listen(name: GatewayEventName): void {
    const { events } = this.#options;
    const listener = (payload?: object): void => this.#take(name, payload ?? {});
    events.on(name, listener);
    this.#stops.push(() => events.off(name, listener));
  }

  #take(event: GatewayEventName, data: object): void {
    const { run, most } = this.#options;
    if (notRemembered.has(event) && this.#subscribers.size === 0) return;
    this.#count += 1;
    const notice: EventNotice = { id: `${run}-${this.#count}`, at: this.#options.wallTime(), event, data };
    if (!notRemembered.has(event)) {
      this.#remembered.push(notice);
      if (this.#remembered.length > most) this.#remembered.shift();
    }
    for (const subscriber of [...this.#subscribers]) tell(subscriber, notice);
  }
}

function tell({ filter, listener }: Subscriber, notice: EventNotice): void {
  if (filter.names.has(notice.event) && filter.matches(notice.event, notice.data)) listener(notice);
}
