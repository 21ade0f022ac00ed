/**
 * DTLS datagrams that wait for their turn: a handshake step takes as long as hundreds of packets, so RTP goes first and one step at a
 * time follows.
 */

import type { PathId } from './io/driver.ts';

export interface Handshaker {
  receiveDtls(datagram: Uint8Array, path: PathId): void;
  /** A datagram of this leg met a broken invariant. */
  broken(error: unknown): void;
}

interface WaitingDatagram {
  readonly handshaker: Handshaker;
  readonly datagram: Uint8Array;
  readonly path: PathId;
}

/** A flight is a handful of datagrams: more from one peer is a flood. */
const maxPerHandshaker = 16;
const maxWaiting = 1024;

export class HandshakeQueue {
  readonly #onWaiting: () => void;
  #waiting: WaitingDatagram[] = [];

  /** `onWaiting`: `step` has something to do. */
  constructor(onWaiting: () => void) {
    this.#onWaiting = onWaiting;
  }

  get size(): number {
    return this.#waiting.length;
  }

  /** Keeps a copy. False, and the datagram is dropped, when too many wait: DTLS sends it again. */
  push(handshaker: Handshaker, path: PathId, datagram: Uint8Array): boolean {
    const waiting = this.#waiting.reduce((sum, other) => sum + Number(other.handshaker === handshaker), 0);
    if (waiting >= maxPerHandshaker || this.#waiting.length >= maxWaiting) return false;
    this.#waiting.push({ handshaker, path, datagram: datagram.slice() });
    this.#onWaiting();
    return true;
  }

  /** One record step of the handshake that has waited longest. */
  step(): void {
    const next = this.#waiting.shift();
    try {
      next?.handshaker.receiveDtls(next.datagram, next.path);
    } catch (error) {
      next?.handshaker.broken(error);
    }
  }
}
