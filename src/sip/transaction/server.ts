/** Server transactions: one request in, its responses out (RFC 3261 section 17.2, RFC 6026). */

import { TimerTable } from '../../base/clock.ts';
import { invariant } from '../../base/errors.ts';
import type { Flow } from '../message/flow.ts';
import type { SipRequest, SipResponse } from '../message/message.ts';
import { printMessage } from '../message/print.ts';
import {
  type EitherMachine,
  type InviteServerState,
  type InviteServerTimer,
  inviteServer,
  type NonInviteServerState,
  type NonInviteServerTimer,
  nonInviteServer,
  type ServerAction,
  type ServerInput,
} from './machines.ts';
import { type TransactionTimers, transactionTimeoutMs } from './timers.ts';

export interface ServerTransactionUser {
  /** The To tag of the responses. */
  readonly localTag: string;
  /** An INVITE that has no final response yet is cancelled. The CANCEL itself is answered already. */
  cancelled(cancel: SipRequest, now: number): void;
}

type State = InviteServerState | NonInviteServerState;
type Timer = InviteServerTimer | NonInviteServerTimer;
type Input = ServerInput | Timer;

export class ServerTransaction {
  /** By which repetitions, ACK and CANCEL are found. */
  readonly key: string;
  /** By which the same request is known that comes by another path (RFC 3261 8.2.2.2). */
  readonly mergeKey: string | undefined;
  readonly isInvite: boolean;
  /** Where the request came from. */
  readonly flow: Flow;
  readonly user: ServerTransactionUser | undefined;
  readonly #replyFlow: Flow;
  readonly #timers: TransactionTimers;
  readonly #changed: (transaction: ServerTransaction) => void;
  readonly #machine: EitherMachine<State, Input, ServerAction>;
  readonly #table = new TimerTable<Timer>();
  #state: State;
  /** Until there is a final response: a transaction outlives that by half a minute. */
  #request: SipRequest | undefined;
  #last: Uint8Array | undefined;
  #status = 0;
  #intervalMs: number;

  /** `replyFlow` is where the responses go: `flow`, but for a UDP client without rport (RFC 3261 18.2.2). */
  constructor(options: {
    key: string;
    mergeKey: string | undefined;
    timers: TransactionTimers;
    request: SipRequest;
    flow: Flow;
    replyFlow: Flow;
    user: ServerTransactionUser | undefined;
    changed: (transaction: ServerTransaction) => void;
  }) {
    this.key = options.key;
    this.mergeKey = options.mergeKey;
    this.isInvite = options.request.method === 'INVITE';
    this.#request = options.request;
    this.flow = options.flow;
    this.user = options.user;
    this.#replyFlow = options.replyFlow;
    this.#timers = options.timers;
    this.#changed = options.changed;
    this.#machine = this.isInvite ? inviteServer : nonInviteServer;
    this.#state = this.isInvite ? 'proceeding' : 'trying';
    this.#intervalMs = this.#timers.t1Ms;
  }

  /** To be asked before the final response. */
  get request(): SipRequest {
    invariant(this.#request, 'a request that has its final response is not answered again');
    return this.#request;
  }

  /** The last response sent; 0 before the first. */
  get status(): number {
    return this.#status;
  }

  /** Whether a final response has been sent. */
  get answered(): boolean {
    return this.#status >= 200;
  }

  get terminated(): boolean {
    return this.#state === 'terminated';
  }

  get deadline(): number {
    return this.#table.deadline;
  }

  /** Sends a response; after a final one only an INVITE's 2xx may be sent again, anything else is ignored. */
  respond(response: SipResponse, now: number): void {
    const input = response.status < 200 ? 'send 1xx' : response.status < 300 ? 'send 2xx' : 'send 300-699';
    this.#step(input, now, response);
  }

  /** A retransmission of the request. */
  repeat(now: number): void {
    this.#step('request', now);
  }

  /** True when the ACK is one of a 2xx and belongs to the dialog. */
  acknowledge(now: number): boolean {
    return this.#step('ACK', now) === 'pass';
  }

  expire(now: number): void {
    for (let timer = this.#table.takeExpired(now); timer; timer = this.#table.takeExpired(now)) {
      if (timer === 'G') this.#repeatLater(now);
      this.#step(timer, now);
    }
  }

  #step(input: Input, now: number, response?: SipResponse): ServerAction {
    const step = this.#machine[this.#state]?.[input];
    if (!step) return 'none';
    const [next, action] = step;
    if (next !== this.#state) this.#enter(next, now);
    if (action === 'send' && response) this.#send(response);
    // The dialog repeats a 2xx, and after its ACK a refusal is not repeated.
    if (next === 'accepted' || next === 'confirmed') this.#last = undefined;
    if (action === 'repeat' && this.#last) this.#replyFlow.send(this.#last);
    this.#changed(this);
    return action;
  }

  #send(response: SipResponse): void {
    this.#status = response.status;
    this.#last = printMessage(response);
    this.#replyFlow.send(this.#last);
  }

  /** Starts and stops the timers that RFC 3261 ties to entering a state. */
  #enter(state: State, now: number): void {
    this.#state = state;
    if (state !== 'proceeding') this.#request = undefined;
    this.#table.clearAll();
    const { reliable } = this.flow;
    const timeoutMs = transactionTimeoutMs(this.#timers);
    if (state === 'accepted') this.#table.set('L', now + timeoutMs);
    if (state === 'confirmed') this.#table.set('I', now + (reliable ? 0 : this.#timers.t4Ms));
    if (state !== 'completed') return;
    if (!this.isInvite) {
      this.#table.set('J', now + (reliable ? 0 : timeoutMs));
      return;
    }
    this.#table.set('H', now + timeoutMs);
    if (!reliable) this.#table.set('G', now + this.#intervalMs);
  }

  /** Timer G doubles up to T2 (17.2.1). */
  #repeatLater(now: number): void {
    this.#intervalMs = Math.min(this.#intervalMs * 2, this.#timers.t2Ms);
    this.#table.set('G', now + this.#intervalMs);
  }
}
