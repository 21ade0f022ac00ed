/** Our re-INVITEs and UPDATEs of one dialog, one at a time (RFC 3261 section 14.1, RFC 3311). */

import type { Random } from '../../base/random.ts';
import { sdpType } from '../body.ts';
import type { SipResponse } from '../message/message.ts';
import type { SentRequest } from '../outgoing-request.ts';
import { capabilities } from '../own-headers.ts';
import type { Timed } from '../schedule.ts';
import type { RequestFailure } from '../transaction/client.ts';
import { Acknowledgement } from './acknowledgement.ts';
import type { Dialog } from './dialog.ts';
import type { DialogRequests } from './dialog-requests.ts';
import type { SessionTimer } from './session-timer.ts';

/** `refresh` is the session timer's own doing: nobody hears of its outcome. */
export interface Change {
  readonly method: 'INVITE' | 'UPDATE';
  /** The offer; a re-INVITE without one asks the peer, an UPDATE without one only refreshes. */
  readonly body: string | null;
  readonly purpose: 'modify' | 'refresh';
}

export interface OutgoingChangesOut {
  /** Whether an exchange of the peer's is under way, so that none of ours may start. */
  isBlocked(): boolean;
  accepted(change: Change, response: SipResponse, now: number): void;
  /** The change did not happen; the session goes on as it was. */
  refused(change: Change, status: number, now: number): void;
  /** The peer does not know the dialog, or does not answer (RFC 3261 12.2.1.2). `status` null: not even an error came. */
  lost(status: number | null, now: number): void;
  deadlineMoved(): void;
}

interface Wanted {
  readonly change: Change;
  readonly attempts: number;
  /** Not before; for a retry after glare. */
  readonly fromMs: number;
}

const maxAttempts = 8;
/** Statuses and failures that RFC 3261 21.4.9 and 8.1.3.1 give to what has none. */
const timeoutStatus = 408;
const transportStatus = 503;
const requestPending = 491;

export class OutgoingChanges implements Timed {
  readonly #random: Random;
  readonly #dialog: Dialog;
  readonly #requests: DialogRequests;
  readonly #timer: SessionTimer;
  /** Who made the Call-ID waits longer after glare. */
  readonly #initiator: boolean;
  readonly #out: OutgoingChangesOut;
  #wanted: Wanted | undefined;
  #running: Change | undefined;
  #stopped = false;
  #acknowledgement: Acknowledgement | undefined;

  constructor(
    options: { random: Random; dialog: Dialog; requests: DialogRequests; timer: SessionTimer; initiator: boolean },
    out: OutgoingChangesOut,
  ) {
    this.#random = options.random;
    this.#dialog = options.dialog;
    this.#requests = options.requests;
    this.#timer = options.timer;
    this.#initiator = options.initiator;
    this.#out = out;
  }

  /** Whether an INVITE or an offer of ours is under way: a refreshing UPDATE can cross with anything. */
  get offering(): boolean {
    return this.#running !== undefined && (this.#running.method === 'INVITE' || this.#running.body !== null);
  }

  get deadline(): number {
    return this.#wanted && !this.#running && !this.#out.isBlocked() ? this.#wanted.fromMs : Number.POSITIVE_INFINITY;
  }

