/** A transaction layer with written-down output, and messages for it. */

import type { SocketAddress } from '../../src/base/address.ts';
import { seededRandom } from '../../src/base/random.ts';
import { createRequest, createResponse } from '../../src/sip/message/build.ts';
import type { Flow, TransportName } from '../../src/sip/message/flow.ts';
import type { SipRequest, SipResponse } from '../../src/sip/message/message.ts';
import { parseMessage } from '../../src/sip/message/parse.ts';
import { type ServerTransactionLimits, TransactionLayer } from '../../src/sip/transaction/layer.ts';
import { defaultTimers } from '../../src/sip/transaction/timers.ts';
import { label } from './sip-link.ts';

export class RecordingFlow implements Flow {
  readonly id: string;
  readonly transport: TransportName;
  readonly local: SocketAddress = { host: '192.0.2.1', port: 5060 };
  readonly remote: SocketAddress;
  readonly closed = false;
  readonly sent: Array<{ atMs: number; label: string; bytes: Uint8Array }> = [];
  readonly #bench: Bench;

  constructor(bench: Bench, transport: TransportName, remote: SocketAddress) {
    this.id = `${transport} ${remote.host}:${remote.port}`;
    this.#bench = bench;
    this.transport = transport;
    this.remote = remote;
  }

  get reliable(): boolean {
    return this.transport !== 'udp';
  }

  get labels(): string[] {
    return this.sent.map((each) => each.label);
  }

  /** Milliseconds from the start at which messages with that label left. */
  times(name: string): number[] {
    return this.sent.filter((each) => each.label === name).map(({ atMs }) => atMs);
  }

  send(bytes: Uint8Array): void {
    this.sent.push({ atMs: this.#bench.now, label: label(parseMessage(bytes)), bytes });
  }

  close(): void {}
}

export class Bench {
  now = 0;
  readonly requests: SipRequest[] = [];
  readonly acks: SipRequest[] = [];
  readonly events: string[] = [];
  readonly flows: RecordingFlow[] = [];
  readonly layer: TransactionLayer;

  constructor(options: { limits?: Partial<ServerTransactionLimits> } = {}) {
    this.layer = new TransactionLayer(
      { timers: defaultTimers, random: seededRandom(7), limits: { all: 100, perBrowser: 100, perTrunk: 100, ...options.limits } },
      {
        request: (request) => this.requests.push(request),
        acknowledged: (ack) => this.acks.push(ack),
        advertised: (flow) => ({ host: '198.51.100.1', port: 5060, transport: flow.transport }),
        flowTo: (flow, remote) => this.flow(flow.transport, remote),
        deadlineMoved: () => {},
      },
    );
  }

  flow(transport: TransportName = 'udp', remote: SocketAddress = { host: '192.0.2.2', port: 5060 }): RecordingFlow {
    const flow = new RecordingFlow(this, transport, remote);
    this.flows.push(flow);
    return flow;
  }

  /** Lets every timer up to `now` run at its own time. */
  runTo(now: number): void {
    while (this.layer.deadline <= now) {
      this.now = Math.max(this.now, this.layer.deadline);
      this.layer.expire(this.now);
    }
    this.now = now;
  }

  send(method: string, flow: RecordingFlow) {
    const user = {
      response: (response: SipResponse) => this.events.push(String(response.status)),
      failed: (failure: string) => this.events.push(failure),
    };
    return this.layer.request(outgoing(method), flow, user, this.now);
  }

  receive(message: SipRequest | SipResponse, flow: Flow): void {
    this.layer.receive(message, flow, this.now);
  }

  /** The answer to what the flow sent last, as the far side would send it. */
  respond(flow: RecordingFlow, status: number, method = 'INVITE'): SipResponse {
    const sent = flow.sent.findLast((each) => each.label === method);
    const request = sent && parseMessage(sent.bytes);
    if (request?.kind !== 'request') throw new Error(`no ${method} was sent`);
    const response = createResponse(request, status, undefined, [['To', `${request.headers.get('To')};tag=far`]]);
    this.receive(response, flow);
    return response;
  }
}

function outgoing(method: string): SipRequest {
  return createRequest(method, 'sip:bob@example.com', [
    ['Max-Forwards', '70'],
    ['Route', '<sip:proxy.example.com;lr>'],
    ['From', '<sip:alice@example.com>;tag=near'],
    ['To', '<sip:bob@example.com>'],
    ['Call-ID', 'call'],
    ['CSeq', `7 ${method}`],
  ]);
}

export function incoming(method: string, via: string, options: { cseq?: string; callId?: string; to?: string } = {}): SipRequest {
  return createRequest(method, 'sip:alice@example.com', [
    ['Via', via],
    ['Max-Forwards', '70'],
    ['From', '<sip:bob@example.com>;tag=far'],
    ['To', options.to ?? '<sip:alice@example.com>'],
    ['Call-ID', options.callId ?? 'call'],
    ['CSeq', options.cseq ?? `1 ${method}`],
  ]);
}
