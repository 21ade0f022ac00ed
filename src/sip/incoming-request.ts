/** Requests as they are handed up: matched to no earlier one, checked, waiting for one final response. */

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
  /** To be asked before the final response: that of an INVITE is not kept for longer. */
  readonly request: SipRequest;
  readonly flow: Flow;
  /** Sends a response. After a final one, or when the request was cancelled meanwhile, it does nothing. */
  respond(status: number, options?: ResponseOptions): void;
}

/** A request outside of any dialog, which `authenticate` accepted. */
export interface AuthenticatedRequest extends IncomingRequest {
  readonly identity: RequestIdentity;
}

/** An INVITE outside of any dialog: refuse it with `respond`, or make it a session. */
export interface IncomingInvite extends AuthenticatedRequest {
  /** From here on the session answers; `respond` does nothing any more. */
  session(events: InviteEvents, options?: IncomingSessionOptions): InviteSession;
}

export interface IncomingSessionOptions extends SessionOptions {
  /** Where our own requests go. By default the flow itself (WebSocket), else the route set or Contact of the peer. */
  readonly destination?: Destination;
  /** User part of our Contact; that of the Request-URI by default. */
  readonly contactUser?: string;
}
