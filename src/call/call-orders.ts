/**
 * Calls that are ordered by a third party (RFC 3725): the user's browsers ring, the first that answers becomes the caller, and only then
 * the number is dialled.
 */

import type { EventEmitter } from 'node:events';
import { formatHost } from '../base/address.ts';
import { type Clock, DeadlineQueue } from '../base/clock.ts';
import type { Log } from '../base/log.ts';
import type { Random } from '../base/random.ts';
import type { GatewayEvents } from '../events/gateway-events.ts';
import { forkTargets, type LocationStore } from '../location/location-store.ts';
import { bodyText } from '../sip/body.ts';
import type { InviteEvents, InviteSession } from '../sip/dialog/invite-session.ts';
import type { IncomingInvite } from '../sip/incoming-request.ts';
import { createRequest } from '../sip/message/build.ts';
import type { Flow } from '../sip/message/flow.ts';
import type { SipResponse } from '../sip/message/message.ts';
import { escapeUser, parseUri } from '../sip/message/uri.ts';
import type { Dialler } from './leg.ts';
import { OrderedInvite } from './ordered-invite.ts';
import type { Directory } from './routing.ts';

export interface CallOrder {
  readonly user: string;
  readonly number: string;
}

export interface OrderSummary extends CallOrder {
  readonly callId: string;
  /** Milliseconds since the Unix epoch. */
  readonly orderedAt: number;
}

export interface OrderRefusal {
  readonly status: 404 | 409 | 503;
  readonly detail: string;
}

export interface CallOrdersOptions {
  readonly agent: Dialler;
  readonly directory: Directory;
  readonly location: Pick<LocationStore, 'bindingsOf'>;
  readonly events: EventEmitter<GatewayEvents>;
  readonly domain: string;
  readonly sessionExpiresSec: number;
  /** How long browsers may ring. */
  readonly noAnswerMs: number;
  readonly clock: Pick<Clock, 'now' | 'wallTime'>;
  readonly random: Random;
  readonly log: Log;
  /** A browser has answered: it now calls the number. */
  answered(incoming: IncomingInvite, callId: string): void;
  rescheduled(): void;
}

interface Order extends OrderSummary {
  /** Those that ring. */
  readonly ringing: Set<InviteSession>;
}

interface Target {
  readonly uri: string;
  readonly flow: Flow;
  readonly path: readonly string[];
}

const elsewhere = 'SIP;cause=200;text="Call completed elsewhere"';
const maxForwards = 70;

export class CallOrders {
  readonly #options: CallOrdersOptions;
  readonly #orders = new Map<string, Order>();
  readonly #deadlines = new DeadlineQueue<Order>();
  #stopped = false;

  constructor(options: CallOrdersOptions) {
    this.#options = options;
  }

  get deadline(): number {
    return this.#deadlines.deadline;
  }

  expire(now: number): void {
    for (let order = this.#deadlines.takeExpired(now); order; order = this.#deadlines.takeExpired(now)) {
      this.#fail(order, 408, 'the user did not answer');
    }
  }

