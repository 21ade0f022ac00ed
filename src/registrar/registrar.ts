/** Registrations of browsers: who they are, and through which connection each of their contacts is reached. */

import type { Random } from '../base/random.ts';
import type { Binding, LocationStore } from '../location/location-store.ts';
import type { Authentication } from '../sip/authentication.ts';
import type { AuthenticatedRequest } from '../sip/incoming-request.ts';
import type { Flow } from '../sip/message/flow.ts';
import type { SipRequest } from '../sip/message/message.ts';
import type { NameAddr } from '../sip/message/name-addr.ts';
import { SipError } from '../sip/message/sip-error.ts';
import { escapeParam, parseUri, printUri, type SipUri, sameUri, uriUser } from '../sip/message/uri.ts';
import { Authenticator, type AuthenticatorOptions, type AuthenticatorOut } from './authenticator.ts';
import { bindingKey, type ContactRequest, type ExpiryLimits, printBinding, readContacts, readPath, supportOf } from './registration.ts';

export interface RegistrarOptions extends AuthenticatorOptions, ExpiryLimits {
  readonly maxContactsPerUser: number;
  /** Contacts registered from one remote host. */
  readonly maxContactsPerAddress: number;
  /** How long a binding outlives its connection, so that its browser is recognised when it comes back. */
  readonly graceMs: number;
  readonly location: LocationStore;
  readonly random: Random;
}

type RemovalCause = 'unregistered' | 'expired' | 'flow-closed' | 'removed';

export interface RegistrarOut extends AuthenticatorOut {
  /** `previous`: what it replaced. Another `flowId` there means that the browser has moved to a new connection. */
  registered(binding: Binding, previous: Binding | null): void;
  /** Once for each binding, when it can no longer be reached; not for one that another replaces. */
  unregistered(binding: Binding, cause: RemovalCause): void;
}

/** One step of a REGISTER: all of them are checked before the first is taken (RFC 3261 section 10.3). */
interface Change {
  readonly previous: Binding | null;
  /** Null removes. */
  readonly next: Binding | null;
}

export class Registrar {
  readonly #options: RegistrarOptions;
  readonly #location: LocationStore;
  readonly #out: RegistrarOut;
  readonly #authenticator: Authenticator;

  constructor(options: RegistrarOptions, out: RegistrarOut) {
    this.#options = options;
    this.#location = options.location;
    this.#out = out;
    this.#authenticator = new Authenticator(options, out);
  }

  /** For requests of browsers; a trunk is known by its address. */
  authenticate(request: SipRequest, flow: Flow, now: number): Authentication {
    return this.#authenticator.authenticate(request, flow, now);
  }

  /** Answers an authenticated REGISTER with 200; throws SipError for any other answer, and has changed nothing then. */
  receive(incoming: AuthenticatedRequest, now: number): void {
    const { request } = incoming;
    const { user, aor } = this.#authorize(incoming);
    const { contacts } = request.headers;
    const changes = contacts === '*' ? this.#removeAll(request, user) : this.#plan(incoming, contacts, user, aor, now);
    this.#checkOrder(changes, request);
    this.#checkLimits(changes, user, incoming.flow);
    for (const change of changes) this.#apply(change);
    this.#accept(incoming, user, now);
  }

  /** Ends all registrations of a user; running calls go on. */
  removeUser(name: string): void {
    this.removeContact(name, null);
  }

  /** Ends one registration of a user, or all: the browser may register again. Whether there was any. */
  removeContact(user: string, contact: string | null): boolean {
    const bindings = this.#location.bindingsOf(user).filter(({ contactUri }) => contact === null || contactUri === contact);
    for (const binding of bindings) {
      this.#location.remove(binding);
      if (binding.flowId !== null) this.#out.unregistered(binding, 'removed');
    }
    return bindings.length > 0;
  }

