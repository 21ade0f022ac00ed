/** One WebSocket connection as a flow: one SIP message in each WebSocket message, text or binary (RFC 7118 section 5). */

import { isUtf8 } from 'node:buffer';
import type { WebSocket } from 'ws';
import type { SocketAddress } from '../../base/address.ts';
import type { Clock } from '../../base/clock.ts';
import type { Log } from '../../base/log.ts';
import type { Flow } from '../message/flow.ts';
import { defaultLimits } from '../message/parse.ts';
import { type ConnectionLimits, RateLimit, type Refusals } from './limits.ts';
import { deliver, keepAliveOf, pong, readAlone, type TransportOut } from './transport-out.ts';

export interface WebSocketFlowOptions {
  readonly id: string;
  readonly transport: 'ws' | 'wss';
  readonly local: SocketAddress;
  readonly remote: SocketAddress;
  readonly clock: Clock;
  readonly log: Log;
  readonly limits: ConnectionLimits;
  readonly refusals: Refusals;
  readonly maxBuffered: number;
  readonly out: TransportOut;
  readonly onClose: () => void;
}

/** Close codes of RFC 6455 section 7.4.1. */
const goingAway = 1001;
const policyViolation = 1008;

export class WebSocketFlow implements Flow {
  readonly id: string;
  readonly transport: 'ws' | 'wss';
  readonly reliable = true;
  readonly local: SocketAddress;
  readonly remote: SocketAddress;
  readonly #webSocket: WebSocket;
  readonly #options: WebSocketFlowOptions;
  readonly #rate: RateLimit;
  #missed = 0;

  constructor(webSocket: WebSocket, options: WebSocketFlowOptions) {
    this.id = options.id;
    this.transport = options.transport;
    this.local = options.local;
    this.remote = options.remote;
    this.#webSocket = webSocket;
    this.#options = options;
    this.#rate = new RateLimit(options.limits.messagesPerSec, options.clock.now());
    webSocket.on('message', (data) => this.#receive(data as Buffer)); // binaryType is nodebuffer: always one Buffer
    for (const sign of ['ping', 'pong']) webSocket.on(sign, () => this.#takesMore());
    webSocket.on('error', (error) => options.log.debug({ flow: this.id, error: error.message }, 'WebSocket error'));
    webSocket.once('close', (code) => {
      options.log.debug({ flow: this.id, code }, 'WebSocket closed');
      options.onClose();
    });
  }

  get closed(): boolean {
    return this.#webSocket.readyState !== this.#webSocket.OPEN;
  }

  send(message: Uint8Array): void {
    if (!this.closed) this.#options.out.sent(message, this);
    this.#write(message);
  }

  /** As text where the bytes are UTF-8, else binary: a client that gets a text frame with other bytes must fail (RFC 6455 8.1). */
  #write(bytes: Uint8Array): void {
    if (this.closed) return;
    this.#webSocket.send(bytes, { binary: !isUtf8(bytes) });
    if (this.#webSocket.bufferedAmount <= this.#options.maxBuffered) return;
    this.#options.log.warn({ flow: this.id, remote: this.remote }, 'peer does not read: connection ended');
    this.#webSocket.terminate();
  }

  close(): void {
    this.#webSocket.close();
  }

  /** Asks for a sign of life; ends the connection when `maxMissed` times none came. */
  ping(maxMissed: number): void {
    if (this.#missed >= maxMissed) this.#webSocket.terminate();
    if (this.closed) return;
    this.#missed++;
    this.#webSocket.ping();
  }

  /** Closes in good order; resolves when the connection is gone, `graceMs` at the latest. */
  end(graceMs: number): Promise<void> {
    if (this.#webSocket.readyState === this.#webSocket.CLOSED) return Promise.resolve();
    return new Promise((resolve) => {
      const cancel = this.#options.clock.after(graceMs, () => this.#webSocket.terminate());
      this.#webSocket.once('close', () => {
        cancel();
        resolve();
      });
      this.#webSocket.close(goingAway);
    });
  }

  #receive(bytes: Buffer): void {
    if (!this.#takesMore()) return;
    const keepAlive = keepAliveOf(bytes);
    if (keepAlive === 'ping') this.#write(pong);
    if (keepAlive || bytes.length === 0) return;
    const { limits, out, log } = this.#options;
    deliver(readAlone(bytes, { ...defaultLimits, maxBytes: limits.messageBytes }), this, out, log);
  }

  /** Notes a sign of life. False on a connection that is closing, and for a flood, which makes it one. */
  #takesMore(): boolean {
    if (this.closed) return false;
    this.#missed = 0;
    if (this.#rate.take(this.#options.clock.now())) return true;
    this.#options.refusals.count('rate', 'too many messages: WebSocket ended', this.remote.host);
    this.#webSocket.close(policyViolation, 'too many messages');
    return false;
  }
}