  pending(): readonly OrderSummary[] {
    return [...this.#orders.values()].map(({ callId, user, number, orderedAt }) => ({ callId, user, number, orderedAt }));
  }

  place({ user, number }: CallOrder): { callId: string } | OrderRefusal {
    const { directory, clock, random, noAnswerMs, log, rescheduled } = this.#options;
    if (this.#stopped) return { status: 503, detail: 'the gateway is stopping' };
    if (!directory.user(user)) return { status: 404, detail: `there is no user ${user}` };
    if (!directory.trunkFor(number)) return { status: 409, detail: `there is no route for ${number}` };
    if (this.pending().some((order) => order.user === user)) return { status: 409, detail: `${user} rings already for another call` };
    const targets = this.#targetsOf(user);
    if (targets.length === 0) return { status: 409, detail: `${user} is not registered` };
    const order: Order = { callId: random.token(16), user, number, orderedAt: clock.wallTime(), ringing: new Set() };
    this.#orders.set(order.callId, order);
    this.#deadlines.set(order, clock.now() + noAnswerMs);
    log.info({ callId: order.callId, user, number }, 'call ordered');
    for (const target of targets) this.#ring(order, target);
    rescheduled();
    return { callId: order.callId };
  }

  /** Whether there was one. */
  cancel(callId: string): boolean {
    const order = this.#orders.get(callId);
    if (order) this.#fail(order, 487, 'cancelled');
    return order !== undefined;
  }

  /** No more of them; those that ring are given up. */
  stop(): void {
    this.#stopped = true;
    for (const order of [...this.#orders.values()]) this.#fail(order, 503, 'the gateway is stopping');
  }

  #targetsOf(user: string): Target[] {
    const { directory, location } = this.#options;
    return forkTargets(location.bindingsOf(user)).flatMap(({ flowId, contactUri: uri, path }) => {
      const flow = flowId === null ? undefined : directory.flow(flowId);
      return flow ? [{ uri, flow, path }] : [];
    });
  }

  #ring(order: Order, target: Target): void {
    const { agent, domain, sessionExpiresSec } = this.#options;
    const host = formatHost(domain);
    const contactUser = escapeUser(order.number);
    let listener: InviteEvents | null = null;
    let session: InviteSession | null = null;
    const ringing = (): boolean => session !== null && order.ringing.delete(session);
    const first: InviteEvents = {
      ...deaf,
      accepted: (response) => {
        if (!session || !ringing()) return;
        this.#answered(order, target, session, response, (events) => {
          listener = events;
        });
      },
      rejected: (failure) => ringing() && this.#refused(order, typeof failure === 'string' ? 408 : failure.status),
      ended: () => ringing() && this.#refused(order, 480),
    };
    session = agent.invite(
      {
        uri: parseUri(target.uri),
        from: `<sip:${contactUser}@${host}>`,
        to: `<sip:${escapeUser(order.user)}@${host}>`,
        contactUser,
        destination: { flowId: target.flow.id },
        headers: target.path.map((path) => ['Route', path] as const),
        credentials: null,
        sessionExpiresSec,
        maxForwards,
        body: null,
      },
      passOn(() => listener ?? first),
    );
    order.ringing.add(session);
  }

  #answered(order: Order, target: Target, session: InviteSession, response: SipResponse, listen: (events: InviteEvents) => void): void {
    const offer = bodyText(response);
    this.#forget(order, elsewhere);
    if (offer === null) {
      session.bye({ reason: 'SIP;cause=488;text="No offer"' });
      this.#tell(order, 488, 'the browser answered without an offer');
      return;
    }
    const uri = parseUri(`sip:${escapeUser(order.number)}@${formatHost(this.#options.domain)}`);
    const fields = [['Call-ID', session.callId] as const, ['Max-Forwards', String(maxForwards)] as const];
    const request = createRequest('INVITE', uri, fields, offer);
    const refused = (status: number): void => this.#tell(order, status, 'the call was refused');
    const identity = { kind: 'user', user: order.user } as const;
    this.#options.answered(new OrderedInvite({ request, flow: target.flow, identity, session, listen, refused }), order.callId);
  }

  #refused(order: Order, status: number): void {
    if (order.ringing.size === 0) this.#fail(order, status, 'no browser of the user took the call');
  }

  #fail(order: Order, status: number, detail: string): void {
    if (!this.#orders.has(order.callId)) return;
    this.#forget(order);
    this.#tell(order, status, detail);
  }

  #forget(order: Order, reason?: string): void {
    this.#orders.delete(order.callId);
    this.#deadlines.delete(order);
    const ringing = [...order.ringing];
    order.ringing.clear();
    for (const session of ringing) session.bye(reason === undefined ? {} : { reason });
    this.#options.rescheduled();
  }

  #tell({ callId, user, number }: Order, status: number, detail: string): void {
    this.#options.log.info({ callId, status, detail }, 'ordered call failed');
    this.#options.events.emit('call.order-failed', { callId, user, number, status, detail });
  }
}

/** Before anybody talks there is nothing to be done about anything. */
const deaf: InviteEvents = {
  provisional() {},
  accepted() {},
  rejected() {},
  cancelled() {},
  acknowledged() {},
  modifyRequested: (incoming) => incoming.respond(491),
  modified() {},
  modifyRejected() {},
  info: (incoming) => incoming.respond(480),
  ended() {},
  acceptsFlow: () => false,
};

/** To whoever listens at that moment. */
function passOn(to: () => InviteEvents): InviteEvents {
  return {
    provisional: (response, toTag) => to().provisional(response, toTag),
    accepted: (response) => to().accepted(response),
    rejected: (failure) => to().rejected(failure),
    cancelled: (reason) => to().cancelled(reason),
    acknowledged: (body) => to().acknowledged(body),
    modifyRequested: (incoming) => to().modifyRequested(incoming),
    modified: (body) => to().modified(body),
    modifyRejected: (status) => to().modifyRejected(status),
    info: (incoming) => to().info(incoming),
    ended: (end) => to().ended(end),
    acceptsFlow: (flow, request) => to().acceptsFlow(flow, request),
  };
}
