/** Client transactions: one request out, its responses in (RFC 3261 section 17.1, RFC 6026). */

import { TimerTable } from '../../base/clock.ts';
import { invariant } from '../../base/errors.ts';
import { keepOctets, type Octets, readOctets } from '../../base/octets.ts';
import { createInviteFollower } from '../message/build.ts';
import type { Flow } from '../message/flow.ts';
import type { SipRequest, SipResponse } from '../message/message.ts';
import { printMessage } from '../message/print.ts';
import {
  type ClientAction,
  type ClientResponse,
  type EitherMachine,
  type InviteClientState,
  type InviteClientTimer,
  inviteClient,
  type NonInviteClientState,
  type NonInviteClientTimer,
  nonInviteClient,
} from './machines.ts';
import { type TransactionTimers, transactionTimeoutMs } from './timers.ts';

/** Why a request got no final response: none came in time, or it could not be sent. */
export type RequestFailure = 'timeout' | 'transport';

export interface ClientTransactionUser {
  /** Provisional and final; of an INVITE every 2xx, the repeated ones too. */
  response(response: SipResponse, now: number): void;
  failed(failure: RequestFailure, now: number): void;
}

type State = InviteClientState | NonInviteClientState;
type Timer = InviteClientTimer | NonInviteClientTimer;
type Input = ClientResponse | Timer | 'transport-error';

export class ClientTransaction {
  /** By which its responses are found. */
  readonly key: string;
  readonly isInvite: boolean;
  readonly flow: Flow;
  readonly #timers: TransactionTimers;
  readonly #changed: (transaction: ClientTransaction) => void;
  readonly #machine: EitherMachine<State, Input, ClientAction>;
  readonly #table = new TimerTable<Timer>();
  /** What is repeated, who is told and of what, as long as that can still happen: a transaction outlives its answer by half a minute. */
  #request: SipRequest | undefined;
  #bytes: Uint8Array | undefined;
  #user: ClientTransactionUser | undefined;
  /** That of a refusal. */
  #ack: Octets | undefined;
  #state: State;
  /** The interval of timer A or E that runs now. */
  #intervalMs: number;

  /** Sends the request at once. `changed` is called whenever `deadline` or `terminated` may have changed. */
  constructor(
    options: {
      key: string;
      timers: TransactionTimers;
      request: SipRequest;
      flow: Flow;
      changed: (transaction: ClientTransaction) => void;
    },
    user: ClientTransactionUser,
    now: number,
  ) {
    const { request } = options;
    this.key = options.key;
    this.isInvite = request.method === 'INVITE';
    this.#request = request;
    this.flow = options.flow;
    this.#timers = options.timers;
    this.#changed = options.changed;
    this.#user = user;
    const bytes = printMessage(request);
    this.#bytes = this.flow.reliable ? undefined : bytes;
    this.#machine = this.isInvite ? inviteClient : nonInviteClient;
    this.#state = this.isInvite ? 'calling' : 'trying';
    this.#intervalMs = this.#timers.t1Ms;
    const retransmission = this.isInvite ? 'A' : 'E';
    if (!this.flow.reliable) this.#table.set(retransmission, now + this.#intervalMs);
    this.#table.set(this.isInvite ? 'B' : 'F', now + transactionTimeoutMs(this.#timers));
    this.#changed(this);
    this.flow.send(bytes);
  }

  /** As sent, with our Via on top. To be asked before the final response. */
  get request(): SipRequest {
    invariant(this.#request, 'a request that has its final response is not needed again');
    return this.#request;
  }

  get terminated(): boolean {
    return this.#state === 'terminated';
  }

  get deadline(): number {
    return this.#table.deadline;
  }

  receive(response: SipResponse, now: number): void {
    const input = response.status < 200 ? '1xx' : response.status < 300 ? '2xx' : '300-699';
    this.#step(input, now, response);
  }

  flowClosed(now: number): void {
    this.#step('transport-error', now);
  }

  expire(now: number): void {
    for (let timer = this.#table.takeExpired(now); timer; timer = this.#table.takeExpired(now)) {
      if (timer === 'A' || timer === 'E') this.#repeatLater(timer, now);
      this.#step(timer, now);
    }
  }

  /** Forgets the transaction without a word to its user: a cancelled INVITE that never got its final response (RFC 3261 9.1). */
  abandon(): void {
    this.#enter('terminated', 0);
    this.#changed(this);
  }

  #step(input: Input, now: number, response?: SipResponse): void {
    const step = this.#machine[this.#state]?.[input];
    if (!step) return;
    const [next, action] = step;
    if (next !== this.#state) this.#enter(next, now);
    this.#changed(this);
    this.#act(action, now, response);
    this.#forget();
  }

  #act(action: ClientAction, now: number, response: SipResponse | undefined): void {
    if (action === 'send' && this.#bytes) this.flow.send(this.#bytes);
    if (action === 'timeout') this.#user?.failed('timeout', now);
    if (action === 'fail') this.#user?.failed('transport', now);
    if (!response) return;
    if (action === 'acknowledge' || action === 'acknowledge, pass') this.#acknowledge(response);
    if (action === 'pass' || action === 'acknowledge, pass') this.#user?.response(response, now);
  }

  /** Starts and stops the timers that RFC 3261 ties to entering a state. */
  #enter(state: State, now: number): void {
    this.#state = state;
    if (state === 'proceeding') {
      this.#table.clear('A');
      this.#table.clear('B');
      return;
    }
    this.#table.clearAll();
    this.#bytes = undefined;
    const { t4Ms } = this.#timers;
    const timeoutMs = transactionTimeoutMs(this.#timers);
    if (state === 'accepted') this.#table.set('M', now + timeoutMs);
    if (state === 'completed' && this.isInvite) this.#table.set('D', now + (this.flow.reliable ? 0 : timeoutMs));
    if (state === 'completed' && !this.isInvite) this.#table.set('K', now + (this.flow.reliable ? 0 : t4Ms));
  }

  /** A doubles without limit; E doubles up to T2 and is T2 once a provisional response came (17.1.2.2). */
  #repeatLater(timer: 'A' | 'E', now: number): void {
    const doubled = this.#intervalMs * 2;
    if (timer === 'A') this.#intervalMs = doubled;
    else this.#intervalMs = this.#state === 'proceeding' ? this.#timers.t2Ms : Math.min(doubled, this.#timers.t2Ms);
    this.#table.set(timer, now + this.#intervalMs);
  }

  /** The first refusal makes the ACK of all its repetitions. */
  #acknowledge(response: SipResponse): void {
    const to = ['To', response.headers.get('To') ?? ''] as const;
    if (this.#request) this.#ack = keepOctets(printMessage(createInviteFollower(this.#request, 'ACK', [to])));
    if (this.#ack !== undefined) this.flow.send(readOctets(this.#ack));
  }

  /** A 2xx may be followed by those of other branches, which their user hears of; any other final response is the last word. */
  #forget(): void {
    if (this.#state === 'calling' || this.#state === 'trying' || this.#state === 'proceeding') return;
    this.#request = undefined;
    if (this.#state !== 'accepted') this.#user = undefined;
  }
}
