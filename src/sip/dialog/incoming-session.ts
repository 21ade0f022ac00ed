/** The called side of an INVITE: provisional responses, the answer or a refusal, CANCEL (RFC 3261 section 13.3). */

import type { UserAgentCore } from '../core.ts';
import type { HeaderList, IncomingSessionOptions } from '../incoming-request.ts';
import type { Flow } from '../message/flow.ts';
import type { SipRequest, SipResponse } from '../message/message.ts';
import { OutgoingAuth } from '../outgoing-auth.ts';
import { capabilities, contactOn, respondTo } from '../own-headers.ts';
import type { Timed } from '../schedule.ts';
import type { ServerTransaction } from '../transaction/server.ts';
import { Dialog } from './dialog.ts';
import { DialogRequests, type DialogRoute } from './dialog-requests.ts';
import type { InviteEvents } from './invite-session.ts';
import { InviteUsage } from './invite-usage.ts';
import { reasonHeaders, Session } from './session.ts';

/** A ringing INVITE is told so once a minute, lest a proxy on the way gives it up (13.3.1.1). */
const repeatProgressMs = 60_000;

export class IncomingSession extends Session implements Timed {
  readonly role = 'uas';
  readonly #transaction: ServerTransaction;
  #progress: SipResponse | undefined;
  #repeatMs = Number.POSITIVE_INFINITY;

  /** Throws SipError for an INVITE that can make no dialog. */
  constructor(
    core: UserAgentCore,
    transaction: ServerTransaction,
    localTag: string,
    events: InviteEvents,
    options: IncomingSessionOptions,
  ) {
    const { request, flow } = transaction;
    const dialog = Dialog.fromRequest(request, localTag);
    const requests = new DialogRequests(core, {
      route: routeOf(flow, options),
      contactUser: options.contactUser ?? (typeof request.uri === 'string' ? '' : (request.uri.user ?? '')),
      auth: authOf(core, flow, options),
    });
    super(core, { callId: dialog.callId, localTag, events, requests, sessionExpiresSec: options.sessionExpiresSec ?? null });
    this.#transaction = transaction;
    const usage = new InviteUsage(core, {
      dialog,
      requests,
      events,
      timer: this.timer,
      initial: transaction,
      localBody: null,
      owner: this,
    });
    usage.learn(request);
    this.usage = usage;
    this.timer.check(request);
    core.register(this);
  }

  get request(): SipRequest {
    return this.#transaction.request;
  }

  get deadline(): number {
    return this.#repeatMs;
  }

  protected get firstFlow(): Flow {
    return this.#transaction.flow;
  }

  override progress(status: number, options: { body?: string | null; headers?: HeaderList } = {}): void {
    if (this.#isAnswered) return;
    const { body = null, headers = [] } = options;
    this.stage = 'early';
    this.#progress = this.#response(status, { body, headers: [...this.#dialogHeaders(), ...headers] });
    this.#sendProgress(this.#progress, this.core.now());
    this.core.schedule.update(this);
  }

  override accept(options: { body: string | null; headers?: HeaderList }): void {
    const { usage } = this;
    if (this.#isAnswered || !usage) return;
    this.#stopProgress();
    this.stage = 'confirmed';
    usage.incoming.accept(this.#transaction, options, this.core.now());
    this.core.schedule.update(usage);
  }

  override reject(status: number, options: { reason?: string; headers?: HeaderList } = {}): void {
    if (this.#isAnswered) return;
    this.#transaction.respond(this.#response(status, options), this.core.now());
    this.close();
  }

  /** Before the answer there is nothing to say BYE to: the INVITE is refused. */
  override bye(options: { reason?: string } = {}): void {
    const headers = reasonHeaders(options.reason);
    if (this.confirmed) this.confirmed.bye(headers);
    else this.reject(480, { headers });
  }

  cancelled(cancel: SipRequest): void {
    const { events } = this;
    if (this.#isAnswered) return;
    this.reject(487);
    events?.cancelled(cancel.headers.get('Reason') ?? null);
  }

  /** A response could not reach the caller any more (RFC 7118 has no way to find it again). */
  override flowClosed(flow: Flow): void {
    const { events } = this;
    if (this.#isAnswered || flow.id !== this.#transaction.flow.id) return;
    this.reject(480);
    events?.ended({ by: 'transport', reason: null });
  }

  expire(now: number): void {
    if (this.#progress) this.#sendProgress(this.#progress, now);
  }

  protected override close(): void {
    this.#stopProgress();
    super.close();
  }

  /** Also by the refusal with which a BYE ends an early dialog. */
  get #isAnswered(): boolean {
    return this.#transaction.answered || this.stage === 'terminated';
  }

  #response(status: number, options: { reason?: string; body?: string | null; headers?: HeaderList }): SipResponse {
    return respondTo(this.core, this.request, status, { toTag: this.localTag, ...options });
  }

  #dialogHeaders(): HeaderList {
    return [['Contact', contactOn(this.core, this.#transaction.flow, this.requests.contactUser)], ...capabilities()];
  }

  #sendProgress(response: SipResponse, now: number): void {
    this.#repeatMs = now + repeatProgressMs;
    this.#transaction.respond(response, now);
  }

  #stopProgress(): void {
    this.#progress = undefined;
    this.#repeatMs = Number.POSITIVE_INFINITY;
    this.core.schedule.remove(this);
  }
}

/** Over a WebSocket the peer is reached by that connection alone (RFC 7118); elsewhere by its route set or Contact. */
function routeOf(flow: Flow, { destination }: IncomingSessionOptions): DialogRoute {
  if (destination) return 'flowId' in destination ? { flowId: destination.flowId } : { tcpFallback: destination.tcpFallback };
  return flow.transport === 'ws' || flow.transport === 'wss' ? { flowId: flow.id } : { tcpFallback: false };
}

function authOf(core: UserAgentCore, flow: Flow, { credentials }: IncomingSessionOptions): OutgoingAuth | null {
  if (!credentials) return null;
  const auth = new OutgoingAuth(credentials, core.random);
  auth.trust(flow.remote.host);
  return auth;
}
