/** The calling side of an INVITE: its branches, the first answer, and what else a fork may bring (RFC 3261 section 13.2). */

import { invariant } from '../../base/errors.ts';
import { sdpType } from '../body.ts';
import type { UserAgentCore } from '../core.ts';
import { createRequest, createResponse } from '../message/build.ts';
import type { Flow } from '../message/flow.ts';
import type { SipRequest, SipResponse } from '../message/message.ts';
import { SipError } from '../message/sip-error.ts';
import { OutgoingAuth } from '../outgoing-auth.ts';
import { OutgoingRequest, type OutgoingRequestUser } from '../outgoing-request.ts';
import { capabilities, respondTo, withTag } from '../own-headers.ts';
import type { RequestFailure } from '../transaction/client.ts';
import type { ServerTransaction } from '../transaction/server.ts';
import { Acknowledgement } from './acknowledgement.ts';
import { Dialog } from './dialog.ts';
import { DialogRequests } from './dialog-requests.ts';
import type { InviteEvents, OutgoingInvite } from './invite-session.ts';
import { InviteUsage, incomingRequest } from './invite-usage.ts';
import { reasonHeaders, Session } from './session.ts';

/** More branches than any real fork has; what goes beyond is ignored. */
const maxBranches = 32;
const maxIntervalTries = 2;

export class OutgoingSession extends Session implements OutgoingRequestUser {
  readonly role = 'uac';
  readonly #invite: OutgoingInvite;
  readonly #auth: OutgoingAuth | null;
  /** One for each branch that rings. */
  #early: readonly Dialog[] = [];
  /** One for each branch that answered. */
  #answers: readonly Acknowledgement[] = [];
  #outgoing: OutgoingRequest;
  #sequence = 0;
  #intervalTries = 0;
  #cancelled = false;
  /** The ACK that waits for our answer to the offer of the 2xx. */
  #delayed: Acknowledgement | undefined;

  constructor(core: UserAgentCore, invite: OutgoingInvite, events: InviteEvents) {
    const { destination, contactUser, sessionExpiresSec = null } = invite;
    const auth = invite.credentials ? new OutgoingAuth(invite.credentials, core.random) : null;
    const route = 'flowId' in destination ? { flowId: destination.flowId } : { tcpFallback: destination.tcpFallback };
    const requests = new DialogRequests(core, { route, contactUser, auth });
    super(core, { callId: core.random.token(26), localTag: core.random.token(12), events, requests, sessionExpiresSec });
    this.#invite = invite;
    this.#auth = auth;
    this.#outgoing = this.#prepare();
    core.register(this);
    this.#outgoing.start(core.now());
  }

  get request(): SipRequest {
    return this.#outgoing.request;
  }

  protected get firstFlow(): Flow | undefined {
    return this.#outgoing.flow;
  }

  override cancel(reason?: string): void {
    if (this.stage === 'confirmed' || this.stage === 'terminated' || this.#cancelled) return;
    this.#cancelled = true;
    this.#outgoing.cancel(reason ?? null);
  }

  override acknowledge(body: string): void {
    this.#delayed?.send(body);
    this.#delayed = undefined;
    super.acknowledge(body);
  }

  override bye(options: { reason?: string } = {}): void {
    if (this.confirmed) this.confirmed.bye(reasonHeaders(options.reason));
    else this.cancel(options.reason);
  }

  protected override dialogOf(request: SipRequest): Dialog {
    return this.#earlyDialog(request.headers.fromTag ?? '') ?? super.dialogOf(request);
  }

  /** Before the answer an offer would cross ours (RFC 3311 section 5.2), and the callee may not say BYE (RFC 3261 section 15). */
  protected override receiveEarly(transaction: ServerTransaction, now: number): void {
    const { request } = transaction;
    if (request.method === 'INFO') this.events?.info(incomingRequest(this.core, transaction));
    else if (request.method === 'INVITE' || (request.method === 'UPDATE' && request.body.length > 0))
      throw new SipError(491, 'offer in progress');
    else if (request.method === 'BYE') throw new SipError(481, 'BYE before the answer');
    else transaction.respond(respondTo(this.core, request, 200, { headers: capabilities() }), now);
  }

  #create(): SipRequest {
    const { uri, from, to, headers, body, maxForwards } = this.#invite;
    const fields: Array<readonly [string, string]> = [
      ['Max-Forwards', String(maxForwards)],
      ['From', withTag(from, this.localTag)],
      ['To', to],
      ['Call-ID', this.callId],
      ['CSeq', '0 INVITE'],
      ...capabilities(),
      ...this.timer.offer(),
      ...headers,
      ['User-Agent', this.core.product],
    ];
    if (body !== null) fields.push(['Content-Type', sdpType]);
    return createRequest('INVITE', uri, fields, body ?? '');
  }

