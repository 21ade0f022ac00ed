/** Reads what a REGISTER asks for (RFC 3261 section 10.3, RFC 5626 section 6, RFC 5627 section 5), and prints bindings for its answer. */

import type { Binding } from '../location/location-store.ts';
import type { Headers } from '../sip/message/headers.ts';
import { type NameAddr, printNameAddr } from '../sip/message/name-addr.ts';
import { isDigits, quoted, unquote } from '../sip/message/scanner.ts';
import { SipError } from '../sip/message/sip-error.ts';
import { printUri, type SipUri, sameUri } from '../sip/message/uri.ts';

export interface ExpiryLimits {
  readonly minExpiresSec: number;
  readonly maxExpiresSec: number;
}

/** One contact of a REGISTER. */
export interface ContactRequest {
  readonly uri: SipUri;
  /** 0 removes the binding. */
  readonly expiresSec: number;
  readonly instanceId: string | null;
  /** Set only where outbound applies: client and first hop support it. */
  readonly regId: number | null;
}

/** What the client says in Supported. */
export interface ClientSupport {
  readonly outbound: boolean;
  readonly gruu: boolean;
  readonly path: boolean;
}

export function supportOf(headers: Headers): ClientSupport {
  const options = new Set(headers.tokens('Supported').map((option) => option.toLowerCase()));
  return { outbound: options.has('outbound'), gruu: options.has('gruu'), path: options.has('path') };
}

/** Throws SipError: 400, 403, 423 or 439. */
export function readContacts(headers: Headers, contacts: readonly NameAddr[], aor: SipUri, limits: ExpiryLimits): ContactRequest[] {
  const outbound = supportOf(headers).outbound;
  const requests = contacts.map((contact) => readContact(contact, headers, aor, outbound, limits));
  const added = requests.filter(({ expiresSec }) => expiresSec > 0);
  if (added.length > 1 && added.some(({ regId }) => regId !== null)) throw new SipError(400, 'several contacts with reg-id');
  if (added.some(({ regId }) => regId !== null) && !firstHopSupportsOutbound(headers))
    throw new SipError(439, 'no outbound at the first hop');
  return requests;
}

function readContact(contact: NameAddr, headers: Headers, aor: SipUri, outbound: boolean, limits: ExpiryLimits): ContactRequest {
  const { uri, params } = contact;
  if (typeof uri === 'string') throw new SipError(403, 'contact is not a SIP URI');
  if (sameUri(uri, aor) || (uri.host === aor.host && uri.params.has('gr')))
    throw new SipError(403, 'contact leads back to its address of record');
  const instanceId = readInstanceId(params.get('+sip.instance'));
  const regId = outbound && instanceId !== null ? readRegId(params.get('reg-id')) : null;
  return { uri, expiresSec: clamp(requestedSec(contact, headers, limits), limits), instanceId, regId };
}

/** RFC 3261 section 10.2.1.1: a malformed `expires` counts as 3600. */
function requestedSec({ params }: NameAddr, headers: Headers, limits: ExpiryLimits): number {
  const expires = params.get('expires');
  if (expires === undefined || expires === null) return headers.expires ?? limits.maxExpiresSec;
  return isDigits(expires) ? Number(expires) : 3600;
}

function clamp(requested: number, { minExpiresSec, maxExpiresSec }: ExpiryLimits): number {
  if (requested > 0 && requested < minExpiresSec) {
    throw new SipError(423, `expires after ${requested} s`, { headers: [['Min-Expires', String(minExpiresSec)]] });
  }
  return Math.min(requested, maxExpiresSec);
}

/** `"<urn:uuid:...>"` */
function readInstanceId(param: string | null | undefined): string | null {
  if (param === undefined || param === null) return null;
  const text = unquote(param);
  if (!text.startsWith('<') || !text.endsWith('>') || text.length < 3) throw new SipError(400, 'malformed +sip.instance');
  return text.slice(1, -1);
}

/** 1 .. 2^31-1 */
function readRegId(param: string | null | undefined): number | null {
  if (param === undefined || param === null) return null;
  const regId = isDigits(param) ? Number(param) : 0;
  if (regId < 1 || regId >= 2 ** 31) throw new SipError(400, 'malformed reg-id');
  return regId;
}

/** RFC 5626 section 6: we are the first hop, or the one that is has put itself into Path with `ob`. */
function firstHopSupportsOutbound(headers: Headers): boolean {
  return headers.vias.length === 1 || headers.paths.some(({ uri }) => typeof uri !== 'string' && uri.params.has('ob'));
}

/** Names a binding among those of its user. */
export function bindingKey({ uri, instanceId, regId }: ContactRequest): string {
  return instanceId !== null && regId !== null ? `${instanceId};${regId}` : printUri(uri);
}

/** A Contact value of the 200. */
export function printBinding(binding: Binding, support: ClientSupport, now: number): string {
  let text = `<${binding.contactUri}>;expires=${Math.max(0, Math.ceil((binding.expiresAt - now) / 1000))}`;
  if (support.gruu && binding.gruu) text += `;pub-gruu=${quoted(binding.gruu)}`;
  if (binding.instanceId !== null) text += `;+sip.instance=${quoted(`<${binding.instanceId}>`)}`;
  return binding.regId === null ? text : `${text};reg-id=${binding.regId}`;
}

export function readPath(headers: Headers): string[] {
  return headers.paths.map(printNameAddr);
}
