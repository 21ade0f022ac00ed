/** What both sides of an INVITE dialog do once it stands: changes, INFO, session timer, BYE (RFC 3261 sections 12 to 15). */

import { ownCopy } from '../../base/own-copy.ts';
import { bodyText } from '../body.ts';
import type { UserAgentCore } from '../core.ts';
import type { HeaderList, IncomingRequest } from '../incoming-request.ts';
import type { SipMessage, SipResponse } from '../message/message.ts';
import { splitList } from '../message/scanner.ts';
import { SipError } from '../message/sip-error.ts';
import { capabilities, respondTo } from '../own-headers.ts';
import type { Timed } from '../schedule.ts';
import type { ServerTransaction } from '../transaction/server.ts';
import type { Dialog } from './dialog.ts';
import type { DialogRequests } from './dialog-requests.ts';
import { IncomingChanges, type IncomingChangesOut } from './incoming-changes.ts';
import type { InviteEvents, SessionEnd } from './invite-session.ts';
import { type Change, OutgoingChanges, type OutgoingChangesOut } from './outgoing-changes.ts';
import type { SessionTimer } from './session-timer.ts';

export interface InviteUsageOptions {
  readonly dialog: Dialog;
  readonly requests: DialogRequests;
  readonly events: InviteEvents;
  /** Its owner calls `refresh` and `expired`. */
  readonly timer: SessionTimer;
  /** Where we were called: the INVITE that waits for its answer. */
  readonly initial?: ServerTransaction;
  /** What we said last in SDP. */
  readonly localBody: string | null;
  readonly owner: InviteUsageOwner;
}

export interface InviteUsageOwner {
  /** No further request of ours follows. */
  over(): void;
}

/** `ending`: our BYE waits for an ACK or for its own answer. */
type UsageState = 'open' | 'ending' | 'over';

export class InviteUsage implements Timed, IncomingChangesOut, OutgoingChangesOut {
  readonly dialog: Dialog;
  readonly incoming: IncomingChanges;
  readonly #core: UserAgentCore;
  readonly #requests: DialogRequests;
  readonly #events: InviteEvents;
  readonly #timer: SessionTimer;
  readonly #outgoing: OutgoingChanges;
  readonly #owner: InviteUsageOwner;
  #state: UsageState = 'open';
  #localBody: string | null;
  /** What the peer has listed last, as it stood. Null until an Allow header came: silence says nothing (RFC 3261 section 20.5). */
  #allow: string | null = null;
  #supported = '';
  /** A BYE that waits for the ACK of our 2xx. */
  #byeAfterAck: HeaderList | undefined;

  constructor(core: UserAgentCore, options: InviteUsageOptions) {
    const { dialog, requests, events, initial } = options;
    this.#core = core;
    this.dialog = dialog;
    this.#requests = requests;
    this.#events = events;
    this.#localBody = options.localBody;
    this.#owner = options.owner;
    const { timer } = options;
    this.#timer = timer;
    const { contactUser } = requests;
    this.incoming = new IncomingChanges(core, { dialog, timer, contactUser, ...(initial ? { initial } : {}) }, this);
    this.#outgoing = new OutgoingChanges({ random: core.random, dialog, requests, timer, initiator: initial === undefined }, this);
  }

