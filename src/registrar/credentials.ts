/** What the users prove themselves with. */

import type { Random } from '../base/random.ts';
import { type DigestAlgorithm, digestAlgorithms, ha1 } from '../sip/message/digest.ts';

/** `ha1`: H(name:realm:password) by algorithm, lower-case hex, for who does not keep passwords. */
export type UserCredentials = { readonly name: string } & (
  | { readonly password: string }
  | { readonly ha1: Readonly<Partial<Record<DigestAlgorithm, string>>> }
);

export class UserSecrets {
  readonly #secrets = new Map<string, ReadonlyMap<DigestAlgorithm, string>>();
  /** Compared against in place of a user that does not exist, so that the time taken tells nothing. */
  readonly #nobody: string;

  constructor(realm: string, users: Iterable<UserCredentials>, random: Random) {
    for (const user of users) this.#secrets.set(user.name, secretsOf(user, realm));
    this.#nobody = random.token(32);
  }

  /** The secret of a user; one that nobody knows for an unknown user or algorithm. */
  ha1Of(name: string, algorithm: DigestAlgorithm): string {
    return this.#secrets.get(name)?.get(algorithm) ?? this.#nobody;
  }
}

function secretsOf(user: UserCredentials, realm: string): ReadonlyMap<DigestAlgorithm, string> {
  const secrets = new Map<DigestAlgorithm, string>();
  for (const algorithm of digestAlgorithms) {
    const secret = 'password' in user ? ha1(algorithm, user.name, realm, user.password) : user.ha1[algorithm];
    if (secret !== undefined) secrets.set(algorithm, secret);
  }
  return secrets;
}
