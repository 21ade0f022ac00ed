/** One request of ours until its final response: finds a way, tries the next server, answers a challenge, cancels. */

import { invariant } from '../base/errors.ts';
import type { UserAgentCore } from './core.ts';
import type { Destination } from './destination.ts';
import type { HeaderList } from './incoming-request.ts';
import { createInviteFollower } from './message/build.ts';
import type { Flow } from './message/flow.ts';
import type { SipRequest, SipResponse } from './message/message.ts';
import { printMessage } from './message/print.ts';
import { isStale, type OutgoingAuth } from './outgoing-auth.ts';
import { contactOn } from './own-headers.ts';
import { fittingFlow, flowsTo, type Routing } from './routing.ts';
import type { Timed } from './schedule.ts';
import type { ClientTransaction, ClientTransactionUser, RequestFailure } from './transaction/client.ts';
import { transactionTimeoutMs } from './transaction/timers.ts';

export interface RequestPlan {
  readonly destination: Destination;
  /** User part of our Contact; null for a request without one. */
  readonly contactUser: string | null;
  readonly auth: OutgoingAuth | null;
  readonly nextSequence: () => number;
  /** Outside of a dialog the next server is tried, and the servers found are those that the credentials are for. */
  readonly outOfDialog: boolean;
}

/** What the ACK of a 2xx has of its INVITE (RFC 3261 13.2.2.4). */
export interface SentRequest {
  /** The CSeq number. */
  readonly sequence: number;
  readonly credentials: HeaderList;
}

export interface OutgoingRequestUser {
  provisional?(response: SipResponse, now: number): void;
  /** Repeated 2xx of an INVITE come here again. `sent` is what the response answers. */
  final(response: SipResponse, sent: SentRequest, now: number): void;
  failed(failure: RequestFailure | 'cancelled', now: number): void;
}

export class OutgoingRequest implements Timed, ClientTransactionUser, SentRequest {
  readonly #core: UserAgentCore;
  readonly #plan: RequestPlan;
  readonly #user: OutgoingRequestUser;
  /** Without Via, CSeq, Contact and credentials. Until the final response to what was made of it. */
  #template: SipRequest | undefined;
  #credentials: HeaderList = [];
  #routing: Routing | undefined;
  #flows: AsyncGenerator<Flow, undefined> | undefined;
  #transaction: ClientTransaction | undefined;
  /** Taken when the request leaves, so that numbers rise in the order of sending. */
  #sequence: number | undefined;
  #challenges = 0;
  #proceeding = false;
  #cancellation: { reason: string | null; sent: boolean } | undefined;
  /** Reported from `expire`, never from within the call that caused it. */
  #failure: RequestFailure | 'cancelled' | undefined;
  #over = false;
  #deadlineMs = Number.POSITIVE_INFINITY;

  /** `template`: everything but Via, CSeq, Contact and credentials. */
  constructor(core: UserAgentCore, template: SipRequest, plan: RequestPlan, user: OutgoingRequestUser) {
    this.#core = core;
    this.#template = template;
    this.#plan = plan;
    this.#user = user;
  }

  get deadline(): number {
    return this.#deadlineMs;
  }

  /** As it was sent last; before, what it is made of. To be asked before the final response. */
  get request(): SipRequest {
    const request = this.#transaction?.request ?? this.#template;
    invariant(request, 'a request that has its final response is not needed again');
    return request;
  }

  get sequence(): number {
    return this.#sequence ?? 0;
  }

  get credentials(): HeaderList {
    return this.#credentials;
  }

  get flow(): Flow | undefined {
    return this.#transaction?.flow;
  }

  start(now: number): void {
    const { destination } = this.#plan;
    if ('flowId' in destination) {
      const flow = this.#core.openFlow(destination.flowId);
      if (flow) this.#send(flow, now);
      else this.#failLater('transport');
      return;
    }
    this.#routing = { sizeOn: (flow) => this.#sizeOn(flow), ...destination };
    this.#flows = flowsTo(this.#core.connector, this.#core.log, this.#routing);
    this.#core.background(this.#tryNext('transport'));
  }

