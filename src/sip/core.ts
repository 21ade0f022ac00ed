/** What the user agent shares with its sessions and requests. */

import type { Log } from '../base/log.ts';
import type { Random } from '../base/random.ts';
import type { AdvertisedAddress, Connector } from './destination.ts';
import type { Flow } from './message/flow.ts';
import type { SipRequest } from './message/message.ts';
import type { Schedule } from './schedule.ts';
import type { TransactionLayer } from './transaction/layer.ts';
import type { TransactionTimers } from './transaction/timers.ts';

export interface UserAgentCore {
  readonly layer: TransactionLayer;
  readonly schedule: Schedule;
  readonly timers: TransactionTimers;
  readonly random: Random;
  readonly log: Log;
  readonly connector: Connector;
  /** For the User-Agent and Server headers. */
  readonly product: string;
  /** How long a request waits for a lost connection to come back, milliseconds. */
  readonly graceMs: number;
  now(): number;
  /** The flow if it is open. */
  openFlow(id: string): Flow | undefined;
  advertised(flow: Flow): AdvertisedAddress;
  /** Watches over work that goes on by itself: what it throws is logged. */
  background(work: Promise<void>): void;
  register(owner: DialogOwner): void;
  unregister(owner: DialogOwner): void;
}

/** A session, which all requests of its dialogs are handed to. */
export interface DialogOwner {
  readonly callId: string;
  readonly localTag: string;
  /** A request within a dialog: Call-ID and local tag are right, the remote tag is not checked yet. */
  receive(request: SipRequest, flow: Flow, now: number): void;
  /** The ACK of a 2xx. */
  acknowledged(ack: SipRequest, flow: Flow, now: number): void;
  flowClosed(flow: Flow, now: number): void;
}
