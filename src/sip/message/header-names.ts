/** Header field names: their canonical spelling and compact forms. Names are compared by key: the long form in lower case. */

const canonicalNames = `
  Accept Accept-Contact Accept-Encoding Accept-Language Alert-Info Allow Allow-Events Authentication-Info Authorization
  Call-ID Call-Info Contact Content-Disposition Content-Encoding Content-Language Content-Length Content-Type CSeq Date
  Diversion Error-Info Event Expires Feature-Caps Flow-Timer From Geolocation History-Info Identity In-Reply-To
  Info-Package Join Max-Forwards MIME-Version Min-Expires Min-SE Organization P-Access-Network-Info P-Asserted-Identity
  P-Called-Party-ID P-Early-Media P-Preferred-Identity Path Priority Privacy Proxy-Authenticate Proxy-Authorization
  Proxy-Require RAck Reason Record-Route Recv-Info Refer-Sub Refer-To Referred-By Reject-Contact Remote-Party-ID
  Replaces Reply-To Request-Disposition Require Retry-After Route RSeq Server Service-Route Session-Expires SIP-ETag
  SIP-If-Match Subject Subscription-State Supported Target-Dialog Timestamp To Unsupported User-Agent User-to-User Via
  Warning WWW-Authenticate
`;

/** The IANA registry of compact forms. */
const compactForms: ReadonlyArray<readonly [string, string]> = [
  ['a', 'Accept-Contact'],
  ['b', 'Referred-By'],
  ['c', 'Content-Type'],
  ['d', 'Request-Disposition'],
  ['e', 'Content-Encoding'],
  ['f', 'From'],
  ['i', 'Call-ID'],
  ['j', 'Reject-Contact'],
  ['k', 'Supported'],
  ['l', 'Content-Length'],
  ['m', 'Contact'],
  ['o', 'Event'],
  ['r', 'Refer-To'],
  ['s', 'Subject'],
  ['t', 'To'],
  ['u', 'Allow-Events'],
  ['v', 'Via'],
  ['x', 'Session-Expires'],
  ['y', 'Identity'],
];

export interface HeaderName {
  /** Long form in lower case: what names are compared by. */
  readonly key: string;
  /** As it is printed. */
  readonly name: string;
}

const known = new Map<string, HeaderName>();
for (const name of canonicalNames.trim().split(/\s+/)) learn({ key: name.toLowerCase(), name }, name);
for (const [compact, name] of compactForms) learn({ key: name.toLowerCase(), name }, compact);

/** Under its usual spelling, in lower and in upper case, so that the common ones are found by one look-up. */
function learn(header: HeaderName, spelling: string): void {
  for (const form of [spelling, spelling.toLowerCase(), spelling.toUpperCase()]) known.set(form, header);
}

/** Unknown names keep their spelling. */
export function headerName(name: string): HeaderName {
  const header = known.get(name);
  if (header) return header;
  const key = name.toLowerCase();
  return known.get(key) ?? { key, name };
}
