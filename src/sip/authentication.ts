/** Who sent a request, as the gateway decides before anything else looks at it. */

/** An authenticated browser user, or the trunk whose source address sent the request. */
export type RequestIdentity = { readonly kind: 'user'; readonly user: string } | { readonly kind: 'trunk'; readonly trunk: string };

/** `ignore`: no answer at all, for strangers on an open UDP port. */
export type Authentication =
  | { readonly outcome: 'accept'; readonly identity: RequestIdentity }
  | {
      readonly outcome: 'respond';
      readonly status: number;
      readonly headers: ReadonlyArray<readonly [string, string]>;
    }
  | { readonly outcome: 'ignore' };

/** Digest credentials of one leg. They answer challenges of that leg's own peer and of no other (RFC 3261 22.3). */
export interface Credentials {
  readonly username: string;
  readonly password: string;
  /** The only realm to answer; null binds to the realm that challenges first. */
  readonly realm?: string | null;
}