  #earlyDialog(tag: string): Dialog | undefined {
    return this.#early.find(({ remoteTag }) => remoteTag === tag);
  }

  #prepare(): OutgoingRequest {
    return new OutgoingRequest(
      this.core,
      this.#create(),
      {
        destination: this.#invite.destination,
        contactUser: this.#invite.contactUser,
        auth: this.#auth,
        nextSequence: () => {
          this.#sequence += 1;
          return this.#sequence;
        },
        outOfDialog: true,
      },
      this,
    );
  }

  // What the INVITE has to say.

  provisional(response: SipResponse): void {
    if (response.status === 100 || this.stage === 'confirmed' || this.stage === 'terminated') return;
    const tag = response.headers.toTag ?? '';
    if (tag !== '') {
      this.stage = 'early';
      if (!this.#earlyDialog(tag) && this.#early.length < maxBranches)
        this.#early = [...this.#early, Dialog.fromResponse(this.request, response)];
    }
    if (!this.#cancelled) this.events?.provisional(response, tag);
  }

  final(response: SipResponse, now: number): void {
    if (response.status < 300) this.#answered(response, now);
    else if (response.status === 422 && this.#tryLongerInterval(response, now)) return;
    else this.#rejected(response);
  }

  failed(failure: RequestFailure | 'cancelled'): void {
    this.#rejected(failure === 'cancelled' ? createResponse(this.request, 487) : failure);
  }

  #answered(response: SipResponse, now: number): void {
    const tag = response.headers.toTag ?? '';
    const known = this.#answers.find(({ dialog }) => dialog.remoteTag === tag);
    if (known) {
      known.repeat();
      return;
    }
    const dialog = this.#answers.length < maxBranches ? this.#dialogOfAnswer(response) : undefined;
    if (!dialog) return;
    const acknowledgement = new Acknowledgement(this.requests, dialog, this.request);
    this.#answers = [...this.#answers, acknowledgement];
    if (this.stage === 'confirmed' || this.stage === 'terminated' || this.#cancelled) this.#decline(dialog, acknowledgement);
    else this.#confirm(dialog, acknowledgement, response, now);
  }

  #confirm(dialog: Dialog, acknowledgement: Acknowledgement, response: SipResponse, now: number): void {
    const { timer, requests, events } = this;
    invariant(events, 'a session that is not over has a listener');
    this.stage = 'confirmed';
    this.#early = [];
    const usage = new InviteUsage(this.core, { dialog, requests, events, timer, localBody: this.#invite.body, over: () => this.close() });
    this.usage = usage;
    usage.learn(response);
    timer.confirmed(response, now);
    if (this.#invite.body === null) this.#delayed = acknowledgement;
    else acknowledgement.send();
    this.core.schedule.update(usage);
    events.accepted(response);
  }

  /** An answer that nobody wants: of a second branch, or after CANCEL. It is acknowledged and ended (13.2.2.4, 9.1). */
  #decline(dialog: Dialog, acknowledgement: Acknowledgement): void {
    acknowledgement.send();
    this.requests.send(dialog, { method: 'BYE', headers: [], body: null }, { final: () => {}, failed: () => {} });
    if (this.#cancelled) this.#rejected(createResponse(this.request, 487));
  }

  /** An answer that makes no dialog cannot even be acknowledged: the call has failed. */
  #dialogOfAnswer(response: SipResponse): Dialog | undefined {
    try {
      return Dialog.fromResponse(this.request, response);
    } catch (error) {
      if (!(error instanceof SipError)) throw error;
      this.core.log.warn({ err: error }, 'unusable answer');
      if (this.stage !== 'confirmed') this.#rejected(createResponse(this.request, 502));
      return undefined;
    }
  }

  #tryLongerInterval(response: SipResponse, now: number): boolean {
    this.#intervalTries += 1;
    if (this.#cancelled || this.#intervalTries > maxIntervalTries || !this.timer.raise(response)) return false;
    this.#outgoing = this.#prepare();
    this.#outgoing.start(now);
    return true;
  }

  #rejected(failure: SipResponse | RequestFailure): void {
    const { events } = this;
    this.close();
    events?.rejected(failure);
  }
}
