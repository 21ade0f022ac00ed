/** Server-sent events (HTML standard, section 9.2): one stream a client. Who reads too slowly is cut off and may come again. */

import type { Clock } from '../base/clock.ts';
import type { EventNotice } from '../events/event-feed.ts';
import type { EventSource } from './gateway-control.ts';
import { ApiProblem } from './problem.ts';

/** What waits for a slow client, in bytes. */
const mostWaiting = 512 * 1024;
/** Proxies cut connections on which nothing comes. */
const heartbeatMs = 15_000;
const mostStreams = 200;
const retryMs = 2000;

interface Client {
  readonly controller: ReadableStreamDefaultController<Uint8Array>;
  cut(): void;
}

export class EventStreams {
  readonly #source: EventSource;
  readonly #clock: Pick<Clock, 'after'>;
  #open = 0;

  constructor(source: EventSource, clock: Pick<Clock, 'after'>) {
    this.#source = source;
    this.#clock = clock;
  }

  /** A body that never ends by itself; `cut` ends the connection of a client that does not read. Throws ApiProblem when there are too many, FilterError for a filter that is none. */
  open(filter: string, lastId: string | null, cut: () => void): ReadableStream<Uint8Array> {
    if (this.#open >= mostStreams) throw new ApiProblem(503, 'too many event streams');
    let close = (): void => {};
    const start = (controller: ReadableStreamDefaultController<Uint8Array>): void => {
      close = this.#feed({ controller, cut }, filter, lastId);
    };
    return new ReadableStream({ start, cancel: () => close() }, new ByteLengthQueuingStrategy({ highWaterMark: mostWaiting }));
  }

  #feed({ controller, cut }: Client, filter: string, lastId: string | null): () => void {
    const encoder = new TextEncoder();
    let stop = (): void => {};
    let stopBeating = (): void => {};
    let closed = false;
    const close = (): void => {
      if (closed) return;
      closed = true;
      this.#open -= 1;
      stop();
      stopBeating();
    };
    const send = (text: string): void => {
      if (closed) return;
      if ((controller.desiredSize ?? 0) > 0) controller.enqueue(encoder.encode(text));
      else {
        close();
        cut();
      }
    };
    const beat = (): void => {
      stopBeating = this.#clock.after(heartbeatMs, () => {
        send(': still here\n\n');
        if (!closed) beat();
      });
    };
    this.#open += 1;
    try {
      send(`retry: ${retryMs}\n\n`);
      stop = this.#source.subscribe(filter, lastId, (notice) => send(printNotice(notice)));
    } catch (error) {
      close();
      throw error;
    }
    beat();
    return close;
  }
}

/** JSON has no line breaks of its own. */
function printNotice(notice: EventNotice): string {
  return `id: ${notice.id}\nevent: ${notice.event}\ndata: ${JSON.stringify(notice)}\n\n`;
}