  /** The bindings of a connection that is gone are kept for the grace, but lead nowhere. */
  flowClosed(flowId: string, now: number): void {
    for (const binding of this.#location.byFlow(flowId)) {
      const expiresAt = Math.min(binding.expiresAt, now + this.#options.graceMs);
      this.#location.save({ ...binding, flowId: null, expiresAt });
      this.#forgetLost(binding.user);
      this.#out.unregistered(binding, 'flow-closed');
    }
  }

  /** A page that is reloaded over and over leaves no heap behind. */
  #forgetLost(user: string): void {
    const lost = this.#location.bindingsOf(user).filter(({ flowId }) => flowId === null);
    for (const binding of lost.slice(this.#options.maxContactsPerUser)) this.#location.remove(binding);
  }

  get deadline(): number {
    return this.#location.deadline;
  }

  expire(now: number): void {
    for (let binding = this.#location.takeExpired(now); binding; binding = this.#location.takeExpired(now)) {
      if (binding.flowId !== null) this.#out.unregistered(binding, 'expired');
    }
  }

  /** RFC 3261 section 10.3, steps 3 to 5: users register themselves alone. */
  #authorize({ identity, request }: AuthenticatedRequest): { user: string; aor: SipUri } {
    const { uri } = request.headers.to;
    if (identity.kind !== 'user') throw new SipError(403, 'not a user');
    if (typeof uri === 'string') throw new SipError(400, 'To is not a SIP URI');
    if (uri.host !== this.#options.domain.toLowerCase()) throw new SipError(404, 'not of this domain');
    if (uriUser(uri) !== identity.user) throw new SipError(403, 'address of record of another user');
    return { user: identity.user, aor: uri };
  }

  /** RFC 3261 section 10.2.2: `*` removes all, and does nothing else. */
  #removeAll(request: SipRequest, user: string): Change[] {
    if (request.headers.expires !== 0) throw new SipError(400, 'Contact: * without Expires: 0');
    return this.#location.bindingsOf(user).map((previous) => ({ previous, next: null }));
  }

  #plan(incoming: AuthenticatedRequest, contacts: readonly NameAddr[], user: string, aor: SipUri, now: number): Change[] {
    return readContacts(incoming.request.headers, contacts, aor, this.#options).map((contact) => {
      const previous = this.#find(user, contact);
      if (contact.expiresSec === 0) return { previous, next: null };
      const next = this.#bind(contact, incoming, user, aor, now);
      return { previous, next: previous ? { ...next, key: previous.key } : next };
    });
  }

  /** By instance and reg-id where the client registers so, and then never by URI (RFC 5626 section 6). */
  #find(user: string, contact: ContactRequest): Binding | null {
    const key = bindingKey(contact);
    const sameContact = ({ regId, contactUri }: Binding) => regId === null && sameUri(parseUri(contactUri), contact.uri);
    const matches = contact.regId === null ? sameContact : (binding: Binding) => binding.key === key;
    return this.#location.bindingsOf(user).find(matches) ?? null;
  }

  #bind(contact: ContactRequest, { request, flow }: AuthenticatedRequest, user: string, aor: SipUri, now: number): Binding {
    const { headers } = request;
    const { uri, expiresSec, instanceId, regId } = contact;
    return {
      user,
      key: bindingKey(contact),
      contactUri: printUri(uri),
      flowId: flow.id,
      remote: flow.remote,
      instanceId,
      regId,
      path: readPath(headers),
      expiresAt: now + expiresSec * 1000,
      userAgent: headers.get('User-Agent') ?? null,
      callId: headers.callId,
      cseq: headers.cseq.number,
      gruu: instanceId !== null && supportOf(headers).gruu ? publicGruu(aor, instanceId) : null,
    };
  }

  /** RFC 3261 section 10.3, step 7: what overtook a later REGISTER of the same Call-ID changes nothing. */
  #checkOrder(changes: readonly Change[], { headers }: SipRequest): void {
    const late = changes.some(({ previous }) => previous?.callId === headers.callId && previous.cseq >= headers.cseq.number);
    if (late) throw new SipError(500, 'REGISTER out of order');
  }

  #checkLimits(changes: readonly Change[], user: string, flow: Flow): void {
    const { maxContactsPerUser, maxContactsPerAddress } = this.#options;
    const added = changes.filter(({ previous, next }) => next !== null && (previous === null || previous.flowId === null)).length;
    if (added === 0) return;
    const reachable = this.#location.bindingsOf(user).filter(({ flowId }) => flowId !== null).length;
    if (reachable + added > maxContactsPerUser) throw new SipError(403, 'too many contacts');
    if (this.#location.countFrom(flow.remote.host) + added > maxContactsPerAddress)
      throw new SipError(403, 'too many contacts of one address');
  }

  #apply({ previous, next }: Change): void {
    if (next) {
      this.#location.save(next);
      this.#out.registered(next, previous);
    } else if (previous) {
      this.#location.remove(previous);
      if (previous.flowId !== null) this.#out.unregistered(previous, 'unregistered');
    }
  }

  /** RFC 3261 section 10.3, step 8: all bindings; one header field each, since SIP.js counts header fields. */
  #accept(incoming: AuthenticatedRequest, user: string, now: number): void {
    const { headers } = incoming.request;
    const support = supportOf(headers);
    const reachable = this.#location.bindingsOf(user).filter(({ flowId, expiresAt }) => flowId !== null && expiresAt > now);
    const answer = reachable.map((binding) => ['Contact', printBinding(binding, support, now)] as const);
    const outbound = reachable.some(({ flowId, regId }) => flowId === incoming.flow.id && regId !== null);
    const path = support.path ? headers.getAll('Path').map((value) => ['Path', value] as const) : [];
    incoming.respond(200, { headers: [...answer, ...path, ...(support.outbound && outbound ? [['Require', 'outbound'] as const] : [])] });
  }
}

/** RFC 5627 section 5.4. No temporary one beside it (5.1: SHOULD): trunks never see a browser's contact, so it has nothing to hide there. */
function publicGruu(aor: SipUri, instanceId: string): string {
  return printUri({ ...aor, password: null, port: null, params: new Map([['gr', escapeParam(instanceId)]]), headers: null });
}
