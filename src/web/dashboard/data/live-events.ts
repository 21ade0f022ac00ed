/** The gateway's events as they happen. Where the stream does not come through, whoever listens asks on his own, at intervals. */

import type { Event } from '../../../api/resources/events.ts';
import { ApiFailure, type Client } from './client.ts';
import { EventParser, type ServerSentEvent } from './event-parser.ts';

export interface LiveEvent {
  /** Rises by one with each event that this page has seen. */
  readonly number: number;
  /** Milliseconds since the Unix epoch. */
  readonly at: number;
  readonly name: string;
  readonly data: Readonly<Record<string, unknown>>;
}

/** `polling`: the gateway answers, its event stream does not. */
export type LiveState = 'connecting' | 'live' | 'polling' | 'offline';

const keptEvents = 1000;
const firstPauseMs = 500;
const longestPauseMs = 10_000;

export class LiveEvents {
  readonly #client: Client;
  readonly #eventListeners = new Set<(event: LiveEvent) => void>();
  readonly #stateListeners = new Set<(state: LiveState) => void>();
  #stop = new AbortController();
  #state: LiveState = 'connecting';
  #recent: readonly LiveEvent[] = [];
  #lastId = '';
  #seen = 0;

  constructor(client: Client) {
    this.#client = client;
  }

  get state(): LiveState {
    return this.#state;
  }

  /** The last ones, the newest last. */
  get recent(): readonly LiveEvent[] {
    return this.#recent;
  }

  /** Connects, and again whenever the stream ends, until `stop`. */
  start(): void {
    this.#stop = new AbortController();
    this.#run(this.#stop.signal).catch(() => this.#become('offline'));
  }

  stop(): void {
    this.#stop.abort();
  }

  onEvent(listener: (event: LiveEvent) => void): () => void {
    this.#eventListeners.add(listener);
    return () => this.#eventListeners.delete(listener);
  }

  onState(listener: (state: LiveState) => void): () => void {
    this.#stateListeners.add(listener);
    return () => this.#stateListeners.delete(listener);
  }

  async #run(signal: AbortSignal): Promise<void> {
    let pauseMs = firstPauseMs;
    while (!signal.aborted) {
      try {
        await this.#read(signal);
        pauseMs = firstPauseMs;
        this.#become('connecting');
      } catch (error) {
        if (signal.aborted) return;
        this.#become(error instanceof ApiFailure && error.status > 0 ? 'polling' : 'offline');
        pauseMs = Math.min(2 * pauseMs, longestPauseMs);
      }
      await new Promise((done) => setTimeout(done, pauseMs));
    }
  }

  async #read(signal: AbortSignal): Promise<void> {
    const headers = { Accept: 'text/event-stream', ...(this.#lastId === '' ? {} : { 'Last-Event-ID': this.#lastId }) };
    const response = await this.#client.open('GET', '/events', { headers, signal });
    if (!response.body) throw new ApiFailure(response.status, 'no event stream');
    this.#become('live');
    const parser = new EventParser();
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
    for (let part = await reader.read(); !part.done; part = await reader.read()) {
      for (const event of parser.push(part.value)) this.#take(event);
    }
  }

  #take({ id, event, data }: ServerSentEvent): void {
    const notice = readNotice(data);
    if (!notice) return;
    this.#lastId = id;
    const live: LiveEvent = { number: ++this.#seen, at: notice.at, name: event, data: notice.data };
    this.#recent = [...this.#recent.slice(1 - keptEvents), live];
    for (const listener of this.#eventListeners) listener(live);
  }

  #become(state: LiveState): void {
    if (this.#state === state) return;
    this.#state = state;
    for (const listener of this.#stateListeners) listener(state);
  }
}

function readNotice(text: string): Event | null {
  try {
    return JSON.parse(text) as Event;
  } catch {
    return null;
  }
}
