/** An INVITE outside of any dialog between its arrival and the decision what becomes of it. */

import type { RequestIdentity } from './authentication.ts';
import type { UserAgentCore } from './core.ts';
import { IncomingSession } from './dialog/incoming-session.ts';
import type { InviteEvents, InviteSession } from './dialog/invite-session.ts';
import type { IncomingInvite, IncomingSessionOptions, ResponseOptions } from './incoming-request.ts';
import type { Flow } from './message/flow.ts';
import type { SipRequest } from './message/message.ts';
import { respondTo } from './own-headers.ts';
import type { ServerTransaction, ServerTransactionUser } from './transaction/server.ts';

export class PendingInvite implements IncomingInvite, ServerTransactionUser {
  readonly identity: RequestIdentity;
  readonly localTag: string;
  readonly #core: UserAgentCore;
  readonly transaction: ServerTransaction;
  #session: IncomingSession | undefined;

  /** `open` makes the transaction whose user this is. */
  constructor(core: UserAgentCore, identity: RequestIdentity, localTag: string, open: (user: ServerTransactionUser) => ServerTransaction) {
    this.#core = core;
    this.identity = identity;
    this.localTag = localTag;
    this.transaction = open(this);
  }

  get request(): SipRequest {
    return this.transaction.request;
  }

  get flow(): Flow {
    return this.transaction.flow;
  }

  respond(status: number, options: ResponseOptions = {}): void {
    if (this.#session || this.transaction.answered) return;
    this.transaction.respond(respondTo(this.#core, this.request, status, { toTag: this.localTag, ...options }), this.#core.now());
  }

  session(events: InviteEvents, options: IncomingSessionOptions = {}): InviteSession {
    this.#session = new IncomingSession(this.#core, this.transaction, this.localTag, events, options);
    return this.#session;
  }

  cancelled(cancel: SipRequest): void {
    if (this.#session) this.#session.cancelled(cancel);
    else this.respond(487);
  }
}
