/** A small telephone network on this machine: real SIP over UDP and real RTP, for the demo and for first steps. */

import { formatAddress, isIpAddress, isLoopback, type SocketAddress } from '../base/address.ts';
import { Alarm, type Clock, systemClock } from '../base/clock.ts';
import { invariant } from '../base/errors.ts';
import { type Log, silentLog } from '../base/log.ts';
import { type Random, systemRandom } from '../base/random.ts';
import type { Connector } from '../sip/destination.ts';
import type { OutgoingInvite } from '../sip/dialog/invite-session.ts';
import type { IncomingInvite } from '../sip/incoming-request.ts';
import { escapeUser, printUri, type SipUri, uriUser } from '../sip/message/uri.ts';
import { UdpTransport } from '../sip/transport/udp.ts';
import { UserAgent } from '../sip/user-agent.ts';
import { CarrierCall } from './carrier-call.ts';
import { type Station, stations } from './station.ts';

export interface CarrierOptions {
  /** An address of this machine, 127.0.0.1 by default, and a port, by default a free one. */
  readonly address?: SocketAddress;
  /** Who may call; this machine by default. */
  readonly admit?: (host: string) => boolean;
  readonly clock?: Clock;
  readonly random?: Random;
  readonly log?: Log;
}

export interface CarrierNumber {
  readonly number: string;
  /** What it does, in a few words. */
  readonly text: string;
}

export interface Carrier {
  /** Where it takes SIP over UDP. */
  readonly local: SocketAddress;
  readonly numbers: readonly CarrierNumber[];
  /** Calls that are up or being set up. */
  readonly calls: number;
  /** Ends every call and closes every socket. Idempotent. */
  close(): Promise<void>;
}

/** How long a BYE may take when the carrier closes. */
const byesTakeMs = 1000;
/** Far more than a demo needs. */
const limits = { trunkMessagesPerSec: 1000 };

/** Rejects when the address cannot be bound. */
export async function createCarrier(options: CarrierOptions = {}): Promise<Carrier> {
  const carrier = new RunningCarrier(options);
  await carrier.open();
  return carrier;
}

class RunningCarrier implements Carrier {
  readonly #options: CarrierOptions;
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #log: Log;
  readonly #alarm: Alarm;
  readonly #calls = new Set<CarrierCall>();
  readonly #timers = new Set<() => void>();
  #opened: { readonly transport: UdpTransport; readonly agent: UserAgent } | undefined;
  #closing: Promise<void> | undefined;

  constructor(options: CarrierOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#random = options.random ?? systemRandom;
    this.#log = options.log ?? silentLog;
    this.#alarm = new Alarm(this.#clock, (now) => this.#agent.expire(now));
  }

  async open(): Promise<void> {
    const { address = { host: '127.0.0.1', port: 0 }, admit = isLoopback } = this.#options;
    const transport = await UdpTransport.bind(
      { address, admit, clock: this.#clock, log: this.#log, limits },
      {
        receive: (message, flow) => this.#agent.receive(message, flow, this.#clock.now()),
        sent: () => {},
        malformed: (error, flow) => this.#agent.malformed(error, flow, this.#clock.now()),
        closed: () => {},
        refused: () => {},
      },
    );
    this.#opened = { transport, agent: this.#createAgent(transport) };
    this.#agent.handleInvite((incoming) => this.#invited(incoming));
  }

  get local(): SocketAddress {
    return this.#transport.local;
  }

  get numbers(): readonly CarrierNumber[] {
    return [...stations].map(([number, { text }]) => ({ number, text }));
  }

  get calls(): number {
    return this.#calls.size;
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    for (const cancel of this.#timers) cancel();
    for (const call of this.#calls) call.hangUp();
    const until = this.#clock.now() + byesTakeMs;
    while (this.#calls.size > 0 && this.#clock.now() < until) await new Promise<void>((resolve) => this.#clock.after(10, resolve));
    for (const call of this.#calls) call.close();
    this.#alarm.close();
    await this.#transport.close();
  }

  get #agent(): UserAgent {
    invariant(this.#opened, 'the carrier is open');
    return this.#opened.agent;
  }

  get #transport(): UdpTransport {
    invariant(this.#opened, 'the carrier is open');
    return this.#opened.transport;
  }

  #createAgent(transport: UdpTransport): UserAgent {
    const connector: Connector = {
      candidates: ({ host, port }) =>
        Promise.resolve(isIpAddress(host) ? [{ transport: 'udp', address: { host, port: port ?? 5060 } }] : []),
      connect: ({ address }) => Promise.resolve(transport.flowTo(address)),
    };
    return new UserAgent(
      { random: this.#random, clock: this.#clock, log: this.#log, product: 'offhook-carrier', connector },
      {
        authenticate: () => ({ outcome: 'accept', identity: { kind: 'trunk', trunk: 'carrier' } }),
        flow: (id) => transport.flow(id),
        flowTo: (_flow, remote) => transport.flowTo(remote),
        advertised: ({ local }) => ({ ...local, transport: 'udp' }),
        deadlineMoved: (deadlineMs) => this.#alarm.arm(deadlineMs),
      },
    );
  }

  #invited(incoming: IncomingInvite): void {
    const { uri, headers } = incoming.request;
    const number = userOf(uri);
    const station = stations.get(number);
    if (!station) incoming.respond(404);
    else this.#add({ number, station, caller: userOf(headers.from.uri), gateway: incoming.flow.remote }).take(incoming);
  }

  #add(parties: Parties): CarrierCall {
    const { station } = parties;
    const options = { station, host: this.local.host, clock: this.#clock, random: this.#random, log: this.#log };
    const call = new CarrierCall(options, {
      over: (callBackDelayMs) => {
        this.#calls.delete(call);
        if (callBackDelayMs !== null) this.#callBack(parties, callBackDelayMs);
      },
    });
    this.#calls.add(call);
    return call;
  }

  #callBack(parties: Parties, delayMs: number): void {
    if (this.#closing) return;
    const cancel = this.#clock.after(delayMs, () => {
      this.#timers.delete(cancel);
      this.#add(parties).place((body, events) => this.#agent.invite({ ...this.#invitation(parties), body }, events));
    });
    this.#timers.add(cancel);
  }

  #invitation({ number, caller, gateway }: Parties): Omit<OutgoingInvite, 'body'> {
    const user = escapeUser(caller);
    const uri = { scheme: 'sip', user, password: null, ...gateway, params: new Map(), headers: null } as const;
    return {
      uri,
      from: `<sip:${number}@${formatAddress(this.local)}>`,
      to: `<${printUri(uri)}>`,
      contactUser: number,
      destination: { uri, tcpFallback: false },
      headers: [],
      maxForwards: 70,
    };
  }
}

/** Who talks to whom, for a call and its sequel. */
interface Parties {
  /** The carrier's own number, with what it does. */
  readonly number: string;
  readonly station: Station;
  /** The other party's number. */
  readonly caller: string;
  /** Where that party is reached. */
  readonly gateway: SocketAddress;
}

function userOf(uri: SipUri | string): string {
  return typeof uri === 'string' ? '' : uriUser(uri);
}
