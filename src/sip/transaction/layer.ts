/** The transaction layer: absorbs retransmissions, matches responses, and hands up only what is new (RFC 3261 section 17). */

import { formatHost, type SocketAddress } from '../../base/address.ts';
import type { Random } from '../../base/random.ts';
import type { AdvertisedAddress } from '../destination.ts';
import { createResponse, markReceived } from '../message/build.ts';
import type { Flow } from '../message/flow.ts';
import type { SipMessage, SipRequest, SipResponse } from '../message/message.ts';
import { printMessage } from '../message/print.ts';
import { Schedule } from '../schedule.ts';
import { ClientTransaction, type ClientTransactionUser } from './client.ts';
import { clientKey, magicCookie, mergeKey, responseKey, serverKey } from './key.ts';
import { ServerTransaction, type ServerTransactionUser } from './server.ts';
import type { TransactionTimers } from './timers.ts';

/** With this many open, `overloaded` asks for refusals without a transaction. */
export interface ServerTransactionLimits {
  readonly all: number;
  /** Of one WebSocket, which is one browser. */
  readonly perBrowser: number;
  /** Of one UDP peer or TCP connection, which may be a whole carrier. */
  readonly perTrunk: number;
}

export interface TransactionLayerOptions {
  readonly timers: TransactionTimers;
  readonly random: Random;
  readonly limits: ServerTransactionLimits;
}

export interface TransactionUser {
  /** A new request. Answer it through `serve` or `reply`, or drop it by doing neither. */
  request(request: SipRequest, flow: Flow, now: number): void;
  /** The ACK of a 2xx. */
  acknowledged(ack: SipRequest, flow: Flow, now: number): void;
  /** The sent-by of our Via on this flow. */
  advertised(flow: Flow): AdvertisedAddress;
  /** A UDP flow from the same socket to another address. */
  flowTo(flow: Flow, remote: SocketAddress): Flow;
  /** `deadline` may have come nearer. */
  deadlineMoved(): void;
}

export class TransactionLayer {
  readonly #options: TransactionLayerOptions;
  readonly #out: TransactionUser;
  readonly #schedule: Schedule;
  readonly #clients = new Map<string, ClientTransaction>();
  readonly #servers = new Map<string, ServerTransaction>();
  readonly #merges = new Map<string, ServerTransaction>();
  /** Server transactions by flow id. */
  readonly #open = new Map<string, number>();
  /** The same for all transactions: closures of their own would outlive their answers with them. */
  readonly #clientChanged = (transaction: ClientTransaction): void => this.#updateClient(transaction);
  readonly #serverChanged = (transaction: ServerTransaction): void => this.#updateServer(transaction);

  constructor(options: TransactionLayerOptions, out: TransactionUser) {
    this.#options = options;
    this.#out = out;
    this.#schedule = new Schedule(() => out.deadlineMoved());
  }

  get size(): number {
    return this.#clients.size + this.#servers.size;
  }

  get deadline(): number {
    return this.#schedule.deadline;
  }

  expire(now: number): void {
    this.#schedule.expire(now);
  }

  /** Throws SipError 400 when what matching needs is malformed; nothing has happened then. */
  receive(message: SipMessage, flow: Flow, now: number): void {
    if (message.kind === 'response') this.#receiveResponse(message, now);
    else this.#receiveRequest(message, flow, now);
  }

  /** Sends a request in a transaction of its own, with our Via on top of it. */
  request(request: SipRequest, flow: Flow, user: ClientTransactionUser, now: number): ClientTransaction {
    const branch = magicCookie + this.#options.random.token(20);
    this.pushVia(request, flow, branch);
    return this.#start(clientKey(branch, request.method), request, flow, user, now);
  }

  /** Cancels an INVITE: same Via, Route and CSeq number, on the same flow (RFC 3261 9.1). */
  cancel(invite: ClientTransaction, cancel: SipRequest, user: ClientTransactionUser, now: number): ClientTransaction {
    const branch = invite.request.headers.topVia.params.get('branch') ?? '';
    return this.#start(clientKey(branch, cancel.method), cancel, invite.flow, user, now);
  }

  pushVia(request: SipRequest, flow: Flow, branch: string = magicCookie + this.#options.random.token(20)): void {
    const { host, port, transport } = this.#out.advertised(flow);
    // RFC 3581: behind a NAT the response must come to the port that sent; a connection needs no such thing.
    const rport = transport === 'udp' ? ';rport' : '';
    request.headers.prepend('Via', `SIP/2.0/${transport.toUpperCase()} ${formatHost(host)}:${port};branch=${branch}${rport}`);
  }

