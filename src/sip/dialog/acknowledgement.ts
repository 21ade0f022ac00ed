/** The two sides of a 2xx to INVITE, which no transaction takes care of (RFC 3261 sections 13.2.2.4 and 13.3.1.4). */

import { sdpType } from '../body.ts';
import type { HeaderList } from '../incoming-request.ts';
import type { SipRequest, SipResponse } from '../message/message.ts';
import type { SentRequest } from '../outgoing-request.ts';
import type { Timed } from '../schedule.ts';
import type { ServerTransaction } from '../transaction/server.ts';
import { type TransactionTimers, transactionTimeoutMs } from '../transaction/timers.ts';
import type { Dialog } from './dialog.ts';
import type { DialogRequests } from './dialog-requests.ts';

/** UAC: an ACK for the 2xx and for each repetition of it, with what they have in common. */
export class Acknowledgement {
  readonly dialog: Dialog;
  readonly #requests: DialogRequests;
  readonly #sequence: number;
  readonly #credentials: HeaderList;
  #body: string | null = null;
  #due = false;

  constructor(requests: DialogRequests, dialog: Dialog, { sequence, credentials }: SentRequest) {
    this.dialog = dialog;
    this.#requests = requests;
    this.#sequence = sequence;
    this.#credentials = credentials;
  }

  /** Sends the ACK, with the answer to an offer of the 2xx. Later calls repeat the first. */
  send(body: string | null = null): void {
    if (!this.#due) this.#body = body;
    this.#due = true;
    this.repeat();
  }

  /** A repeated 2xx: nothing as long as the ACK waits for its answer. */
  repeat(): void {
    if (!this.#due) return;
    const headers = this.#body === null ? this.#credentials : [...this.#credentials, ['Content-Type', sdpType] as const];
    this.#requests.sendAck(this.dialog.createRequest('ACK', headers, this.#body, this.#sequence), this.dialog);
  }
}

/** UAS: the 2xx, sent again from T1 up to T2 apart until its ACK comes, over reliable transports too. */
export class PendingAnswer implements Timed {
  readonly #timers: TransactionTimers;
  readonly #transaction: ServerTransaction;
  readonly #sequence: number;
  readonly #response: SipResponse;
  readonly #timedOut: (now: number) => void;
  readonly #giveUpMs: number;
  #intervalMs: number;
  #repeatMs: number;

  constructor(
    timers: TransactionTimers,
    transaction: ServerTransaction,
    response: SipResponse,
    now: number,
    timedOut: (now: number) => void,
  ) {
    this.#timers = timers;
    this.#transaction = transaction;
    this.#sequence = transaction.request.headers.cseq.number;
    this.#response = response;
    this.#timedOut = timedOut;
    this.#giveUpMs = now + transactionTimeoutMs(timers);
    this.#intervalMs = timers.t1Ms;
    this.#repeatMs = now + this.#intervalMs;
    transaction.respond(response, now);
  }

  get deadline(): number {
    return Math.min(this.#repeatMs, this.#giveUpMs);
  }

  /** Whether it is this answer that the ACK acknowledges. */
  matches(ack: SipRequest): boolean {
    return ack.headers.cseq.number === this.#sequence;
  }

  expire(now: number): void {
    if (now >= this.#giveUpMs) {
      this.#timedOut(now);
      return;
    }
    this.#intervalMs = Math.min(this.#intervalMs * 2, this.#timers.t2Ms);
    this.#repeatMs = now + this.#intervalMs;
    this.#transaction.respond(this.#response, now);
  }
}
