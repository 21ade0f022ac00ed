/** The user agent core: hands requests to their dialog or, by method, to a handler, and starts requests of our own. */

import type { SocketAddress } from '../base/address.ts';
import type { Clock } from '../base/clock.ts';
import type { Log } from '../base/log.ts';
import type { Random } from '../base/random.ts';
import type { Authentication, Credentials } from './authentication.ts';
import type { DialogOwner, UserAgentCore } from './core.ts';
import type { AdvertisedAddress, Connector, Destination } from './destination.ts';
import type { InviteEvents, InviteSession, OutgoingInvite } from './dialog/invite-session.ts';
import { OutgoingSession } from './dialog/outgoing-session.ts';
import type { AuthenticatedRequest, HeaderList, IncomingInvite } from './incoming-request.ts';
import { createRequest } from './message/build.ts';
import type { Flow } from './message/flow.ts';
import type { SipMessage, SipRequest, SipResponse } from './message/message.ts';
import { SipError } from './message/sip-error.ts';
import type { SipUri } from './message/uri.ts';
import { MethodHandlers } from './method-handlers.ts';
import { OutgoingAuth } from './outgoing-auth.ts';
import { OutgoingRequest } from './outgoing-request.ts';
import { withTag } from './own-headers.ts';
import { Schedule } from './schedule.ts';
import type { RequestFailure } from './transaction/client.ts';
import { type ServerTransactionLimits, TransactionLayer } from './transaction/layer.ts';
import { defaultTimers, type TransactionTimers } from './transaction/timers.ts';

export interface UserAgentOptions {
  readonly random: Random;
  /** Sessions act when they are called: their `now`. */
  readonly clock: Pick<Clock, 'now'>;
  readonly log: Log;
  /** For the User-Agent and Server headers: `offhook/1.2`. */
  readonly product: string;
  readonly connector: Connector;
  /** RFC 3261 values by default. */
  readonly timers?: TransactionTimers;
  /** How long a request waits for a lost connection to come back, milliseconds; 30 s by default. */
  readonly graceMs?: number;
  /** Unfinished requests of peers; what comes beyond is answered 503. */
  readonly limits?: Partial<ServerTransactionLimits>;
}

export interface UserAgentOut {
  /** Asked first for every request outside of a dialog. Errors that it throws as SipError are answered. */
  authenticate(request: SipRequest, flow: Flow, now: number): Authentication;
  flow(id: string): Flow | undefined;
  /** A UDP flow from the same socket to another address. */
  flowTo(flow: Flow, remote: SocketAddress): Flow;
  advertised(flow: Flow): AdvertisedAddress;
  /** `deadline` may have come nearer: arm the alarm for it. */
  deadlineMoved(deadlineMs: number): void;
}

/** A request outside of any dialog: REGISTER, OPTIONS; not INVITE. */
export interface OutgoingRequestOptions {
  readonly method: string;
  readonly uri: SipUri;
  /** name-addr without tag. */
  readonly from: string;
  readonly to: string;
  readonly headers: HeaderList;
  readonly body?: string | null;
  readonly destination: Destination;
  readonly credentials?: Credentials | null;
  /** Adds a Contact with this user at our address on the chosen flow. */
  readonly contactUser?: string | null;
  /** A new one by default; a registration keeps its own (RFC 3261 10.2). */
  readonly callId?: string;
  /** Called for each attempt; 1, 2, ... by default. */
  readonly nextSequence?: () => number;
}

const defaultGraceMs = 30_000;
const defaultLimits: ServerTransactionLimits = { all: 20_000, perBrowser: 200, perTrunk: 10_000 };

export class UserAgent {
  readonly #options: UserAgentOptions;
  readonly #out: UserAgentOut;
  readonly #core: UserAgentCore;
  readonly #layer: TransactionLayer;
  readonly #schedule: Schedule;
  readonly #handlers: MethodHandlers;
  /** By local tag, which is random: no two sessions have the same. */
  readonly #owners = new Map<string, DialogOwner>();