  /** Opens the server transaction of a request that `TransactionUser.request` brought. */
  serve(request: SipRequest, flow: Flow, user?: ServerTransactionUser): ServerTransaction {
    const key = serverKey(request, flow, request.method);
    const merge = mergeKey(request);
    const transaction = new ServerTransaction({
      key,
      mergeKey: merge,
      timers: this.#options.timers,
      request,
      flow,
      replyFlow: this.#replyFlow(request, flow),
      user,
      changed: this.#serverChanged,
    });
    this.#servers.set(key, transaction);
    this.#count(flow, 1);
    if (merge !== undefined && !this.#merges.has(merge)) this.#merges.set(merge, transaction);
    return transaction;
  }

  /** Whether the same request came by another path already (8.2.2.2). To be asked before `serve`. */
  isMerged(request: SipRequest): boolean {
    const key = mergeKey(request);
    return key !== undefined && this.#merges.has(key);
  }

  /** One peer that asks for too much is refused alone. */
  overloaded({ id, transport }: Flow): boolean {
    const { all, perBrowser, perTrunk } = this.#options.limits;
    const ofFlow = transport === 'ws' || transport === 'wss' ? perBrowser : perTrunk;
    return this.#servers.size >= all || (this.#open.get(id) ?? 0) >= ofFlow;
  }

  /** Answers without a transaction (8.2.7). */
  reply(response: SipResponse, request: SipRequest, flow: Flow): void {
    this.#replyFlow(request, flow).send(printMessage(response));
  }

  /** Requests on their way over the flow fail; responses have nowhere to go and are dropped by it. */
  flowClosed(flow: Flow, now: number): void {
    for (const client of [...this.#clients.values()]) if (client.flow.id === flow.id) client.flowClosed(now);
  }

  #count({ id }: Flow, change: 1 | -1): void {
    const count = (this.#open.get(id) ?? 0) + change;
    if (count > 0) this.#open.set(id, count);
    else this.#open.delete(id);
  }

  #start(key: string, request: SipRequest, flow: Flow, user: ClientTransactionUser, now: number): ClientTransaction {
    return new ClientTransaction({ key, timers: this.#options.timers, request, flow, changed: this.#clientChanged }, user, now);
  }

  #updateClient(transaction: ClientTransaction): void {
    this.#schedule.update(transaction);
    if (transaction.terminated) this.#clients.delete(transaction.key);
    else this.#clients.set(transaction.key, transaction);
  }

  #updateServer(transaction: ServerTransaction): void {
    const { key, mergeKey: merge, flow } = transaction;
    this.#schedule.update(transaction);
    if (!transaction.terminated || !this.#servers.delete(key)) return;
    this.#count(flow, -1);
    if (merge !== undefined && this.#merges.get(merge) === transaction) this.#merges.delete(merge);
  }

  /** A response that matches nothing is dropped: it is late, or forged (RFC 6026 section 7.1). */
  #receiveResponse(response: SipResponse, now: number): void {
    const key = responseKey(response);
    if (key !== undefined) this.#clients.get(key)?.receive(response, now);
  }

  #receiveRequest(request: SipRequest, flow: Flow, now: number): void {
    markReceived(request, flow.remote);
    if (request.method === 'ACK') {
      this.#receiveAck(request, flow, now);
      return;
    }
    const known = this.#servers.get(serverKey(request, flow, request.method));
    if (known) known.repeat(now);
    else if (request.method === 'CANCEL' && this.#cancel(request, flow, now)) return;
    else this.#out.request(request, flow, now);
  }

  #receiveAck(ack: SipRequest, flow: Flow, now: number): void {
    const invite = this.#servers.get(serverKey(ack, flow, 'INVITE'));
    if (!invite || invite.acknowledge(now)) this.#out.acknowledged(ack, flow, now);
  }

  /** RFC 3261 9.2: 200 whatever becomes of the INVITE. */
  #cancel(cancel: SipRequest, flow: Flow, now: number): boolean {
    const invite = this.#servers.get(serverKey(cancel, flow, 'INVITE'));
    if (!invite) return false;
    this.serve(cancel, flow).respond(createResponse(cancel, 200, undefined, [['To', this.#taggedTo(cancel, invite)]]), now);
    if (!invite.answered) invite.user?.cancelled(cancel, now);
    return true;
  }

  /** The responses to CANCEL and to its INVITE carry the same tag (9.2). */
  #taggedTo(cancel: SipRequest, invite: ServerTransaction): string {
    const to = cancel.headers.get('To') ?? '';
    return cancel.headers.toTag === undefined ? `${to};tag=${invite.user?.localTag ?? this.#options.random.token(10)}` : to;
  }

  /** Without rport a UDP client listens on the port of its Via, not on the one it sends from (18.2.2). */
  #replyFlow(request: SipRequest, flow: Flow): Flow {
    const port = flow.transport === 'udp' ? replyPort(request, flow) : flow.remote.port;
    return port === flow.remote.port ? flow : this.#out.flowTo(flow, { host: flow.remote.host, port });
  }
}

/** That of the source when the Via cannot be read. `maddr` is not followed: it would let anyone aim our responses at others. */
function replyPort(request: SipRequest, flow: Flow): number {
  try {
    const via = request.headers.topVia;
    return via.params.has('rport') ? flow.remote.port : (via.port ?? 5060);
  } catch {
    return flow.remote.port;
  }
}
