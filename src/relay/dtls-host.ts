/** What a DTLS thread does: it has the endpoints of one relay thread, and their timers. */

import { Alarm, type Clock, DeadlineQueue } from '../base/clock.ts';
import { errorText } from '../base/errors.ts';
import { keepOctets, readOctets } from '../base/octets.ts';
import type { Certificate } from '../dtls/certificate.ts';
import type { DtlsDriver, DtlsEndpoint, DtlsEvents } from '../dtls/endpoint.ts';
import { type EndpointId, type EndpointWord, keepConnection, type ToDtlsThread } from './dtls-messages.ts';
import { Outbox } from './outbox.ts';

export interface DtlsHostOptions {
  readonly driver: DtlsDriver;
  readonly certificate: Certificate;
  readonly clock: Clock;
}

interface Hosted {
  readonly id: EndpointId;
  readonly endpoint: DtlsEndpoint;
}

export class DtlsHost {
  readonly #options: DtlsHostOptions;
  readonly #outbox: Outbox<EndpointWord>;
  readonly #endpoints = new Map<EndpointId, Hosted>();
  readonly #deadlines = new DeadlineQueue<Hosted>();
  readonly #alarm: Alarm;

  constructor(options: DtlsHostOptions, post: (words: readonly EndpointWord[]) => void) {
    this.#options = options;
    this.#outbox = new Outbox(post, process.nextTick);
    this.#alarm = new Alarm(options.clock, (now) => this.#expire(now));
  }

  receive(message: ToDtlsThread): void {
    if (message.type === 'create') this.#create(message);
    const hosted = this.#endpoints.get(message.endpoint);
    if (!hosted) return;
    if (message.type === 'start') this.#step(hosted, () => hosted.endpoint.start());
    else if (message.type === 'datagram') this.#step(hosted, () => hosted.endpoint.receive(readOctets(message.datagram)));
    else if (message.type === 'close') this.#close(hosted);
  }

  /** Frees what every endpoint has. Idempotent. */
  close(): void {
    for (const hosted of [...this.#endpoints.values()]) this.#close(hosted);
    this.#alarm.close();
  }

  #create({ endpoint: id, role, profiles, mtu }: Extract<ToDtlsThread, { type: 'create' }>): void {
    const { driver, certificate, clock } = this.#options;
    try {
      const endpoint = driver.create({ role, profiles, mtu, certificate, now: clock.now }, this.#eventsOf(id));
      this.#endpoints.set(id, { id, endpoint });
    } catch (error) {
      this.#break(id, error);
    }
  }

  #eventsOf(endpoint: EndpointId): DtlsEvents {
    return {
      send: (datagram) => this.#outbox.post({ type: 'send', endpoint, datagram: keepOctets(datagram) }),
      connected: (connection) => this.#outbox.post({ type: 'connected', endpoint, connection: keepConnection(connection) }),
      failed: (reason, detail) => this.#outbox.post({ type: 'failed', endpoint, reason, detail }),
    };
  }

  /** The next step may be another's: what this one made the endpoint say does not wait for it. */
  #step(hosted: Hosted, step: () => void): void {
    this.#run(hosted, step);
    this.#outbox.post({ type: 'stepped', endpoint: hosted.id });
    this.#outbox.flush();
  }

  #run(hosted: Hosted, step: () => void): void {
    try {
      step();
      this.#deadlines.set(hosted, hosted.endpoint.deadline);
    } catch (error) {
      this.#break(hosted.id, error);
      this.#close(hosted);
    }
    this.#alarm.arm(this.#deadlines.deadline);
  }

  /** A broken invariant ends this handshake and no other. */
  #break(endpoint: EndpointId, error: unknown): void {
    this.#outbox.post({ type: 'failed', endpoint, reason: 'dtls-handshake-failed', detail: errorText(error) });
  }

  #close(hosted: Hosted): void {
    this.#endpoints.delete(hosted.id);
    this.#deadlines.delete(hosted);
    hosted.endpoint.close();
  }

  #expire(now: number): void {
    for (let hosted = this.#deadlines.takeExpired(now); hosted; hosted = this.#deadlines.takeExpired(now)) {
      const { endpoint } = hosted;
      this.#run(hosted, () => endpoint.expire());
    }
    this.#alarm.arm(this.#deadlines.deadline);
  }
}
