/** What a server must refuse by the message alone, before any handler sees it (RFC 3261 section 8.2). */

import { reasonPhrase } from './build.ts';
import type { SipRequest } from './message.ts';
import { splitList, trim } from './scanner.ts';
import { SipError } from './sip-error.ts';

/** What the server can do; the defaults are those of this gateway. */
export interface Capabilities {
  readonly methods: readonly string[];
  /** Option tags for Require. */
  readonly options: readonly string[];
  /** Media types of bodies that INVITE and UPDATE may carry, lower case. */
  readonly bodies: readonly string[];
}

export const gatewayCapabilities: Capabilities = {
  methods: ['INVITE', 'ACK', 'CANCEL', 'BYE', 'OPTIONS', 'INFO', 'UPDATE', 'REGISTER'],
  options: ['timer', 'outbound', 'path', 'gruu'],
  bodies: ['application/sdp'],
};

/** Registered with IANA: 405 says "not here", 501 "never heard of". */
const knownMethods: ReadonlySet<string> = new Set(
  'ACK BYE CANCEL INFO INVITE MESSAGE NOTIFY OPTIONS PRACK PUBLISH REFER REGISTER SUBSCRIBE UPDATE'.split(' '),
);

/**
 * The answer that the request deserves, or null. ACK is never answered: whoever calls drops it then. Whether the request is known,
 * allowed or affordable is for others to say.
 */
export function validateRequest(request: SipRequest, capabilities: Capabilities = gatewayCapabilities): SipError | null {
  for (const check of checks) {
    const error = guard(() => check(request, capabilities));
    if (error) return error;
  }
  return null;
}

type Check = (request: SipRequest, capabilities: Capabilities) => SipError | null;

/** In the order of RFC 3261 section 8.2: method, header fields, content. */
const checks: readonly Check[] = [
  checkMethod,
  checkUri,
  checkBranch,
  checkAddresses,
  checkMaxForwards,
  checkRequire,
  checkContent,
  checkAccept,
];

function guard(check: () => SipError | null): SipError | null {
  try {
    return check();
  } catch (error) {
    if (error instanceof SipError) return error;
    throw error;
  }
}

function refuse(status: number, message = reasonPhrase(status), ...headers: ReadonlyArray<readonly [string, string]>): SipError {
  return new SipError(status, message, { headers });
}

function checkMethod({ method }: SipRequest, { methods }: Capabilities): SipError | null {
  if (methods.includes(method)) return null;
  return refuse(knownMethods.has(method) ? 405 : 501, `method ${method.slice(0, 40)}`, ['Allow', methods.join(', ')]);
}

/** RFC 3261 section 8.2.2.1; header fields have no place in a Request-URI (19.1.1). */
function checkUri({ uri }: SipRequest): SipError | null {
  if (typeof uri === 'string') return uri.slice(0, 4).toLowerCase() === 'tel:' ? null : refuse(416, `URI scheme of ${uri.slice(0, 40)}`);
  return uri.headers === null ? null : refuse(400, 'header fields in the Request-URI');
}

/** The magic cookie alone identifies no transaction (RFC 4475 section 3.2.1). */
function checkBranch({ headers }: SipRequest): SipError | null {
  return headers.topVia.params.get('branch') === 'z9hG4bK' ? refuse(400, 'empty branch') : null;
}

/** Reading them throws when they are malformed; `*` is for REGISTER alone (10.2.2), and an AOR is a SIP URI (10.3). */
function checkAddresses({ method, headers }: SipRequest): SipError | null {
  const { contacts, to } = headers;
  for (const accessor of addressLists) headers[accessor];
  if (contacts === '*' && method !== 'REGISTER') return refuse(400, 'Contact: *');
  return method === 'REGISTER' && typeof to.uri === 'string' ? refuse(400, 'To is not a SIP URI') : null;
}

const addressLists = ['routes', 'recordRoutes', 'paths'] as const;

/** What is passed on needs a hop left (16.3); what ends here does not (RFC 4475 section 3.3.11). */
function checkMaxForwards({ method, headers }: SipRequest): SipError | null {
  return method === 'INVITE' && headers.toTag === undefined && headers.maxForwards === 0 ? refuse(483) : null;
}

/** RFC 3261 section 8.2.2.3: ACK and CANCEL cannot require anything. */
function checkRequire({ method, headers }: SipRequest, { options }: Capabilities): SipError | null {
  if (method === 'ACK' || method === 'CANCEL') return null;
  const unsupported = headers.tokens('Require').filter((option) => !options.includes(option.toLowerCase()));
  return unsupported.length === 0 ? null : refuse(420, `Require: ${unsupported.join(', ')}`, ['Unsupported', unsupported.join(', ')]);
}

function describesSession(method: string): boolean {
  return method === 'INVITE' || method === 'UPDATE';
}

/** RFC 3261 section 8.2.3 */
function checkContent({ method, headers, body }: SipRequest, { bodies }: Capabilities): SipError | null {
  if (body.length === 0 || !describesSession(method) || isOptional(headers.get('Content-Disposition'))) return null;
  const encodings = headers.tokens('Content-Encoding').filter((encoding) => encoding.toLowerCase() !== 'identity');
  if (encodings.length > 0) return refuse(415, `Content-Encoding: ${encodings.join(', ')}`, ['Accept-Encoding', 'identity']);
  if (headers.contentType === undefined) return refuse(400, 'body without Content-Type');
  return bodies.includes(headers.contentType) ? null : refuse(415, headers.contentType.slice(0, 60), ['Accept', bodies.join(', ')]);
}

function isOptional(disposition: string | undefined): boolean {
  if (disposition === undefined) return false;
  return disposition.split(';').some((param) => param.replaceAll(/[ \t]/g, '').toLowerCase() === 'handling=optional');
}

/** Our answer to an INVITE is a session description: a client that accepts none cannot be served (21.4.7). */
function checkAccept({ method, headers }: SipRequest, { bodies }: Capabilities): SipError | null {
  if (!describesSession(method) || !headers.has('Accept')) return null;
  const accepted = headers.getAll('Accept').flatMap(splitList).map(mediaRange);
  const fits = accepted.length === 0 || bodies.some((type) => accepted.some((range) => covers(range, type)));
  return fits ? null : refuse(406, `Accept: ${accepted.join(', ').slice(0, 60)}`);
}

function mediaRange(element: string): string {
  const semicolon = element.indexOf(';');
  return trim(element, 0, semicolon < 0 ? element.length : semicolon).toLowerCase();
}

function covers(range: string, type: string): boolean {
  return range === '*/*' || range === type || (range.endsWith('/*') && type.startsWith(range.slice(0, -1)));
}
