/** What both roles of an INVITE session share: its identity, its dialog requests, and the checks of what arrives. */

import { InvariantError } from '../../base/errors.ts';
import type { DialogOwner, UserAgentCore } from '../core.ts';
import type { HeaderList } from '../incoming-request.ts';
import type { Flow } from '../message/flow.ts';
import type { SipRequest } from '../message/message.ts';
import { SipError } from '../message/sip-error.ts';
import { gatewayCapabilities, validateRequest } from '../message/validate.ts';
import { respondTo, sessionMethods } from '../own-headers.ts';
import type { ServerTransaction } from '../transaction/server.ts';
import type { Dialog } from './dialog.ts';
import type { DialogRequests } from './dialog-requests.ts';
import type { InviteEvents, InviteSession, InviteSessionState } from './invite-session.ts';
import type { InviteUsage, InviteUsageOwner } from './invite-usage.ts';
import { SessionTimer, type SessionTimerOut } from './session-timer.ts';

/** RFC 4028 section 4. */
const minSessionSec = 90;
const capabilitiesInDialog = { ...gatewayCapabilities, methods: sessionMethods };

export abstract class Session implements InviteSession, DialogOwner, SessionTimerOut, InviteUsageOwner {
  abstract readonly role: 'uas' | 'uac';
  abstract readonly request: SipRequest;
  readonly callId: string;
  readonly localTag: string;
  protected readonly core: UserAgentCore;
  /** Null once all is told: repeated answers are acknowledged for another half minute, which the call behind it need not wait for. */
  protected events: InviteEvents | null;
  protected readonly requests: DialogRequests;
  protected readonly timer: SessionTimer;
  /** From when there is a dialog to use until that is over. */
  protected usage: InviteUsage | undefined;
  protected stage: InviteSessionState = 'calling';

  protected constructor(
    core: UserAgentCore,
    options: { callId: string; localTag: string; events: InviteEvents; requests: DialogRequests; sessionExpiresSec: number | null },
  ) {
    this.core = core;
    this.callId = options.callId;
    this.localTag = options.localTag;
    this.events = options.events;
    this.requests = options.requests;
    this.timer = new SessionTimer({ proposalSec: options.sessionExpiresSec, minSec: minSessionSec }, this);
  }

  /** The flow that the initial INVITE took. */
  protected abstract readonly firstFlow: Flow | undefined;

  /** The usage as long as requests of ours make sense. */
  protected get confirmed(): InviteUsage | undefined {
    return this.stage === 'confirmed' ? this.usage : undefined;
  }

  /** A request of the peer that no usage takes: in an early dialog of a caller. */
  protected receiveEarly(_transaction: ServerTransaction, _now: number): void {
    throw new SipError(481, 'no such dialog');
  }

  get id(): string {
    return this.localTag;
  }

  get state(): InviteSessionState {
    return this.stage;
  }

  get canOffer(): boolean {
    return this.confirmed?.incoming.busy === false;
  }

  get flowId(): string | null {
    return this.requests.flowId;
  }

  set flowId(flowId: string | null) {
    this.requests.flowId = flowId;
  }

  progress(_status: number, _options?: { body?: string | null; headers?: HeaderList }): void {
    throw new InvariantError('progress is for the called side');
  }

  accept(_options: { body: string | null; headers?: HeaderList }): void {
    throw new InvariantError('accept is for the called side');
  }

  reject(_status: number, _options?: { reason?: string; headers?: HeaderList }): void {
    throw new InvariantError('reject is for the called side');
  }

  cancel(_reason?: string): void {
    throw new InvariantError('cancel is for the calling side');
  }

  acknowledge(body: string): void {
    this.confirmed?.acknowledge(body);
  }

  reinvite(body: string | null): void {
    this.confirmed?.modify('INVITE', body);
  }

  update(body: string | null): void {
    this.confirmed?.modify('UPDATE', body);
  }

  info(contentType: string, body: string): void {
    this.confirmed?.info(contentType, body);
  }

  abstract bye(options?: { reason?: string }): void;

  remoteSupports(option: string): boolean {
    return this.usage?.remoteSupports(option) ?? false;
  }

  remoteAllows(method: string): boolean {
    return this.usage?.remoteAllows(method) ?? false;
  }

  receive(request: SipRequest, flow: Flow, now: number): void {
    // A CANCEL of a re-INVITE changes nothing: the answer is on its way, and both sides would disagree about what stands.
    const transaction = this.core.layer.serve(request, flow);
    try {
      const dialog = this.dialogOf(request);
      this.#check(request, flow);
      dialog.checkSequence(request);
      if (dialog === this.usage?.dialog) this.usage.receive(transaction, now);
      else this.receiveEarly(transaction, now);
    } catch (error) {
      const { status, headers } = error instanceof SipError ? error : { status: 500, headers: [] };
      transaction.respond(respondTo(this.core, request, status, { headers }), now);
      if (!(error instanceof SipError)) throw error;
    }
  }

  acknowledged(ack: SipRequest, flow: Flow, now: number): void {
    const { usage } = this;
    if (usage?.dialog.remoteTag !== (ack.headers.fromTag ?? '') || !this.#accepts(flow, ack)) return;
    usage.incoming.acknowledged(ack, now);
  }

  flowClosed(_flow: Flow, _now: number): void {}

  refreshDue(now: number): void {
    this.usage?.refresh(now);
  }

  expired(now: number): void {
    this.usage?.expired(now);
  }

  over(): void {
    this.close();
  }

  /** Throws SipError 481. */
  protected dialogOf(request: SipRequest): Dialog {
    const { usage } = this;
    if (usage?.dialog.remoteTag !== (request.headers.fromTag ?? '')) throw new SipError(481, 'no such dialog');
    return usage.dialog;
  }

  protected close(): void {
    this.stage = 'terminated';
    this.usage = undefined;
    this.events = null;
    this.core.unregister(this);
  }

  #check(request: SipRequest, flow: Flow): void {
    if (!this.#accepts(flow, request)) throw new SipError(403, 'not over this connection');
    const error = validateRequest(request, capabilitiesInDialog);
    if (error) throw error;
  }

  #accepts(flow: Flow, request: SipRequest): boolean {
    return flow.id === (this.flowId ?? this.firstFlow?.id) || this.events?.acceptsFlow(flow, request) === true;
  }
}

export function reasonHeaders(reason: string | undefined): HeaderList {
  return reason === undefined ? [] : [['Reason', reason]];
}
