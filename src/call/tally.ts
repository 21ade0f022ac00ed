/** How many there are of each name; names of which there are none take no room. */

import { invariant } from '../base/errors.ts';

export class Tally {
  readonly #counts = new Map<string, number>();

  of(name: string): number {
    return this.#counts.get(name) ?? 0;
  }

  add(name: string): void {
    this.#counts.set(name, this.of(name) + 1);
  }

  /** One that was added. */
  remove(name: string): void {
    const count = this.of(name) - 1;
    invariant(count >= 0, 'more was taken away than was added');
    if (count > 0) this.#counts.set(name, count);
    else this.#counts.delete(name);
  }
}
