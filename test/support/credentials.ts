/** Users with passwords, for a registrar. */

import type { Credentials } from '../../src/registrar/credentials.ts';
import { ha1 } from '../../src/sip/message/digest.ts';

export function credentialsOf(realm: string, passwords: Readonly<Record<string, string>>): Credentials {
  const known = new Map(Object.entries(passwords));
  return {
    ha1(user, algorithm) {
      const password = known.get(user);
      return password === undefined ? null : ha1(algorithm, user, realm, password);
    },
  };
}
