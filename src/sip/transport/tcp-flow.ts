/** One TCP connection as a flow: messages framed by Content-Length (RFC 3261 section 18.3). */

import type { Socket } from 'node:net';
import type { SocketAddress } from '../../base/address.ts';
import { Alarm, type Clock, TimerTable } from '../../base/clock.ts';
import type { Log } from '../../base/log.ts';
import type { Flow } from '../message/flow.ts';
import type { ParseLimits } from '../message/parse.ts';
import { type StreamItem, StreamParser } from '../message/stream.ts';
import { RateLimit } from './limits.ts';
import { deliver, plainHost, pong, type TransportOut } from './transport-out.ts';

export interface TcpFlowOptions {
  readonly id: string;
  readonly clock: Clock;
  readonly log: Log;
  readonly parse: ParseLimits;
  /** On average; twice as many may come at once. The connection is read no faster. */
  readonly messagesPerSec: number;
  /** A connection on which nothing moves for so long is closed. */
  readonly idleMs: number;
  /** A message must be complete so soon after its first octet. */
  readonly messageMs: number;
  /** Octets that a peer may leave unread before its connection is ended. */
  readonly maxBuffered: number;
  readonly out: TransportOut;
  readonly onClose: () => void;
}

export class TcpFlow implements Flow {
  readonly id: string;
  readonly transport = 'tcp';
  readonly reliable = true;
  readonly local: SocketAddress;
  readonly remote: SocketAddress;
  readonly #socket: Socket;
  readonly #options: TcpFlowOptions;
  readonly #parser: StreamParser;
  readonly #rate: RateLimit;
  readonly #timers = new TimerTable<'idle' | 'message' | 'resume'>();
  readonly #alarm: Alarm;

  /** `socket` is connected. */
  constructor(socket: Socket, options: TcpFlowOptions) {
    this.id = options.id;
    this.local = { host: plainHost(socket.localAddress ?? ''), port: socket.localPort ?? 0 };
    this.remote = { host: plainHost(socket.remoteAddress ?? ''), port: socket.remotePort ?? 0 };
    this.#socket = socket;
    this.#options = options;
    this.#parser = new StreamParser(options.parse);
    this.#rate = new RateLimit(options.messagesPerSec, options.clock.now());
    this.#alarm = new Alarm(options.clock, (now) => this.#expire(now));
    socket.setNoDelay(true);
    socket.on('data', (bytes) => this.#receive(bytes));
    socket.on('error', (error) => options.log.debug({ flow: this.id, error: error.message }, 'TCP error'));
    socket.on('end', () => socket.end());
    socket.once('close', () => {
      this.#alarm.close();
      options.onClose();
    });
    this.#touch();
  }

  get closed(): boolean {
    return !this.#socket.writable;
  }

  send(message: Uint8Array): void {
    if (!this.closed) this.#options.out.sent(message, this);
    this.#write(message);
  }

  #write(bytes: Uint8Array): void {
    if (this.closed) return;
    this.#socket.write(bytes);
    this.#touch();
    if (this.#socket.writableLength <= this.#options.maxBuffered) return;
    this.#options.log.warn({ flow: this.id, remote: this.remote }, 'peer does not read: connection ended');
    this.#socket.destroy();
  }

  close(): void {
    this.#socket.destroySoon();
  }

  /** Closes after what was sent; resolves when the connection is gone, `graceMs` at the latest. */
  end(graceMs: number): Promise<void> {
    if (this.#socket.closed) return Promise.resolve();
    return new Promise((resolve) => {
      const cancel = this.#options.clock.after(graceMs, () => this.#socket.destroy());
      this.#socket.once('close', () => {
        cancel();
        resolve();
      });
      this.#socket.destroySoon();
    });
  }

  #receive(bytes: Uint8Array): void {
    this.#touch();
    const items = this.#parser.push(bytes);
    for (const item of items) this.#take(item);
    if (this.#parser.failed) this.#socket.destroySoon();
    this.#slowDown(items.length);
    this.#watchMessage();
  }

  /** A trunk that is too fast is not cut off, which would cost its calls: TCP makes it wait. */
  #slowDown(messages: number): void {
    const { clock, log } = this.#options;
    const waitMs = this.#rate.charge(messages, clock.now());
    if (waitMs === 0) return;
    log.debug({ flow: this.id, remote: this.remote, waitMs }, 'peer sends too fast: not read for a while');
    this.#socket.pause();
    this.#timers.set('resume', clock.now() + waitMs);
  }

  #take(item: StreamItem): void {
    if (item === 'ping') this.#write(pong);
    else deliver(item, this, this.#options.out, this.#options.log);
  }

  /** The time of a message runs from its first octet, or from when we read on: octets that trickle do not stretch it. */
  #watchMessage(): void {
    if (!this.#parser.pending || this.#timers.has('resume')) this.#timers.clear('message');
    else if (!this.#timers.has('message')) this.#timers.set('message', this.#options.clock.now() + this.#options.messageMs);
    this.#alarm.arm(this.#timers.deadline);
  }

  #touch(): void {
    this.#timers.set('idle', this.#options.clock.now() + this.#options.idleMs);
    this.#alarm.arm(this.#timers.deadline);
  }

  #expire(now: number): void {
    const due = this.#timers.takeExpired(now);
    if (due === 'resume') this.#socket.resume();
    if (due === 'resume' || due === undefined) {
      this.#watchMessage();
      return;
    }
    this.#options.log.debug({ flow: this.id, remote: this.remote, due }, 'TCP connection timed out');
    if (due === 'message') this.#socket.destroy();
    else this.#socket.destroySoon();
  }
}
