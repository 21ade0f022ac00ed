/**
 * A call that nobody dialled: the browser was called without an offer (RFC 3261 section 13.2.1) and has answered with one. From here on
 * it is the caller, and its answer stands for the INVITE that it never sent.
 */

import type { RequestIdentity } from '../sip/authentication.ts';
import type { InviteEvents, InviteSession, InviteSessionState } from '../sip/dialog/invite-session.ts';
import type { HeaderList, IncomingInvite, ResponseOptions } from '../sip/incoming-request.ts';
import type { Flow } from '../sip/message/flow.ts';
import type { SipRequest } from '../sip/message/message.ts';

export interface OrderedInviteOptions {
  /** What the browser might have sent. */
  readonly request: SipRequest;
  readonly flow: Flow;
  readonly identity: RequestIdentity;
  /** The browser waits for the answer to its offer. */
  readonly session: InviteSession;
  /** Takes the place of whoever listened to the session. */
  listen(events: InviteEvents): void;
  refused(status: number): void;
}

export class OrderedInvite implements IncomingInvite {
  readonly request: SipRequest;
  readonly flow: Flow;
  readonly identity: RequestIdentity;
  readonly #options: OrderedInviteOptions;

  constructor(options: OrderedInviteOptions) {
    this.request = options.request;
    this.flow = options.flow;
    this.identity = options.identity;
    this.#options = options;
  }

  respond(status: number, { headers = [] }: ResponseOptions = {}): void {
    if (status < 300) return;
    this.#options.session.bye(reasonIn(headers));
    this.#options.refused(status);
  }

  session(events: InviteEvents): InviteSession {
    this.#options.listen(events);
    return new AnsweredCaller(this.#options.session, this.request, events);
  }
}

/** Speaks of provisional and final responses, and sends the one ACK that is due. */
class AnsweredCaller implements InviteSession {
  readonly role = 'uac';
  readonly request: SipRequest;
  readonly #session: InviteSession;
  readonly #events: InviteEvents;
  #isAcknowledged = false;

  constructor(session: InviteSession, request: SipRequest, events: InviteEvents) {
    this.request = request;
    this.#session = session;
    this.#events = events;
  }

  get id(): string {
    return this.#session.id;
  }

  get callId(): string {
    return this.#session.callId;
  }

  get state(): InviteSessionState {
    return this.#session.state;
  }

  get canOffer(): boolean {
    return this.#isAcknowledged && this.#session.canOffer;
  }

  get flowId(): string | null {
    return this.#session.flowId;
  }

  set flowId(flowId: string | null) {
    this.#session.flowId = flowId;
  }

  /** It has answered long ago: that the far side rings cannot be told any more. */
  progress(): void {}

  /** The answer is given once; after that the far side's only says that the call stands. */
  accept({ body }: { body: string | null }): void {
    if (body !== null) this.acknowledge(body);
    queueMicrotask(() => this.#events.acknowledged(null));
  }

  acknowledge(body: string): void {
    if (this.#isAcknowledged) return;
    this.#isAcknowledged = true;
    this.#session.acknowledge(body);
  }

  reject(_status: number, { headers = [] }: { headers?: HeaderList } = {}): void {
    this.#session.bye(reasonIn(headers));
  }

  cancel(reason?: string): void {
    this.bye(reason === undefined ? {} : { reason });
  }

  reinvite(body: string | null): void {
    this.#session.reinvite(body);
  }

  update(body: string | null): void {
    this.#session.update(body);
  }

  info(contentType: string, body: string): void {
    this.#session.info(contentType, body);
  }

  bye(options?: { reason?: string }): void {
    this.#session.bye(options);
  }

  remoteSupports(option: string): boolean {
    return this.#session.remoteSupports(option);
  }

  remoteAllows(method: string): boolean {
    return this.#session.remoteAllows(method);
  }
}

function reasonIn(headers: HeaderList): { reason?: string } {
  const reason = headers.find(([name]) => name === 'Reason')?.[1];
  return reason === undefined ? {} : { reason };
}
