/**
 * Tells what happens to a leg for the first time, or changes. Whatever a peer or a stranger does, it stays little: so much of each
 * kind in the life of a leg, so much of all kinds in a second. What is not told is counted all the same.
 */

import type { SocketAddress } from '../base/address.ts';
import type { MilestoneName } from '../events/media-milestone.ts';
import type { LegMilestone } from './media-relay.ts';

const perKind = 50;
const perSecond = 20;

export interface MilestonesOut {
  milestone(milestone: LegMilestone): void;
}

export class Milestones {
  readonly #out: MilestonesOut;
  /** The name of each; of what is told once, with its detail too. */
  #told: readonly string[] = [];
  #budget = perSecond;

  constructor(out: MilestonesOut) {
    this.#out = out;
  }

  /** False if too much was told already. */
  tell(what: MilestoneName, remote: SocketAddress | null, detail = ''): boolean {
    if (this.#budget === 0 || this.#told.filter((name) => name === what).length >= perKind) return false;
    this.#budget--;
    this.#told = this.#told.concat(what);
    this.#out.milestone({ what, remote, detail });
    return true;
  }

  /** Tells it once with each `detail`: of these there must be few. */
  first(what: MilestoneName, remote: SocketAddress | null, detail = ''): void {
    const key = `${what} ${detail}`;
    if (!this.#told.includes(key) && this.tell(what, remote, detail)) this.#told = this.#told.concat(key);
  }

  /** Once a second. */
  tick(): void {
    this.#budget = perSecond;
  }
}
