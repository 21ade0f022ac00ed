/** What the users prove themselves with. They may come and go while the gateway runs. */

import type { DigestAlgorithm } from '../sip/message/digest.ts';

export interface Credentials {
  /** The digest secret (RFC 7616 section 3.4.2); null for a user who is not known, or not by this algorithm. */
  ha1(user: string, algorithm: DigestAlgorithm): string | null;
}