  constructor(options: UserAgentOptions, out: UserAgentOut) {
    this.#options = options;
    this.#out = out;
    const { random, timers = defaultTimers, limits } = options;
    const deadlineMoved = (): void => out.deadlineMoved(this.deadline);
    this.#schedule = new Schedule(deadlineMoved);
    this.#layer = new TransactionLayer(
      { timers, random, limits: { ...defaultLimits, ...limits } },
      {
        request: (request, flow, now) => this.#receiveRequest(request, flow, now),
        acknowledged: (ack, flow, now) => this.#ownerOf(ack)?.acknowledged(ack, flow, now),
        advertised: (flow) => out.advertised(flow),
        flowTo: (flow, remote) => out.flowTo(flow, remote),
        deadlineMoved,
      },
    );
    this.#core = this.#createCore(timers);
    this.#handlers = new MethodHandlers(this.#core, (request, flow, now) => out.authenticate(request, flow, now));
  }

  get deadline(): number {
    return Math.min(this.#layer.deadline, this.#schedule.deadline);
  }

  /** Sessions that can still send or receive. */
  get sessions(): number {
    return this.#owners.size;
  }

  get transactions(): number {
    return this.#layer.size;
  }

  /** Registers the handler of INVITEs outside of a dialog, which 100 is sent for at once. */
  handleInvite(handler: (incoming: IncomingInvite) => void): void {
    this.#handlers.setInvite(handler);
  }

  /** Registers the handler of requests outside of a dialog with this method. OPTIONS has one from the start. */
  handle(method: string, handler: (incoming: AuthenticatedRequest) => void): void {
    this.#handlers.set(method, handler);
  }

  receive(message: SipMessage, flow: Flow, now: number): void {
    try {
      this.#layer.receive(message, flow, now);
    } catch (error) {
      if (!(error instanceof SipError)) this.#core.log.error({ err: error }, 'a message could not be processed');
      else if (message.kind === 'request') this.malformed(new SipError(error.status, error.message, { partial: message }), flow, now);
    }
  }

  /** What could not be parsed is answered as far as it can be, and where the sender may know that we are here. */
  malformed(error: SipError, flow: Flow, now: number): void {
    if (error.partial) this.#handlers.malformed(error.partial, error, flow, now);
  }

  flowClosed(flow: Flow, now: number): void {
    this.#layer.flowClosed(flow, now);
    for (const owner of [...this.#owners.values()]) owner.flowClosed(flow, now);
  }

  expire(now: number): void {
    for (const engine of [this.#layer, this.#schedule]) {
      while (engine.deadline <= now) this.#guard(() => engine.expire(now));
    }
    this.#out.deadlineMoved(this.deadline);
  }

  invite(options: OutgoingInvite, events: InviteEvents): InviteSession {
    return new OutgoingSession(this.#core, options, events);
  }

  /** `done` is called once, unless `cancel` was called before. */
  request(options: OutgoingRequestOptions, done: (result: SipResponse | RequestFailure) => void): { cancel(): void } {
    const { destination, credentials, contactUser = null, nextSequence = counter() } = options;
    const auth = credentials ? new OutgoingAuth(credentials, this.#options.random) : null;
    const outgoing = new OutgoingRequest(
      this.#core,
      this.#createRequest(options),
      { destination, contactUser, auth, nextSequence, outOfDialog: true },
      { final: done, failed: (failure) => done(failure === 'cancelled' ? 'transport' : failure) },
    );
    outgoing.start(this.#core.now());
    return { cancel: () => outgoing.abandon() };
  }

  #createRequest({ method, uri, from, to, callId, headers, body = null }: OutgoingRequestOptions): SipRequest {
    const { random, product } = this.#options;
    const fields: Array<readonly [string, string]> = [
      ['Max-Forwards', '70'],
      ['From', withTag(from, random.token(12))],
      ['To', to],
      ['Call-ID', callId ?? random.token(26)],
      ['CSeq', `0 ${method}`],
      ...headers,
      ['User-Agent', product],
    ];
    return createRequest(method, uri, fields, body ?? '');
  }

  /** A request that matches no transaction (RFC 3261 8.2, 12.2.2). */
  #receiveRequest(request: SipRequest, flow: Flow, now: number): void {
    const owner = request.method === 'CANCEL' ? undefined : this.#ownerOf(request);
    if (owner) owner.receive(request, flow, now);
    else this.#handlers.receive(request, flow, now);
  }

  #ownerOf(request: SipRequest): DialogOwner | undefined {
    const { toTag, callId } = request.headers;
    const owner = toTag === undefined ? undefined : this.#owners.get(toTag);
    return owner?.callId === callId ? owner : undefined;
  }

  #createCore(timers: TransactionTimers): UserAgentCore {
    const { random, log, connector, product, clock, graceMs = defaultGraceMs } = this.#options;
    return {
      layer: this.#layer,
      schedule: this.#schedule,
      timers,
      random,
      log,
      connector,
      product,
      graceMs,
      now: () => clock.now(),
      openFlow: (id) => {
        const flow = this.#out.flow(id);
        return flow?.closed ? undefined : flow;
      },
      advertised: (flow) => this.#out.advertised(flow),
      background: (work) => {
        work.catch((error) => log.error({ err: error }, 'a request could not be sent'));
      },
      register: (owner) => this.#owners.set(owner.localTag, owner),
      unregister: (owner) => this.#owners.delete(owner.localTag),
    };
  }

  /** A broken invariant ends what met it, and nothing else. */
  #guard(work: () => void): void {
    try {
      work();
    } catch (error) {
      this.#core.log.error({ err: error }, 'a timer failed');
    }
  }
}

function counter(): () => number {
  let count = 0;
  return () => {
    count += 1;
    return count;
  };
}