  /** Starts as soon as nothing else is under way. A change that waits is replaced, but a refresh replaces none. */
  want(change: Change, now: number): void {
    if (this.#stopped || (change.purpose === 'refresh' && this.#wanted)) return;
    this.#wanted = { change, attempts: 0, fromMs: now };
    this.expire(now);
  }

  /** To be called when what was under way is over, too. */
  expire(now: number): void {
    if (this.#stopped || !this.#wanted || this.deadline > now) return;
    const wanted = this.#wanted;
    this.#wanted = undefined;
    this.#start(wanted);
  }

  /** An offer of the peer comes first. A change that waits was made before it: it is off, and comes again if it is still desired (14.1). */
  withdraw(now: number): void {
    const wanted = this.#wanted;
    this.#wanted = undefined;
    if (wanted) this.#out.refused(wanted.change, requestPending, now);
  }

  /** The answer to the offer of a re-INVITE's 2xx. */
  acknowledge(body: string): void {
    this.#acknowledgement?.send(body);
  }

  /** Nothing starts any more. A re-INVITE on its way still gets its ACK. */
  stop(): void {
    this.#stopped = true;
    this.#wanted = undefined;
  }

  #start(wanted: Wanted): void {
    const { change } = wanted;
    this.#running = change;
    let acknowledgement: Acknowledgement | undefined;
    this.#requests.send(
      this.#dialog,
      {
        method: change.method,
        headers: [...capabilities(), ...this.#timer.offer()],
        body: change.body,
        contentType: sdpType,
        contact: true,
      },
      {
        final: (response, sent, now) => {
          if (acknowledgement) acknowledgement.repeat();
          else if (response.status >= 300) this.#refused(wanted, response, now);
          else {
            acknowledgement = this.#acknowledge(change, sent);
            this.#accepted(change, response, now);
          }
        },
        failed: (failure, now) => this.#failed(change, failure, now),
      },
    );
  }

  #acknowledge(change: Change, sent: SentRequest): Acknowledgement | undefined {
    if (change.method !== 'INVITE') return undefined;
    const acknowledgement = new Acknowledgement(this.#requests, this.#dialog, sent);
    this.#acknowledgement = acknowledgement;
    if (change.body !== null || change.purpose === 'refresh' || this.#stopped) acknowledgement.send();
    return acknowledgement;
  }

  #accepted(change: Change, response: SipResponse, now: number): void {
    this.#running = undefined;
    if (this.#stopped) return;
    this.#dialog.refreshTarget(response);
    this.#timer.confirmed(response, now);
    this.#out.accepted(change, response, now);
    this.#next(now);
  }

  #refused(wanted: Wanted, response: SipResponse, now: number): void {
    this.#running = undefined;
    if (this.#stopped) return;
    const { change } = wanted;
    const retry = wanted.attempts + 1 < maxAttempts ? this.#retry(wanted, response, now) : undefined;
    if (retry) this.#wanted ??= retry;
    else if (response.status === 481 || response.status === timeoutStatus) this.#out.lost(response.status, now);
    else this.#out.refused(change, response.status, now);
    this.#next(now);
  }

  #failed(change: Change, failure: RequestFailure, now: number): void {
    this.#running = undefined;
    if (this.#stopped) return;
    if (failure === 'timeout') this.#out.lost(null, now);
    else this.#out.refused(change, transportStatus, now);
    this.#next(now);
  }

  #next(now: number): void {
    this.expire(now);
    this.#out.deadlineMoved();
  }

  /** The same change once more, if that can help. */
  #retry(wanted: Wanted, response: SipResponse, now: number): Wanted | undefined {
    const { change } = wanted;
    const again = { change, attempts: wanted.attempts + 1, fromMs: now };
    switch (response.status) {
      case requestPending:
        return { ...again, fromMs: now + this.#glareDelayMs() };
      case 500: {
        // The peer has not answered our last request, or had not when this one came (RFC 3261 14.2, RFC 3311 5.2).
        const delaySec = retryAfterSec(response);
        return delaySec === undefined ? undefined : { ...again, fromMs: now + delaySec * 1000 };
      }
      case 422:
        return this.#timer.raise(response) ? again : undefined;
      case 405:
      case 501:
        return change.method === 'UPDATE' && change.body !== null ? { ...again, change: { ...change, method: 'INVITE' } } : undefined;
      default:
        return undefined;
    }
  }

  /** 14.1: 2.1 .. 4 s for the side that made the Call-ID, else 0 .. 2 s, in steps of 10 ms. */
  #glareDelayMs(): number {
    const random = this.#random.uint32();
    return this.#initiator ? 2100 + 10 * (random % 191) : 10 * (random % 201);
  }
}

/** Only the short times that glare asks for. */
function retryAfterSec(response: SipResponse): number | undefined {
  const value = Number(response.headers.get('Retry-After')?.trim() ?? Number.NaN);
  return value >= 0 && value <= 10 ? value : undefined;
}
