/** The calling side of an INVITE: its branches, the first answer, and what else a fork may bring (RFC 3261 section 13.2). */

import { invariant } from '../../base/errors.ts';
import { ownCopy } from '../../base/own-copy.ts';
import { sdpType } from '../body.ts';
import type { UserAgentCore } from '../core.ts';
import { createRequest, createResponse } from '../message/build.ts';
import type { Flow } from '../message/flow.ts';
import type { SipRequest, SipResponse } from '../message/message.ts';
import { SipError } from '../message/sip-error.ts';
import type { SipUri } from '../message/uri.ts';
import { OutgoingAuth } from '../outgoing-auth.ts';
import { OutgoingRequest, type OutgoingRequestUser, type SentRequest } from '../outgoing-request.ts';
import { capabilities, respondTo, withTag } from '../own-headers.ts';
import type { RequestFailure } from '../transaction/client.ts';
import type { ServerTransaction } from '../transaction/server.ts';
import { Acknowledgement } from './acknowledgement.ts';
import { type CallerSide, Dialog } from './dialog.ts';
import { DialogRequests } from './dialog-requests.ts';
import type { InviteEvents, OutgoingInvite } from './invite-session.ts';
import { InviteUsage, incomingRequest } from './invite-usage.ts';
import { reasonHeaders, Session } from './session.ts';

/** More branches than any real fork has; what goes beyond is ignored. */
const maxBranches = 32;
const maxIntervalTries = 2;

interface Attempt {
  readonly invite: OutgoingInvite;
  readonly outgoing: OutgoingRequest;
}

