/** What the users prove themselves with. */

import type { Random } from '../base/random.ts';
import { type DigestAlgorithm, digestAlgorithms, ha1 } from '../sip/message/digest.ts';

export interface UserCredentials {
  readonly name: string;
  readonly password: string;
}

export class UserSecrets {
  readonly #secrets = new Map<string, ReadonlyMap<DigestAlgorithm, string>>();
  /** Compared against in place of a user that does not exist, so that the time taken tells nothing. */
  readonly #nobody: string;

  constructor(realm: string, users: Iterable<UserCredentials>, random: Random) {
    for (const user of users) this.#secrets.set(user.name, secretsOf(user, realm));
    this.#nobody = random.token(32);
  }

  /** The secret of a user; one that nobody knows for an unknown user. */
  ha1Of(name: string, algorithm: DigestAlgorithm): string {
    return this.#secrets.get(name)?.get(algorithm) ?? this.#nobody;
  }
}

function secretsOf({ name, password }: UserCredentials, realm: string): ReadonlyMap<DigestAlgorithm, string> {
  return new Map(digestAlgorithms.map((algorithm) => [algorithm, ha1(algorithm, name, realm, password)]));
}
