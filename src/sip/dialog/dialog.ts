/** A dialog: tags, sequence numbers, route set and remote target (RFC 3261 section 12). */

import { ownCopy } from '../../base/own-copy.ts';
import { createRequest } from '../message/build.ts';
import type { SipMessage, SipRequest, SipResponse } from '../message/message.ts';
import { type NameAddr, parseNameAddr, printNameAddr } from '../message/name-addr.ts';
import { SipError } from '../message/sip-error.ts';
import { parseUri, printUri, type SipUri } from '../message/uri.ts';

/** What an INVITE of ours gives to each of its dialogs. */
export interface CallerSide {
  readonly callId: string;
  readonly localTag: string;
  /** Its From. */
  readonly local: string;
  readonly localSequence: number;
  /** Its Request-URI. */
  readonly uri: SipUri;
}

interface DialogState {
  readonly callId: string;
  readonly localTag: string;
  readonly remoteTag: string;
  /** From and To of our requests. */
  readonly local: string;
  readonly remote: string;
  readonly localSequence: number;
  readonly remoteSequence: number | null;
  readonly routes: readonly NameAddr[];
  readonly target: SipUri;
}

export class Dialog {
  readonly callId: string;
  readonly localTag: string;
  /** '' for an RFC 2543 peer (12.1.1). */
  readonly remoteTag: string;
  readonly #local: string;
  readonly #remote: string;
  /** As text: parsed they would take five times as much, and requests of ours are few. */
  readonly #routes: readonly string[];
  #target: string;
  #localSequence: number;
  #remoteSequence: number | null;

  private constructor(state: DialogState) {
    this.callId = state.callId;
    this.localTag = state.localTag;
    // A dialog outlives the messages that made it.
    this.remoteTag = ownCopy(state.remoteTag);
    this.#local = state.local;
    this.#remote = ownCopy(state.remote);
    this.#routes = state.routes.map((route) => ownCopy(printNameAddr(route)));
    this.#target = ownCopy(printUri(state.target));
    this.#localSequence = state.localSequence;
    this.#remoteSequence = state.remoteSequence;
  }

  /** 12.1.2. A response without Contact leaves the Request-URI as target. Throws SipError 400. */
  static fromResponse(caller: CallerSide, response: SipResponse): Dialog {
    const { headers } = response;
    const { callId, localTag, local, localSequence, uri } = caller;
    return new Dialog({
      callId,
      localTag,
      remoteTag: headers.toTag ?? '',
      local,
      remote: headers.get('To') ?? '',
      localSequence,
      remoteSequence: null,
      routes: headers.recordRoutes.toReversed(),
      target: contactOf(response) ?? uri,
    });
  }

  /** 12.1.1. Throws SipError 400. */
  static fromRequest(request: SipRequest, localTag: string): Dialog {
    const { headers } = request;
    const target = contactOf(request);
    if (!target) throw new SipError(400, `${request.method} without Contact`);
    return new Dialog({
      callId: ownCopy(headers.callId),
      localTag,
      remoteTag: headers.fromTag ?? '',
      local: ownCopy(`${headers.get('To')};tag=${localTag}`),
      remote: headers.get('From') ?? '',
      localSequence: 0,
      remoteSequence: headers.cseq.number,
      routes: headers.recordRoutes,
      target,
    });
  }

  /** The URI whose server gets our requests (12.2.1.1 with 8.1.2). */
  get nextHop(): SipUri {
    const [first] = this.#routes;
    return first === undefined ? parseUri(this.#target) : sipUri(parseNameAddr(first).uri);
  }

  nextSequence(): number {
    this.#localSequence += 1;
    return this.#localSequence;
  }

  /** A request without Via and Contact (12.2.1.1). The sequence number of all but an ACK is set when it is sent. */
  createRequest(method: string, headers: Iterable<readonly [string, string]>, body: string | null, sequence = 0): SipRequest {
    const { uri, routes } = this.#path();
    const fields: Array<readonly [string, string]> = [['Max-Forwards', '70']];
    for (const route of routes) fields.push(['Route', route]);
    fields.push(['From', this.#local], ['To', this.#remote], ['Call-ID', this.callId], ['CSeq', `${sequence} ${method}`], ...headers);
    return createRequest(method, uri, fields, body ?? '');
  }

  /** Takes note of a request's sequence number. Throws SipError 500 for one that is out of order (12.2.2). */
  checkSequence(request: SipRequest): void {
    const { number } = request.headers.cseq;
    if (this.#remoteSequence !== null && number <= this.#remoteSequence) {
      throw new SipError(500, `CSeq ${number} after ${this.#remoteSequence}`);
    }
    this.#remoteSequence = number;
  }

  /** A target refresh: the Contact of an INVITE or UPDATE and of its 2xx is where requests go from now on. */
  refreshTarget(message: SipMessage): void {
    const contact = contactOf(message);
    if (contact) this.#target = ownCopy(printUri(contact));
  }

  /** A first route without `lr` is a strict router: it gets the request addressed to itself, our target last in Route. */
  #path(): { uri: SipUri; routes: readonly string[] } {
    const next = this.nextHop;
    const [first, ...others] = this.#routes;
    if (first === undefined) return { uri: next, routes: [] };
    if (next.params.has('lr')) return { uri: parseUri(this.#target), routes: this.#routes };
    return { uri: next, routes: [...others, `<${this.#target}>`] };
  }
}

/** Exactly one Contact with a SIP URI, or none at all. */
function contactOf(message: SipMessage): SipUri | undefined {
  const { contacts } = message.headers;
  const contact = contacts === '*' ? undefined : contacts[0];
  if (!contact) return undefined;
  if (contacts.length > 1) throw new SipError(400, 'more than one Contact');
  return sipUri(contact.uri);
}

function sipUri(uri: SipUri | string): SipUri {
  if (typeof uri === 'string') throw new SipError(400, `not a SIP URI: ${uri.slice(0, 60)}`);
  return uri;
}
