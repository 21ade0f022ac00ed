/** Which web pages may open the SIP WebSocket: browsers send their page's origin (RFC 6454 section 7) and cannot forge it. */

export interface UpgradeOrigin {
  /** The Origin header; undefined if there is none. */
  readonly origin: string | undefined;
  /** The Host header. */
  readonly host: string | undefined;
  /** Whether the listener speaks TLS. */
  readonly secure: boolean;
}

/**
 * The gateway's own origin always passes. Others stand in `allowed` exactly as browsers write them; "*" allows any, "none" a
 * missing header (programs, not browsers). "null" (sandboxed frames, files) passes with "*" only.
 */
export function isOriginAllowed({ origin, host, secure }: UpgradeOrigin, allowed: ReadonlySet<string>): boolean {
  if (origin === undefined) return allowed.has('none');
  if (allowed.has('*')) return true;
  if (origin === 'none' || origin === 'null') return false;
  return allowed.has(origin) || origin === originOfHost(host, secure);
}

/** Scheme, host in lower case, port unless it is the default one. */
function originOfHost(host: string | undefined, secure: boolean): string | undefined {
  const text = `${secure ? 'https' : 'http'}://${host}`;
  if (!host || !URL.canParse(text)) return undefined;
  const url = new URL(text);
  return url.href === `${url.origin}/` ? url.origin : undefined;
}
