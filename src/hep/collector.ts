/** The way to a HEP collector: one UDP socket that never keeps anybody waiting. What cannot be sent is counted and lost. */

import { createSocket, type Socket } from 'node:dgram';
import { isIpv6, type SocketAddress } from '../base/address.ts';
import type { Clock } from '../base/clock.ts';
import { errorText } from '../base/errors.ts';
import type { Log } from '../base/log.ts';

export interface CollectorOptions {
  /** A name is looked up as IPv4, and again after it could not be found. */
  readonly target: SocketAddress;
  readonly clock: Pick<Clock, 'now' | 'after'>;
  readonly log: Log;
}

const retryMs = 10_000;
const reportEveryMs = 60_000;
/** Datagrams that the kernel does not take any more wait here; what would wait beyond that is lost. */
const maxQueuedBytes = 1_048_576;

export class Collector {
  readonly #options: CollectorOptions;
  #socket: Socket | null = null;
  #connected = false;
  #cancelRetry: (() => void) | undefined;
  #closed = false;
  #sent = 0;
  #failed = 0;
  #unreported = 0;
  #quietUntilMs = Number.NEGATIVE_INFINITY;

  constructor(options: CollectorOptions) {
    this.#options = options;
    this.#connect();
  }

  /** Whether datagrams can be sent; until then they had better wait. */
  get connected(): boolean {
    return this.#connected;
  }

  get sent(): number {
    return this.#sent;
  }

  /** Datagrams that were lost here, and those of which the network said so. */
  get failed(): number {
    return this.#failed;
  }

  send(datagram: Uint8Array): void {
    const socket = this.#connected ? this.#socket : null;
    if (!socket) this.fail('not connected');
    else if (socket.getSendQueueSize() > maxQueuedBytes) this.fail('the network does not take more');
    else {
      this.#sent++;
      socket.send(datagram, (error) => error && this.fail(error.message));
    }
  }

  /** Counts one that is lost; the log hears of it at once, and then once a minute. */
  fail(reason: string): void {
    this.#failed++;
    this.#unreported++;
    const { clock, log, target } = this.#options;
    const now = clock.now();
    if (this.#closed || now < this.#quietUntilMs) return;
    log.warn({ target, reason, count: this.#unreported }, 'not sent to the HEP collector');
    this.#unreported = 0;
    this.#quietUntilMs = now + reportEveryMs;
  }

  /** Idempotent. */
  close(): Promise<void> {
    this.#cancelRetry?.();
    this.#connected = false;
    const socket = this.#closed ? null : this.#socket;
    this.#closed = true;
    return new Promise((resolve) => (socket ? socket.close(resolve) : resolve()));
  }

  #connect(): void {
    const { host, port } = this.#options.target;
    const socket = createSocket(isIpv6(host) ? 'udp6' : 'udp4');
    this.#socket = socket;
    // A datagram that was refused is told here or to its sender, whoever asks first.
    socket.on('error', (error) => {
      if (this.#connected) this.fail(error.message);
      else this.#retryLater(socket, error);
    });
    socket.on('connect', () => {
      this.#connected = !this.#closed;
    });
    socket.connect(port, host);
    socket.unref();
  }

  #retryLater(socket: Socket, error: Error): void {
    if (this.#closed || socket !== this.#socket) return;
    this.#socket = null;
    socket.close();
    this.fail(errorText(error));
    this.#cancelRetry = this.#options.clock.after(retryMs, () => this.#connect());
  }
}