export class OutgoingSession extends Session implements OutgoingRequestUser {
  readonly role = 'uac';
  /** Request-URI and From of the INVITE. */
  readonly #uri: SipUri;
  readonly #from: string;
  readonly #auth: OutgoingAuth | null;
  /** One for each branch that rings. */
  #early: readonly Dialog[] = [];
  /** One for each branch that answered. */
  #answers: readonly Acknowledgement[] = [];
  /** Until the INVITE is answered. */
  #attempt: Attempt | undefined;
  /** Since then. */
  #flow: Flow | undefined;
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
    this.#uri = invite.uri;
    this.#from = ownCopy(withTag(invite.from, this.localTag));
    this.#auth = auth;
    core.register(this);
    this.#call(invite, core.now());
  }

  get request(): SipRequest {
    invariant(this.#attempt, 'an INVITE that is answered is not needed again');
    return this.#attempt.outgoing.request;
  }

  protected get firstFlow(): Flow | undefined {
    return this.#flow ?? this.#attempt?.outgoing.flow;
  }

  override cancel(reason?: string): void {
    if (this.stage === 'confirmed' || this.stage === 'terminated' || this.#cancelled) return;
    this.#cancelled = true;
    this.#attempt?.outgoing.cancel(reason ?? null);
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

  #create({ uri, to, headers, body, maxForwards }: OutgoingInvite): SipRequest {
    const fields: Array<readonly [string, string]> = [
      ['Max-Forwards', String(maxForwards)],
      ['From', this.#from],
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

  get #caller(): CallerSide {
    return { callId: this.callId, localTag: this.localTag, local: this.#from, localSequence: this.#sequence, uri: this.#uri };
  }

  #earlyDialog(tag: string): Dialog | undefined {
    return this.#early.find(({ remoteTag }) => remoteTag === tag);
  }

  #call(invite: OutgoingInvite, now: number): void {
    const outgoing = new OutgoingRequest(
      this.core,
      this.#create(invite),
      {
        destination: invite.destination,
        contactUser: invite.contactUser,
        auth: this.#auth,
        nextSequence: () => {
          this.#sequence += 1;
          return this.#sequence;
        },
        outOfDialog: true,
      },
      this,
    );
    this.#attempt = { invite, outgoing };
    outgoing.start(now);
  }

  // What the INVITE has to say.

  provisional(response: SipResponse): void {
    if (response.status === 100 || this.stage === 'confirmed' || this.stage === 'terminated') return;
    const tag = response.headers.toTag ?? '';
    if (tag !== '') {
      this.stage = 'early';
      if (!this.#earlyDialog(tag) && this.#early.length < maxBranches)
        this.#early = this.#early.concat(Dialog.fromResponse(this.#caller, response));
    }
    if (!this.#cancelled) this.events?.provisional(response, tag);
  }

  final(response: SipResponse, sent: SentRequest, now: number): void {
    if (response.status < 300) this.#answered(response, sent, now);
    else if (response.status === 422 && this.#tryLongerInterval(response, now)) return;
    else this.#rejected(response);
  }

  failed(failure: RequestFailure | 'cancelled'): void {
    this.#rejected(failure === 'cancelled' ? createResponse(this.request, 487) : failure);
  }

  #answered(response: SipResponse, sent: SentRequest, now: number): void {
    const tag = response.headers.toTag ?? '';
    const known = this.#answers.find(({ dialog }) => dialog.remoteTag === tag);
    if (known) {
      known.repeat();
      return;
    }
    const dialog = this.#answers.length < maxBranches ? this.#dialogOfAnswer(response) : undefined;
    if (!dialog) return;
    const acknowledgement = new Acknowledgement(this.requests, dialog, sent);
    this.#answers = this.#answers.concat(acknowledgement);
    if (this.stage === 'confirmed' || this.stage === 'terminated' || this.#cancelled) this.#decline(dialog, acknowledgement);
    else this.#confirm(dialog, acknowledgement, response, now);
  }

  #confirm(dialog: Dialog, acknowledgement: Acknowledgement, response: SipResponse, now: number): void {
    const { timer, requests, events } = this;
    const attempt = this.#attempt;
    invariant(events && attempt, 'a session that is not over has a listener, and an INVITE that waits for its answer');
    const { body } = attempt.invite;
    this.stage = 'confirmed';
    this.#early = [];
    this.#flow = attempt.outgoing.flow;
    this.#attempt = undefined;
    const usage = new InviteUsage(this.core, { dialog, requests, events, timer, localBody: body, owner: this });
    this.usage = usage;
    usage.learn(response);
    timer.confirmed(response, now);
    if (body === null) this.#delayed = acknowledgement;
    else acknowledgement.send();
    this.core.schedule.update(usage);
    events.accepted(response);
  }

  /** An answer that nobody wants: of a second branch, or after CANCEL. It is acknowledged and ended (13.2.2.4, 9.1). */
  #decline(dialog: Dialog, acknowledgement: Acknowledgement): void {
    acknowledgement.send();
    this.requests.send(dialog, { method: 'BYE', headers: [], body: null }, { final: () => {}, failed: () => {} });
    this.#fail(487);
  }

  /** An answer that makes no dialog cannot even be acknowledged: the call has failed. */
  #dialogOfAnswer(response: SipResponse): Dialog | undefined {
    try {
      return Dialog.fromResponse(this.#caller, response);
    } catch (error) {
      if (!(error instanceof SipError)) throw error;
      this.core.log.warn({ err: error }, 'unusable answer');
      this.#fail(502);
      return undefined;
    }
  }

  #tryLongerInterval(response: SipResponse, now: number): boolean {
    this.#intervalTries += 1;
    if (!this.#attempt || this.#cancelled || this.#intervalTries > maxIntervalTries || !this.timer.raise(response)) return false;
    this.#call(this.#attempt.invite, now);
    return true;
  }

  /** Unless it is known already what became of the INVITE. */
  #fail(status: number): void {
    if (this.stage !== 'confirmed' && this.stage !== 'terminated') this.#rejected(createResponse(this.request, status));
  }

  #rejected(failure: SipResponse | RequestFailure): void {
    const { events } = this;
    this.close();
    events?.rejected(failure);
  }
}