  get deadline(): number {
    return Math.min(this.#timer.deadline, this.incoming.deadline, this.#outgoing.deadline);
  }

  expire(now: number): void {
    for (const part of [this.incoming, this.#outgoing, this.#timer]) if (part.deadline <= now) part.expire(now);
  }

  /** Takes note of what the peer can do. */
  learn(message: SipMessage): void {
    const { headers } = message;
    if (headers.has('Allow')) this.#allow = ownCopy(headers.getAll('Allow').join());
    if (headers.has('Supported')) this.#supported = ownCopy(headers.getAll('Supported').join());
  }

  remoteAllows(method: string): boolean {
    return this.#allow === null || splitList(this.#allow).includes(method);
  }

  /** UPDATE is an extension: a peer that says nothing is taken not to know it. */
  get #updates(): boolean {
    return this.#allow !== null && this.remoteAllows('UPDATE');
  }

  remoteSupports(option: string): boolean {
    return splitList(this.#supported).some((supported) => supported.toLowerCase() === option);
  }

  /** A request within the dialog, in sequence and from the peer. Throws SipError for one that is refused. */
  receive(transaction: ServerTransaction, now: number): void {
    const { request } = transaction;
    switch (request.method) {
      case 'INVITE':
      case 'UPDATE':
        if (this.#state !== 'open') throw new SipError(481, 'dialog has ended');
        this.learn(request);
        this.incoming.receive(transaction, now);
        break;
      case 'INFO':
        if (this.#state !== 'open') throw new SipError(481, 'dialog has ended');
        this.#events.info(incomingRequest(this.#core, transaction));
        break;
      case 'BYE':
        this.#bye(transaction, now);
        break;
      default:
        transaction.respond(respondTo(this.#core, request, 200, { headers: capabilities() }), now);
    }
    this.#core.schedule.update(this);
  }

  modify(method: 'INVITE' | 'UPDATE', body: string | null): void {
    const allowed = method === 'UPDATE' && !this.#updates ? 'INVITE' : method;
    this.#outgoing.want({ method: allowed, body, purpose: 'modify' }, this.#core.now());
    this.#core.schedule.update(this);
  }

  acknowledge(body: string): void {
    this.#localBody = body;
    this.#outgoing.acknowledge(body);
  }

  info(contentType: string, body: string): void {
    if (this.#state !== 'open') return;
    this.#requests.send(
      this.dialog,
      { method: 'INFO', headers: [], body, contentType },
      {
        final: ({ status }, _sent, now) => {
          if (status === 481) this.lost(status, now);
        },
        failed: () => {},
      },
    );
  }

  /** Waits for the ACK of our 2xx, or for its time-out: the callee sends no BYE before (section 15). */
  bye(headers: HeaderList): void {
    if (this.#state !== 'open') return;
    this.#stop(this.#core.now(), 'ending');
    if (this.incoming.awaitsAck) this.#byeAfterAck = headers;
    else this.#sendBye(headers, { by: 'local', reason: null });
  }

  /** An UPDATE without SDP where the peer knows it, else a re-INVITE with the description that stands (RFC 4028 section 7.4). */
  refresh(now: number): void {
    const change: Change = this.#updates
      ? { method: 'UPDATE', body: null, purpose: 'refresh' }
      : { method: 'INVITE', body: this.#localBody, purpose: 'refresh' };
    this.#outgoing.want(change, now);
  }

  /** The session timer ran out (RFC 4028 section 10). */
  expired(now: number): void {
    this.#end({ by: 'timer', reason: null }, sessionExpired, now);
  }

  // What the peer's changes have to say.

  isOffering(): boolean {
    return this.#outgoing.offering;
  }

  requested(incoming: IncomingRequest): void {
    this.#outgoing.withdraw(this.#core.now());
    this.#events.modifyRequested(incoming);
  }

  answered(body: string | null, now: number): void {
    this.#localBody = body ?? this.#localBody;
    this.#outgoing.expire(now);
    this.#core.schedule.update(this);
  }

  acknowledged(body: string | null, now: number): void {
    if (this.#byeAfterAck) {
      this.#sendBye(this.#byeAfterAck, { by: 'local', reason: null });
      return;
    }
    this.#events.acknowledged(body);
    this.#outgoing.expire(now);
    this.#core.schedule.update(this);
  }

  unacknowledged(now: number): void {
    if (this.#byeAfterAck) this.#sendBye(this.#byeAfterAck, { by: 'local', reason: null });
    else this.#end({ by: 'ack-timeout', reason: null }, neverAcknowledged, now);
  }

  // What ours have to say.

  isBlocked(): boolean {
    return this.incoming.busy;
  }

  accepted(change: Change, response: SipResponse): void {
    this.learn(response);
    this.#localBody = change.body ?? this.#localBody;
    if (change.purpose === 'modify') this.#events.modified(bodyText(response));
  }

  refused(change: Change, status: number): void {
    if (change.purpose === 'modify') this.#events.modifyRejected(status);
  }

  deadlineMoved(): void {
    this.#core.schedule.update(this);
  }

  /** 481 means that there is no dialog to say BYE in; after 408 or silence the peer may still have one. */
  lost(status: number | null, now: number): void {
    if (this.#state !== 'open') return;
    if (status !== 481) {
      this.#end({ by: 'transport', reason: null, ...(status === null ? {} : { status }) }, noAnswer, now);
      return;
    }
    this.#stop(now, 'over');
    this.#events.ended({ by: 'remote', reason: null, status });
    this.#owner.over();
  }

  #bye(transaction: ServerTransaction, now: number): void {
    const { request } = transaction;
    transaction.respond(respondTo(this.#core, request, 200), now);
    if (this.#state === 'over' || (this.#state === 'ending' && !this.#byeAfterAck)) return;
    const by = this.#byeAfterAck ? 'local' : 'remote';
    this.#byeAfterAck = undefined;
    this.#stop(now, 'over');
    this.#events.ended({ by, reason: request.headers.get('Reason') ?? null });
    this.#owner.over();
  }

  /** The end is known at once, and the BYE follows it. */
  #end(end: SessionEnd, bye: HeaderList, now: number): void {
    if (this.#state !== 'open') return;
    this.#stop(now, 'over');
    this.#events.ended(end);
    this.#sendBye(bye, null);
  }

  /** `end` is reported once the BYE is answered or given up; null when it was reported before. */
  #sendBye(headers: HeaderList, end: SessionEnd | null): void {
    this.#byeAfterAck = undefined;
    const done = (): void => {
      this.#state = 'over';
      if (end) this.#events.ended(end);
      this.#owner.over();
    };
    this.#requests.send(this.dialog, { method: 'BYE', headers, body: null }, { final: done, failed: done });
  }

  #stop(now: number, state: UsageState): void {
    this.#state = state;
    this.#timer.stop();
    this.#outgoing.stop();
    this.#requests.dropWaiting();
    this.incoming.refuseOpen(now);
    if (state === 'over') this.incoming.forgetAck();
    this.#core.schedule.update(this);
  }
}

/** A request that is answered as it stands. */
export function incomingRequest(core: UserAgentCore, transaction: ServerTransaction, toTag?: string): IncomingRequest {
  const { request, flow } = transaction;
  const tagged = toTag === undefined ? {} : { toTag };
  return {
    request,
    flow,
    respond: (status, options = {}) => transaction.respond(respondTo(core, request, status, { ...options, ...tagged }), core.now()),
  };
}

const sessionExpired: HeaderList = [['Reason', 'SIP;cause=408;text="Session expired"']];
const neverAcknowledged: HeaderList = [['Reason', 'SIP;cause=408;text="No ACK"']];
const noAnswer: HeaderList = [['Reason', 'SIP;cause=408;text="No answer to a request"']];
