/** What the users prove themselves with. */

import { isDeepStrictEqual } from 'node:util';
import type { Random } from '../base/random.ts';
import { type DigestAlgorithm, digestAlgorithms, ha1 } from '../sip/message/digest.ts';

export interface UserCredentials {
  readonly name: string;
  readonly password: string;
}

export class UserSecrets {
  readonly #realm: string;
  #secrets: ReadonlyMap<string, ReadonlyMap<DigestAlgorithm, string>>;
  /** Compared against in place of a user that does not exist, so that the time taken tells nothing. */
  readonly #nobody: string;

  constructor(realm: string, users: Iterable<UserCredentials>, random: Random) {
    this.#realm = realm;
    this.#secrets = secretsByName(users, realm);
    this.#nobody = random.token(32);
  }

  /** Returns the names of those who are no longer there or have another password now. */
  replace(users: Iterable<UserCredentials>): string[] {
    const before = this.#secrets;
    this.#secrets = secretsByName(users, this.#realm);
    return [...before].flatMap(([name, secrets]) => (isDeepStrictEqual(secrets, this.#secrets.get(name)) ? [] : [name]));
  }

  /** The secret of a user; one that nobody knows for an unknown user. */
  ha1Of(name: string, algorithm: DigestAlgorithm): string {
    return this.#secrets.get(name)?.get(algorithm) ?? this.#nobody;
  }
}

function secretsByName(users: Iterable<UserCredentials>, realm: string): ReadonlyMap<string, ReadonlyMap<DigestAlgorithm, string>> {
  return new Map([...users].map((user) => [user.name, secretsOf(user, realm)]));
}

function secretsOf({ name, password }: UserCredentials, realm: string): ReadonlyMap<DigestAlgorithm, string> {
  return new Map(digestAlgorithms.map((algorithm) => [algorithm, ha1(algorithm, name, realm, password)]));
}
