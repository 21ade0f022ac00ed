/** Many small engines behind one deadline. */

import { DeadlineQueue } from '../base/clock.ts';

export interface Timed {
  /** Milliseconds of the monotonic clock; Infinity when nothing is due. */
  readonly deadline: number;
  /** Called once `deadline` has passed; afterwards `deadline` must lie ahead. */
  expire(now: number): void;
}

export class Schedule implements Timed {
  readonly #queue = new DeadlineQueue<Timed>();
  readonly #moved: () => void;

  /** `moved` is called when `deadline` may have come nearer. */
  constructor(moved: () => void) {
    this.#moved = moved;
  }

  get deadline(): number {
    return this.#queue.deadline;
  }

  /** To be called after whatever may have changed the item's deadline. */
  update(item: Timed): void {
    const { deadline } = item;
    this.#queue.set(item, deadline);
    if (deadline !== Number.POSITIVE_INFINITY && deadline <= this.#queue.deadline) this.#moved();
  }

  remove(item: Timed): void {
    this.#queue.delete(item);
  }

  expire(now: number): void {
    for (let item = this.#queue.takeExpired(now); item; item = this.#queue.takeExpired(now)) {
      item.expire(now);
      this.update(item);
    }
  }
}
