/** The peer's INVITEs and UPDATEs of one dialog: glare, our answers, and their ACKs (RFC 3261 section 14.2, RFC 3311 section 5.2). */

import { bodyText } from '../body.ts';
import type { UserAgentCore } from '../core.ts';
import type { HeaderList, IncomingRequest, ResponseOptions } from '../incoming-request.ts';
import { createResponse } from '../message/build.ts';
import type { SipRequest } from '../message/message.ts';
import { SipError } from '../message/sip-error.ts';
import { capabilities, contactOn, respondTo } from '../own-headers.ts';
import type { Timed } from '../schedule.ts';
import type { ServerTransaction } from '../transaction/server.ts';
import { PendingAnswer } from './acknowledgement.ts';
import type { Dialog } from './dialog.ts';
import type { SessionTimer } from './session-timer.ts';

export interface IncomingChangesOut {
  /** Whether an offer of ours is under way. */
  isOffering(): boolean;
  /** Answer by `respond`. */
  requested(incoming: IncomingRequest): void;
  /** We sent a final response, with this body. */
  answered(body: string | null, now: number): void;
  /** The ACK of our 2xx came. */
  acknowledged(body: string | null, now: number): void;
  /** 64*T1 without ACK (13.3.1.4). */
  unacknowledged(now: number): void;
}

export class IncomingChanges implements Timed {
  readonly #core: UserAgentCore;
  readonly #dialog: Dialog;
  readonly #timer: SessionTimer;
  readonly #contactUser: string;
  readonly #out: IncomingChangesOut;
  #open: ServerTransaction | undefined;
  #pending: PendingAnswer | undefined;
  /** Whether the 2xx that waits for its ACK carried an offer of ours. */
  #offered = false;

  constructor(
    core: UserAgentCore,
    options: { dialog: Dialog; timer: SessionTimer; contactUser: string; initial?: ServerTransaction },
    out: IncomingChangesOut,
  ) {
    this.#core = core;
    this.#dialog = options.dialog;
    this.#timer = options.timer;
    this.#contactUser = options.contactUser;
    this.#open = options.initial;
    this.#out = out;
  }

  /** Whether the peer waits for our answer, or we for its ACK. */
  get busy(): boolean {
    return this.#open !== undefined || this.#pending !== undefined;
  }

  get awaitsAck(): boolean {
    return this.#pending !== undefined;
  }

  get deadline(): number {
    return this.#pending?.deadline ?? Number.POSITIVE_INFINITY;
  }

  expire(now: number): void {
    this.#pending?.expire(now);
  }

  /** Throws SipError for what cannot be taken now. */
  receive(transaction: ServerTransaction, now: number): void {
    const { request } = transaction;
    const isRefresh = request.method === 'UPDATE' && request.body.length === 0;
    if (!isRefresh) this.#checkGlare();
    this.#timer.check(request);
    if (isRefresh) {
      this.#answer(transaction, {}, now);
      return;
    }
    this.#open = transaction;
    this.#out.requested({
      request,
      flow: transaction.flow,
      respond: (status, options) => this.#respond(transaction, status, options ?? {}),
    });
    if (transaction.status === 0 && transaction.isInvite) transaction.respond(createResponse(request, 100), now);
  }

  /** The 2xx of the initial INVITE. */
  accept(transaction: ServerTransaction, options: { body: string | null; headers?: HeaderList }, now: number): void {
    this.#open = undefined;
    this.#answer(transaction, options, now);
  }

  /** An ACK that fits no 2xx of ours is a repetition: nothing happens. */
  acknowledged(ack: SipRequest, now: number): void {
    if (!this.#pending?.matches(ack)) return;
    this.#pending = undefined;
    this.#out.acknowledged(bodyText(ack), now);
  }

  /** The dialog ends: what is open is refused (15.1.2). */
  refuseOpen(now: number): void {
    const open = this.#open;
    this.#open = undefined;
    if (open && !open.answered) open.respond(respondTo(this.#core, open.request, 487, { toTag: this.#dialog.localTag }), now);
  }

  forgetAck(): void {
    this.#pending = undefined;
  }

  /** Two offers must not cross: 491 while ours is open, 500 while the peer's last one is. */
  #checkGlare(): void {
    if (this.#open) throw new SipError(500, 'request in progress', { headers: [['Retry-After', String(this.#core.random.uint32() % 11)]] });
    if (this.#out.isOffering() || (this.#pending && this.#offered)) throw new SipError(491, 'offer in progress');
  }

  #respond(transaction: ServerTransaction, status: number, options: ResponseOptions): void {
    if (this.#open !== transaction) return;
    const now = this.#core.now();
    if (status >= 200) this.#open = undefined;
    if (status >= 200 && status < 300) {
      this.#answer(transaction, options, now);
      return;
    }
    transaction.respond(respondTo(this.#core, transaction.request, status, options), now);
    if (status >= 300) this.#out.answered(null, now);
  }

  /** A 2xx refreshes the peer's target and the session, and says where we are. */
  #answer(transaction: ServerTransaction, options: ResponseOptions, now: number): void {
    const { request, flow } = transaction;
    this.#dialog.refreshTarget(request);
    const headers = [
      ['Contact', contactOn(this.#core, flow, this.#contactUser)] as const,
      ...capabilities(),
      ...this.#timer.answer(request, now),
      ...(options.headers ?? []),
    ];
    const response = respondTo(this.#core, request, 200, { toTag: this.#dialog.localTag, ...options, headers });
    const body = options.body ?? null;
    if (transaction.isInvite) {
      this.#offered = body !== null && request.body.length === 0;
      this.#pending = new PendingAnswer(this.#core.timers, transaction, response, now, (at) => this.#timedOut(at));
    } else transaction.respond(response, now);
    this.#out.answered(body, now);
  }

  #timedOut(now: number): void {
    this.#pending = undefined;
    this.#out.unacknowledged(now);
  }
}