  /** INVITE: CANCEL once a provisional response is there (RFC 3261 9.1). `failed('cancelled')` follows if no final response does. */
  cancel(reason: string | null): void {
    if (this.#over || this.#cancellation) return;
    this.#cancellation = { reason, sent: false };
    if (!this.#transaction) this.#failLater('cancelled');
    else if (this.#proceeding) this.#sendCancel(this.#transaction, this.#core.now());
  }

  /** No event follows. */
  abandon(): void {
    this.#over = true;
    this.#transaction?.abandon();
    this.#core.schedule.remove(this);
  }

  expire(now: number): void {
    this.#deadlineMs = Number.POSITIVE_INFINITY;
    if (this.#over) return;
    if (this.#cancellation?.sent) this.#transaction?.abandon();
    this.#finish(this.#failure ?? 'cancelled', now);
  }

  async #tryNext(failure: RequestFailure): Promise<void> {
    this.#transaction = undefined;
    const flow = await this.#nextFlow();
    if (this.#over || this.#cancellation) return;
    const now = this.#core.now();
    if (!flow) {
      this.#finish(failure, now);
      return;
    }
    if (this.#plan.outOfDialog) this.#plan.auth?.trust(flow.remote.host);
    this.#send(flow, now);
  }

  async #nextFlow(): Promise<Flow | undefined> {
    try {
      return (await this.#flows?.next())?.value;
    } catch (error) {
      this.#core.log.warn({ err: error }, 'target not found');
      return undefined;
    }
  }

  #send(flow: Flow, now: number): void {
    this.#proceeding = false;
    this.#sequence ??= this.#plan.nextSequence();
    this.#transaction = this.#core.layer.request(this.#prepare(flow), flow, this, now);
  }

  #prepare(flow: Flow): SipRequest {
    const { contactUser } = this.#plan;
    const request = this.#template;
    invariant(request, 'a request that has its final response is not sent again');
    const headers = request.headers.clone().set('CSeq', `${this.sequence} ${request.method}`);
    for (const [name, value] of this.#credentials) headers.append(name, value);
    if (contactUser !== null) headers.append('Contact', contactOn(this.#core, flow, contactUser));
    return { ...request, headers };
  }

  #sizeOn(flow: Flow): number {
    const request = this.#prepare(flow);
    this.#core.layer.pushVia(request, flow);
    return printMessage(request).length;
  }

  // What the transaction has to say.

  response(response: SipResponse, now: number): void {
    if (this.#over && response.status >= 300) return;
    if (response.status < 200) {
      this.#proceeding = true;
      if (this.#cancellation && !this.#cancellation.sent && this.#transaction) this.#sendCancel(this.#transaction, now);
      this.#user.provisional?.(response, now);
      return;
    }
    if (!this.#cancellation && this.#retry(response, now)) return;
    this.#end();
    this.#user.final(response, this, now);
  }

  failed(failure: RequestFailure, now: number): void {
    if (this.#over) return;
    if (this.#canFailOver) this.#core.background(this.#tryNext(failure));
    else this.#finish(failure, now);
  }

  get #canFailOver(): boolean {
    return this.#plan.outOfDialog && this.#flows !== undefined && !this.#cancellation;
  }

  /** Whether the request goes out once more: with credentials, or to another server (RFC 3263 4.3). */
  #retry(response: SipResponse, now: number): boolean {
    const { status } = response;
    if (status === 401 || status === 407) return this.#answerChallenge(response, now);
    if (status !== 503 || !this.#canFailOver) return false;
    this.#core.background(this.#failOver(response));
    return true;
  }

  /** The 503 stands if there is no other server. */
  async #failOver(response: SipResponse): Promise<void> {
    this.#transaction = undefined;
    const flow = await this.#nextFlow();
    if (this.#over || this.#cancellation) return;
    if (flow) {
      this.#plan.auth?.trust(flow.remote.host);
      this.#send(flow, this.#core.now());
      return;
    }
    this.#end();
    this.#user.final(response, this, this.#core.now());
  }

  /** Once, and once more if only the nonce had grown old in between. */
  #answerChallenge(response: SipResponse, now: number): boolean {
    const { auth } = this.#plan;
    const { request, flow } = this;
    if (!auth || !flow || this.#challenges >= (isStale(response) ? 2 : 1)) return false;
    const answer = auth.answer(response, request, flow);
    if (!answer) return false;
    this.#challenges += 1;
    this.#credentials = this.#credentials.filter(([name]) => name !== answer[0]).concat([answer]);
    this.#sequence = undefined;
    if (this.#routing) this.#core.background(this.#sendFitting(flow, this.#routing));
    else this.#send(flow, now);
    return true;
  }

  /** Credentials may have made the request too large for the flow that it took first. */
  async #sendFitting(flow: Flow, routing: Routing): Promise<void> {
    this.#transaction = undefined;
    const fitting = await fittingFlow(this.#core.connector, this.#core.log, routing, flow);
    if (!this.#over && !this.#cancellation) this.#send(fitting, this.#core.now());
  }

  #sendCancel(invite: ClientTransaction, now: number): void {
    const cancellation = this.#cancellation;
    if (!cancellation) return;
    cancellation.sent = true;
    const { reason } = cancellation;
    const reasons = reason === null ? [] : [['Reason', reason] as const];
    const request = createInviteFollower(invite.request, 'CANCEL', [...reasons, ['User-Agent', this.#core.product]]);
    this.#core.layer.cancel(invite, request, { response: () => {}, failed: () => {} }, now);
    this.#deadlineMs = now + transactionTimeoutMs(this.#core.timers);
    this.#core.schedule.update(this);
  }

  #failLater(failure: RequestFailure | 'cancelled'): void {
    this.#failure = failure;
    this.#deadlineMs = this.#core.now();
    this.#core.schedule.update(this);
  }

  #finish(failure: RequestFailure | 'cancelled', now: number): void {
    this.#end();
    this.#user.failed(failure, now);
  }

  #end(): void {
    this.#over = true;
    if (this.#transaction) this.#template = undefined;
    this.#flows = undefined;
    this.#routing = undefined;
    this.#deadlineMs = Number.POSITIVE_INFINITY;
    this.#core.schedule.remove(this);
  }
}
