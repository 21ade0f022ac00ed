/** DTLS as a relay thread sees it when the endpoints live in a thread of their own: a step takes as long as a hundred packets. */

import { errorText, invariant } from '../base/errors.ts';
import { keepOctets, type Octets, readOctets } from '../base/octets.ts';
import type { Certificate } from '../dtls/certificate.ts';
import type { DtlsConnection, DtlsDriver, DtlsEndpoint, DtlsEvents, DtlsFailure, DtlsOptions } from '../dtls/endpoint.ts';
import { type EndpointId, type EndpointWord, readConnection, type ToDtlsThread } from './dtls-messages.ts';

/** A flight is a handful of datagrams: more from one peer is a flood. */
const maxPerEndpoint = 16;
const maxPending = 1024;

export interface RemoteDtlsOptions {
  readonly name: DtlsDriver['name'];
  /** What the other thread shows its peers; endpoints with another cannot be made. */
  readonly certificate: Certificate;
  post(message: ToDtlsThread): void;
}

export class RemoteDtls implements DtlsDriver {
  readonly name: DtlsDriver['name'];
  readonly #options: RemoteDtlsOptions;
  readonly #endpoints = new Map<EndpointId, RemoteEndpoint>();
  #lastId: EndpointId = 0;
  #pending = 0;

  constructor(options: RemoteDtlsOptions) {
    this.name = options.name;
    this.#options = options;
  }

  get pending(): number {
    return this.#pending;
  }

  create({ role, profiles, mtu, certificate }: DtlsOptions, events: DtlsEvents): DtlsEndpoint {
    invariant(certificate === this.#options.certificate, 'the DTLS thread has another certificate');
    const id = ++this.#lastId;
    const endpoint = new RemoteEndpoint(events, {
      step: (step) => this.#step(id, step),
      over: (pending) => this.#forget(id, pending),
    });
    this.#endpoints.set(id, endpoint);
    this.#options.post({ type: 'create', endpoint: id, role, profiles, mtu });
    return endpoint;
  }

  receive(word: EndpointWord): void {
    const endpoint = this.#endpoints.get(word.endpoint);
    // Words cross: what is said of an endpoint that was closed is said to nobody.
    if (!endpoint) return;
    if (word.type === 'stepped') this.#pending--;
    endpoint.take(word);
  }

  /** The other thread has ended: what was begun there has failed, and another thread will know nothing of it. */
  lost(detail: string): void {
    const endpoints = [...this.#endpoints.values()];
    this.#endpoints.clear();
    this.#pending = 0;
    for (const endpoint of endpoints) endpoint.lost(detail);
  }

  #step(id: EndpointId, step: Step): boolean {
    if (!this.#endpoints.has(id) || this.#pending >= maxPending) return false;
    this.#pending++;
    this.#options.post({ ...step, endpoint: id });
    return true;
  }

  #forget(id: EndpointId, pending: number): void {
    if (!this.#endpoints.delete(id)) return;
    this.#pending -= pending;
    this.#options.post({ type: 'close', endpoint: id });
  }
}

type Step = { readonly type: 'start' } | { readonly type: 'datagram'; readonly datagram: Octets };

interface RemoteEndpointOut {
  /** False, and nothing is done, when too much waits already (DTLS says everything again), or the thread with this endpoint is lost. */
  step(step: Step): boolean;
  over(pending: number): void;
}

class RemoteEndpoint implements DtlsEndpoint {
  /** The other thread has the timers. */
  readonly deadline = Number.POSITIVE_INFINITY;
  readonly #events: DtlsEvents;
  readonly #out: RemoteEndpointOut;
  #state: 'handshaking' | 'connected' | 'failed' | 'closed' = 'handshaking';
  #pending = 0;
  #goodbye: Octets = '';

  constructor(events: DtlsEvents, out: RemoteEndpointOut) {
    this.#events = events;
    this.#out = out;
  }

  start(): void {
    if (this.#state === 'handshaking') this.#step({ type: 'start' });
  }

  receive(datagram: Uint8Array): void {
    if (this.#state === 'closed' || this.#state === 'failed') return;
    if (this.#pending < maxPerEndpoint) this.#step({ type: 'datagram', datagram: keepOctets(datagram) });
  }

  /** There is nothing to do: see `deadline`. */
  expire(): void {}

  close(): void {
    if (this.#state === 'closed') return;
    this.#state = 'closed';
    this.#out.over(this.#pending);
    if (this.#goodbye !== '') this.#events.send(readOctets(this.#goodbye));
  }

  /** A broken invariant ends this handshake and no other. */
  take(word: EndpointWord): void {
    try {
      this.#take(word);
    } catch (error) {
      this.#fail('dtls-handshake-failed', errorText(error));
    }
  }

  #take(word: EndpointWord): void {
    if (word.type === 'stepped') this.#pending--;
    else if (word.type === 'send') this.#events.send(readOctets(word.datagram));
    else if (word.type === 'failed') this.#fail(word.reason, word.detail);
    else this.#connect(readConnection(word.connection));
  }

  /** Keys stay good without the thread that made them. */
  lost(detail: string): void {
    if (this.#state === 'handshaking') this.#fail('dtls-handshake-failed', detail);
  }

  #connect(connection: DtlsConnection): void {
    this.#state = 'connected';
    this.#goodbye = keepOctets(connection.goodbye);
    this.#events.connected(connection);
  }

  #fail(reason: DtlsFailure, detail: string): void {
    this.#state = 'failed';
    this.#events.failed(reason, detail);
  }

  #step(step: Step): void {
    if (this.#out.step(step)) this.#pending++;
  }
}
