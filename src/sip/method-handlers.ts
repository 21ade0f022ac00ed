/** Requests outside of any dialog: authenticated, checked, and handed to whoever serves their method (RFC 3261 section 8.2). */

import type { Authentication, RequestIdentity } from './authentication.ts';
import { sdpType } from './body.ts';
import type { UserAgentCore } from './core.ts';
import type { AuthenticatedRequest, IncomingInvite } from './incoming-request.ts';
import { markReceived } from './message/build.ts';
import type { Flow } from './message/flow.ts';
import type { SipRequest } from './message/message.ts';
import { SipError } from './message/sip-error.ts';
import { gatewayCapabilities, validateRequest } from './message/validate.ts';
import { respondTo, sessionMethods, supportedOptions } from './own-headers.ts';
import { PendingInvite } from './pending-invite.ts';
import type { ServerTransaction } from './transaction/server.ts';

/** Mean nothing outside of a dialog or transaction. */
const sessionOnly: ReadonlySet<string> = new Set(['BYE', 'CANCEL', 'INFO', 'UPDATE']);

export class MethodHandlers {
  readonly #core: UserAgentCore;
  readonly #authenticate: (request: SipRequest, flow: Flow, now: number) => Authentication;
  readonly #handlers = new Map<string, (incoming: AuthenticatedRequest) => void>();
  #invite: (incoming: IncomingInvite) => void = (incoming) => incoming.respond(480);

  constructor(core: UserAgentCore, authenticate: (request: SipRequest, flow: Flow, now: number) => Authentication) {
    this.#core = core;
    this.#authenticate = authenticate;
    this.#handlers.set('OPTIONS', (incoming) => this.#describe(incoming));
  }

  setInvite(handler: (incoming: IncomingInvite) => void): void {
    this.#invite = handler;
  }

  set(method: string, handler: (incoming: AuthenticatedRequest) => void): void {
    this.#handlers.set(method, handler);
  }

  /** Throws SipError for what is malformed. */
  receive(request: SipRequest, flow: Flow, now: number): void {
    const authentication = this.#authenticate(request, flow, now);
    if (authentication.outcome === 'ignore') return;
    if (this.#core.layer.overloaded(flow)) this.#reply(request, new SipError(503, 'overload', { headers: [['Retry-After', '10']] }), flow);
    // The peer believes in a dialog or transaction that is gone: no credentials would bring it back.
    else if (request.headers.toTag !== undefined || sessionOnly.has(request.method)) this.#reply(request, new SipError(481, 'gone'), flow);
    else if (authentication.outcome === 'accept') this.#dispatch(request, flow, authentication.identity, now);
    else this.#reply(request, authentication, flow);
  }

  /** Answers a request that could not be processed, as far as it can be; strangers get no answer at all. */
  malformed(request: SipRequest, error: SipError, flow: Flow, now: number): void {
    if (request.method === 'ACK' || this.#isStranger(request, flow, now)) return;
    tryTo(() => markReceived(request, flow.remote));
    this.#reply(request, error, flow);
  }

  #dispatch(request: SipRequest, flow: Flow, identity: RequestIdentity, now: number): void {
    const isMerged = this.#core.layer.isMerged(request);
    const toTag = this.#core.random.token(12);
    const incoming = request.method === 'INVITE' ? this.#openInvite(request, flow, identity, toTag) : undefined;
    const transaction = incoming?.transaction ?? this.#core.layer.serve(request, flow);
    try {
      if (isMerged) throw new SipError(482, 'merged request');
      const error = validateRequest(request, { ...gatewayCapabilities, methods: this.#methods });
      if (error) throw error;
      if (incoming) this.#ring(incoming, now);
      else this.#handlers.get(request.method)?.(this.#incoming(transaction, identity, toTag));
    } catch (error) {
      const { status, headers } = error instanceof SipError ? error : { status: 500, headers: [] };
      transaction.respond(respondTo(this.#core, request, status, { headers, toTag }), now);
      if (!(error instanceof SipError)) throw error;
    }
  }

  #openInvite(request: SipRequest, flow: Flow, identity: RequestIdentity, toTag: string): PendingInvite {
    return new PendingInvite(this.#core, identity, toTag, (user) => this.#core.layer.serve(request, flow, user));
  }

  /** 100 at once, unless the handler has said something better: it stops the retransmissions (17.2.1). */
  #ring(incoming: PendingInvite, now: number): void {
    this.#invite(incoming);
    const { transaction } = incoming;
    if (transaction.status === 0) transaction.respond(respondTo(this.#core, incoming.request, 100), now);
  }

  #incoming(transaction: ServerTransaction, identity: RequestIdentity, toTag: string): AuthenticatedRequest {
    const { request, flow } = transaction;
    return {
      request,
      flow,
      identity,
      respond: (status, options = {}) =>
        transaction.respond(respondTo(this.#core, request, status, { toTag, ...options }), this.#core.now()),
    };
  }

  /** Without a transaction (8.2.7): who has no password takes no memory, and a repetition of the request gets such an answer again. */
  #reply(request: SipRequest, { status, headers }: Pick<SipError, 'status' | 'headers'>, flow: Flow): void {
    this.#core.layer.reply(respondTo(this.#core, request, status, { headers, ...constantTag(request) }), request, flow);
  }

  #isStranger(request: SipRequest, flow: Flow, now: number): boolean {
    return tryTo(() => this.#authenticate(request, flow, now))?.outcome === 'ignore';
  }

  get #methods(): readonly string[] {
    return [...new Set([...sessionMethods, ...this.#handlers.keys()])];
  }

  /** 11.2 */
  #describe(incoming: AuthenticatedRequest): void {
    incoming.respond(200, {
      headers: [
        ['Allow', this.#methods.join(', ')],
        ['Accept', sdpType],
        ['Supported', supportedOptions.join(', ')],
      ],
    });
  }
}

/** None when the To cannot be read. */
function constantTag(request: SipRequest): { toTag?: string } {
  return tryTo(() => request.headers.toTag === undefined) ? { toTag: 'refused' } : {};
}

/** Undefined when what it takes is malformed. */
function tryTo<Result>(read: () => Result): Result | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof SipError) return undefined;
    throw error;
  }
}
