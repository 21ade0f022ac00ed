/** The user agent core: hands requests to their dialog or, by method, to a handler, and starts requests of our own. */

import type { Clock } from '../base/clock.ts';
import type { Log } from '../base/log.ts';
import type { Random } from '../base/random.ts';
import type { Authentication, Credentials } from './authentication.ts';
import type { AdvertisedAddress, Connector, Destination } from './destination.ts';
import type { InviteEvents, InviteSession, OutgoingInvite } from './dialog/invite-session.ts';
import type { HeaderList, IncomingInvite, IncomingRequest } from './incoming-request.ts';
import type { Flow } from './message/flow.ts';
import type { SipMessage, SipRequest, SipResponse } from './message/message.ts';
import type { SipError } from './message/sip-error.ts';
import type { SipUri } from './message/uri.ts';
import type { RequestFailure } from './transaction/client.ts';

export interface UserAgentOptions {
  readonly random: Random;
  /** Sessions act when the call layer calls them: their `now`. */
  readonly clock: Pick<Clock, 'now'>;
  readonly log: Log;
  /** For the User-Agent and Server headers: `offhook/1.2`. */
  readonly product: string;
  readonly connector: Connector;
  /** How long a request waits for a lost connection to come back, milliseconds. */
  readonly graceMs?: number;
}

export interface UserAgentOut {
  /** Asked first for every request outside of a dialog except ACK and CANCEL. */
  authenticate(request: SipRequest, flow: Flow, now: number): Authentication;
  flow(id: string): Flow | undefined;
  advertised(flow: Flow): AdvertisedAddress;
  /** `deadline` may have come nearer: arm the alarm for it. */
  deadlineMoved(deadlineMs: number): void;
}

/** A request outside of any dialog; not INVITE. */
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

export declare class UserAgent {
  constructor(options: UserAgentOptions, out: UserAgentOut);
  readonly deadline: number;
  readonly sessions: number;
  readonly transactions: number;
  receive(message: SipMessage, flow: Flow, now: number): void;
  malformed(error: SipError, flow: Flow, now: number): void;
  flowClosed(flow: Flow, now: number): void;
  expire(now: number): void;
  handle(method: 'INVITE', handler: (incoming: IncomingInvite) => void): void;
  handle(method: string, handler: (incoming: IncomingRequest) => void, options?: { supported?: readonly string[] }): void;
  invite(options: OutgoingInvite, events: InviteEvents, now: number): InviteSession;
  request(options: OutgoingRequestOptions, done: (result: SipResponse | RequestFailure) => void, now: number): { cancel(): void };
}
