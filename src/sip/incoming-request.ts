/** A request as handlers see it: authenticated, matched to no earlier one, waiting for one final response. */

import type { RequestIdentity } from './authentication.ts';
import type { Destination } from './destination.ts';
import type { InviteEvents, InviteSession, SessionOptions } from './dialog/invite-session.ts';
import type { Flow } from './message/flow.ts';
import type { SipRequest } from './message/message.ts';

export type HeaderList = ReadonlyArray<readonly [name: string, value: string]>;

export interface ResponseOptions {
  /** Instead of the usual phrase of the status. */
  readonly reason?: string;
  readonly headers?: HeaderList;
  readonly body?: string | null;
  /** Of `body`; application/sdp when not given. */
  readonly contentType?: string;
}

export interface IncomingRequest {
  readonly request: SipRequest;
  readonly flow: Flow;
  readonly identity: RequestIdentity;
  /** Sends a response. After a final one, or when the request was cancelled meanwhile, it does nothing. */
  respond(status: number, options?: ResponseOptions): void;
}

/** An INVITE outside of any dialog: refuse it with `respond`, or make it a session. */
export interface IncomingInvite extends IncomingRequest {
  /** From here on the session answers; `respond` does nothing any more. */
  session(events: InviteEvents, options?: IncomingSessionOptions): InviteSession;
}

export interface IncomingSessionOptions extends SessionOptions {
  /** Where our own requests go. By default the flow itself (WebSocket), else the route set or Contact of the peer. */
  readonly destination?: Destination;
  /** User part of our Contact; that of the Request-URI by default. */
  readonly contactUser?: string;
}
