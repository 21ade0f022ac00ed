/** An in-memory network between two SIP parties: pairs of flows with a seeded loss, delay and duplication of messages. */

import type { SocketAddress } from '../../src/base/address.ts';
import type { Clock } from '../../src/base/clock.ts';
import { type Random, seededRandom } from '../../src/base/random.ts';
import type { Flow, TransportName } from '../../src/sip/message/flow.ts';
import type { SipMessage } from '../../src/sip/message/message.ts';
import { parseMessage } from '../../src/sip/message/parse.ts';

export interface LinkQuality {
  readonly delayMs?: number;
  /** Added to the delay at random. */
  readonly jitterMs?: number;
  /** 0 .. 1 */
  readonly loss?: number;
  readonly duplication?: number;
  readonly seed?: number;
}

/** A message as it left one end, lost or not. */
export interface Passed {
  readonly from: 'a' | 'b';
  readonly atMs: number;
  readonly message: SipMessage;
  readonly bytes: Uint8Array;
  readonly lost: boolean;
}

/** Decides about single messages before chance does: true loses it. */
export type Filter = (message: SipMessage, from: 'a' | 'b') => boolean;

export class SipLink {
  readonly a: LinkFlow;
  readonly b: LinkFlow;
  readonly log: Passed[] = [];
  readonly #clock: Clock;
  readonly #quality: Required<LinkQuality>;
  readonly #random: Random;
  lose: Filter = () => false;
  /** When set, a message is kept back by this many milliseconds more. */
  hold: (message: SipMessage, from: 'a' | 'b') => number = () => 0;

  constructor(
    clock: Clock,
    options: { transport: TransportName; a: SocketAddress; b: SocketAddress; name?: string; quality?: LinkQuality },
  ) {
    const { transport, a, b, name = `${transport}-${a.host}:${a.port}-${b.host}:${b.port}` } = options;
    this.#clock = clock;
    this.#quality = { delayMs: 10, jitterMs: 0, loss: 0, duplication: 0, seed: 1, ...options.quality };
    this.#random = seededRandom(this.#quality.seed);
    this.a = new LinkFlow(this, 'a', { id: `${name}/a`, transport, local: a, remote: b });
    this.b = new LinkFlow(this, 'b', { id: `${name}/b`, transport, local: b, remote: a });
  }

  /** Ends the connection at both ends. */
  close(): void {
    this.a.close();
    this.b.close();
  }

  carry(bytes: Uint8Array, from: 'a' | 'b'): void {
    const message = parseMessage(bytes);
    const lost = this.lose(message, from) || this.#chance(this.#quality.loss);
    this.log.push({ from, atMs: this.#clock.now(), message, bytes, lost });
    if (lost) return;
    this.#deliverLater(bytes, from, this.hold(message, from));
    if (this.#chance(this.#quality.duplication)) this.#deliverLater(bytes, from, 1);
  }

  /** `INVITE`, `200 INVITE`, ... in the order they were sent by one end. */
  sentBy(from: 'a' | 'b'): string[] {
    return this.log.filter((passed) => passed.from === from).map(({ message }) => label(message));
  }

  #deliverLater(bytes: Uint8Array, from: 'a' | 'b', extraMs: number): void {
    const { delayMs, jitterMs } = this.#quality;
    const jitter = jitterMs === 0 ? 0 : this.#random.uint32() % jitterMs;
    const to = from === 'a' ? this.b : this.a;
    this.#clock.after(delayMs + jitter + extraMs, () => to.deliver(bytes));
  }

  #chance(probability: number): boolean {
    return probability > 0 && this.#random.uint32() / 0x1_0000_0000 < probability;
  }
}

/** One end of a link. */
export class LinkFlow implements Flow {
  readonly id: string;
  readonly transport: TransportName;
  readonly local: SocketAddress;
  readonly remote: SocketAddress;
  readonly #link: SipLink;
  readonly #side: 'a' | 'b';
  #closed = false;
  /** Where what arrives goes. */
  receive: (message: SipMessage, flow: LinkFlow, octets: Uint8Array) => void = () => {};
  onSent: (bytes: Uint8Array, flow: LinkFlow) => void = () => {};
  onClosed: (flow: LinkFlow) => void = () => {};

  constructor(
    link: SipLink,
    side: 'a' | 'b',
    options: { id: string; transport: TransportName; local: SocketAddress; remote: SocketAddress },
  ) {
    this.#link = link;
    this.#side = side;
    this.id = options.id;
    this.transport = options.transport;
    this.local = options.local;
    this.remote = options.remote;
  }

  get reliable(): boolean {
    return this.transport !== 'udp';
  }

  get closed(): boolean {
    return this.#closed;
  }

  send(bytes: Uint8Array): void {
    if (this.#closed) return;
    this.onSent(bytes, this);
    this.#link.carry(bytes, this.#side);
  }

  deliver(bytes: Uint8Array): void {
    if (!this.#closed) this.receive(parseMessage(bytes), this, bytes);
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.onClosed(this);
  }
}

/** `INVITE` for a request, `200 INVITE` for a response. */
export function label(message: SipMessage): string {
  return message.kind === 'request' ? message.method : `${message.status} ${message.headers.cseq.method}`;
}
