/** One INVITE usage (RFC 5057), used alike by both legs of a call: all early dialogs of a UAC, the one dialog of a UAS. */

import type { Credentials } from '../authentication.ts';
import type { Destination } from '../destination.ts';
import type { HeaderList, IncomingRequest } from '../incoming-request.ts';
import type { Flow } from '../message/flow.ts';
import type { SipRequest, SipResponse } from '../message/message.ts';
import type { SipUri } from '../message/uri.ts';
import type { RequestFailure } from '../transaction/client.ts';

export interface SessionOptions {
  /** For challenges of this leg's peer. */
  readonly credentials?: Credentials | null;
  /** Session interval that we propose (RFC 4028), seconds; null leaves it to the peer. */
  readonly sessionExpiresSec?: number | null;
}

export interface OutgoingInvite extends SessionOptions {
  /** Request-URI. */
  readonly uri: SipUri;
  /** name-addr without tag. */
  readonly from: string;
  /** name-addr. */
  readonly to: string;
  /** User part of our Contact. */
  readonly contactUser: string;
  readonly destination: Destination;
  readonly headers: HeaderList;
  /** The SDP offer; null asks the peer for one (delayed offer). */
  readonly body: string | null;
  readonly maxForwards: number;
}

/** `early` once a response with a tag came or went (RFC 3261 12); `terminated` once no further request can follow. */
export type InviteSessionState = 'calling' | 'early' | 'confirmed' | 'terminated';

export interface InviteSession {
  readonly id: string;
  readonly callId: string;
  readonly role: 'uas' | 'uac';
  readonly state: InviteSessionState;
  /** The initial INVITE. To be asked before its final response: it is not kept for longer. */
  readonly request: SipRequest;
  /** Confirmed, and the peer does not wait for an answer of ours, nor we for its ACK: an offer of ours would not have to wait. */
  readonly canOffer: boolean;
  /**
   * The connection that carries our requests; null when they are routed by URI. Assigning moves all later requests, and those
   * that wait for a connection leave at once.
   */
  flowId: string | null;

  /** UAS: a provisional response, 101 .. 199. */
  progress(status: number, options?: { body?: string | null; headers?: HeaderList }): void;
  /** UAS: 200, repeated until its ACK (RFC 3261 13.3.1.4). `body` null is for an offer without content only. */
  accept(options: { body: string | null; headers?: HeaderList }): void;
  /** UAS: a final response 300 .. 699. */
  reject(status: number, options?: { reason?: string; headers?: HeaderList }): void;

  /**
   * UAC: gives up before the answer. Waits for a provisional response first; an answer that crosses is ACKed and ended by BYE.
   * `rejected` follows in any case. `reason` is a full Reason header value.
   */
  cancel(reason?: string): void;
  /** UAC whose INVITE carried no offer: sends the ACK with the answer to the offer of the 200. */
  acknowledge(body: string): void;

  /** Confirmed: a re-INVITE with this offer; null asks the peer for one. Result in `modified` or `modifyRejected`. */
  reinvite(body: string | null): void;
  /** Confirmed: an UPDATE with this offer (a re-INVITE if the peer does not allow UPDATE). Result as of `reinvite`. */
  update(body: string | null): void;
  info(contentType: string, body: string): void;
  /**
   * Ends the session whatever its state: BYE, CANCEL or a refusal. `reason` is a full Reason header value (RFC 3326). As UAS the BYE
   * follows the ACK of our 200 or its time-out (RFC 3261 15). After a BYE only `ended` comes, once it is answered or given up.
   */
  bye(options?: { reason?: string }): void;

  /** Whether the peer's Supported names the option tag. */
  remoteSupports(option: string): boolean;
  /** Whether the peer's Allow names the method, or it has sent none (RFC 3261 section 20.5). */
  remoteAllows(method: string): boolean;
}

export interface InviteEvents {
  /** 101 .. 199; `toTag` tells the branches of a fork apart. */
  provisional(response: SipResponse, toTag: string): void;
  /** The first 2xx. Its ACK is sent already, unless our INVITE had no offer: then `acknowledge` is due. */
  accepted(response: SipResponse): void;
  /** UAC: the INVITE failed for good. A challenge comes here only when it could not be answered, or was repeated. */
  rejected(failure: SipResponse | RequestFailure): void;
  /** UAS: the caller gave up; 200 and 487 are sent. `reason` is the Reason header of the CANCEL. */
  cancelled(reason: string | null): void;
  /** UAS: the ACK of our 2xx, with the answer if our 2xx carried an offer. */
  acknowledged(body: string | null): void;
  /** A re-INVITE, or an UPDATE with an offer. Answer with `respond`; a re-INVITE without body wants our offer. */
  modifyRequested(incoming: IncomingRequest): void;
  /** Our re-INVITE or UPDATE was taken. After a re-INVITE without offer, `acknowledge` is due. */
  modified(body: string | null): void;
  /** 491 also for a change that had to wait, and that an offer of the peer overtook. */
  modifyRejected(status: number): void;
  info(incoming: IncomingRequest): void;
  /** Exactly once, and the last event: after `accepted` or `accept`, and as UAS also when the connection is lost before. */
  ended(end: SessionEnd): void;
  /** A request of this dialog came over another flow: true takes it (assign `flowId` to move there), false answers 403. */
  acceptsFlow(flow: Flow, request: SipRequest): boolean;
}

export interface SessionEnd {
  readonly by: 'remote' | 'timer' | 'ack-timeout' | 'transport' | 'local';
  /** The peer's Reason header value. */
  readonly reason: string | null;
  /** The response that ended it, when one did. */
  readonly status?: number;
}
