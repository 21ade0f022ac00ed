/** Sends the requests of one session on its way, and keeps them while its connection is away. */

import type { UserAgentCore } from '../core.ts';
import type { Destination } from '../destination.ts';
import type { HeaderList } from '../incoming-request.ts';
import type { Flow } from '../message/flow.ts';
import type { SipRequest, SipResponse } from '../message/message.ts';
import { printMessage } from '../message/print.ts';
import type { OutgoingAuth } from '../outgoing-auth.ts';
import { OutgoingRequest, type OutgoingRequestUser, type SentRequest } from '../outgoing-request.ts';
import { flowsTo } from '../routing.ts';
import type { Timed } from '../schedule.ts';
import type { RequestFailure } from '../transaction/client.ts';
import type { Dialog } from './dialog.ts';

/** Sessions bound to a connection follow it; others are routed by their dialog's route set and target. */
export type DialogRoute = { flowId: string } | { readonly tcpFallback: boolean };

export interface DialogRequestPlan {
  readonly method: string;
  readonly headers: HeaderList;
  readonly body: string | null;
  /** Of `body`. */
  readonly contentType?: string;
  /** INVITE and UPDATE carry one. */
  readonly contact?: boolean;
}

export interface DialogRequestUser {
  /** Repeated 2xx of an INVITE come here again. `sent` is what the response answers. */
  final(response: SipResponse, sent: SentRequest, now: number): void;
  failed(failure: RequestFailure, now: number): void;
}

interface Waiting {
  readonly plan: DialogRequestPlan;
  readonly dialog: Dialog;
  readonly user: DialogRequestUser;
  readonly untilMs: number;
}

export class DialogRequests implements Timed {
  readonly #core: UserAgentCore;
  readonly #contactUser: string;
  readonly #auth: OutgoingAuth | null;
  #route: DialogRoute;
  #waiting: Waiting[] = [];

  constructor(core: UserAgentCore, options: { route: DialogRoute; contactUser: string; auth: OutgoingAuth | null }) {
    this.#core = core;
    this.#route = options.route;
    this.#contactUser = options.contactUser;
    this.#auth = options.auth;
  }

  get contactUser(): string {
    return this.#contactUser;
  }

  get flowId(): string | null {
    return 'flowId' in this.#route ? this.#route.flowId : null;
  }

  /** Moves all later requests, and sends those that wait. */
  set flowId(flowId: string | null) {
    this.#route = flowId === null ? { tcpFallback: false } : { flowId };
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const each of waiting) this.#sendOrWait(each);
  }

  get deadline(): number {
    return Math.min(Number.POSITIVE_INFINITY, ...this.#waiting.map(({ untilMs }) => untilMs));
  }

  /** `failed('transport')` follows if no connection comes within the grace time. */
  send(dialog: Dialog, plan: DialogRequestPlan, user: DialogRequestUser): void {
    this.#sendOrWait({ plan, dialog, user, untilMs: this.#core.now() + this.#core.graceMs });
  }

  /** An ACK of a 2xx has no transaction and no answer (RFC 3261 13.2.2.4). Gives it a Via, and so takes it over. */
  sendAck(ack: SipRequest, dialog: Dialog): void {
    const destination = this.#destination(dialog);
    if (!('flowId' in destination)) {
      this.#core.background(this.#routeAck(ack, destination));
      return;
    }
    const flow = this.#core.openFlow(destination.flowId);
    if (flow) this.#sendOn(flow, ack);
  }

  /** Forgets what waits: nothing but a BYE makes sense any more. */
  dropWaiting(): void {
    this.#waiting = [];
    this.#core.schedule.update(this);
  }

  expire(now: number): void {
    const late = this.#waiting.filter(({ untilMs }) => untilMs <= now);
    this.#waiting = this.#waiting.filter(({ untilMs }) => untilMs > now);
    for (const { user } of late) user.failed('transport', now);
  }

  #destination(dialog: Dialog): Destination {
    return 'flowId' in this.#route ? this.#route : { uri: dialog.nextHop, tcpFallback: this.#route.tcpFallback };
  }

  #sendOrWait(waiting: Waiting): void {
    const flowId = this.flowId;
    if (flowId === null || this.#core.openFlow(flowId)) this.#start(waiting);
    else this.#waiting.push(waiting);
    this.#core.schedule.update(this);
  }

  #start(waiting: Waiting): void {
    const { plan, dialog, user } = waiting;
    const headers: Array<readonly [string, string]> = [...plan.headers, ['User-Agent', this.#core.product]];
    if (plan.body !== null && plan.contentType !== undefined) headers.push(['Content-Type', plan.contentType]);
    new OutgoingRequest(
      this.#core,
      dialog.createRequest(plan.method, headers, plan.body),
      {
        destination: this.#destination(dialog),
        contactUser: plan.contact ? this.#contactUser : null,
        auth: this.#auth,
        nextSequence: () => dialog.nextSequence(),
        outOfDialog: false,
      },
      this.#userOf(waiting, user),
    ).start(this.#core.now());
  }

  /** A request whose connection is lost on the way waits for the next one like any other. */
  #userOf(waiting: Waiting, user: DialogRequestUser): OutgoingRequestUser {
    return {
      final: (response, sent, now) => user.final(response, sent, now),
      failed: (failure, now) => {
        if (failure === 'timeout') user.failed('timeout', now);
        else if (this.flowId !== null && waiting.untilMs > now) this.#sendOrWait(waiting);
        else user.failed('transport', now);
      },
    };
  }

  async #routeAck(ack: SipRequest, routing: Exclude<Destination, { flowId: string }>): Promise<void> {
    const flows = flowsTo(this.#core.connector, this.#core.log, { sizeOn: () => 0, ...routing });
    const flow = (await flows.next()).value;
    if (flow) this.#sendOn(flow, ack);
  }

  /** Each has a Via of its own (RFC 3261 17.1.1.3 is about other ACKs). */
  #sendOn(flow: Flow, ack: SipRequest): void {
    this.#core.layer.pushVia(ack, flow);
    flow.send(printMessage(ack));
  }
}
