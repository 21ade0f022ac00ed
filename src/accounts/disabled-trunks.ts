/** Trunks that an operator has taken out of use: in memory for calls, in the store for the next start. */

import type { Clock } from '../base/clock.ts';
import type { Store } from '../store/store.ts';
import type { TrunkSwitches } from './account.ts';

export class DisabledTrunks implements TrunkSwitches {
  readonly #store: Store;
  readonly #clock: Pick<Clock, 'wallTime'>;
  readonly #names: Set<string>;

  /** Rejects with StoreError. */
  static async open(store: Store, clock: Pick<Clock, 'wallTime'>): Promise<DisabledTrunks> {
    const rows = await store.query({ sql: 'SELECT name FROM disabled_trunks', values: [] });
    return new DisabledTrunks(store, clock, new Set(rows.map(({ name }) => String(name))));
  }

  private constructor(store: Store, clock: Pick<Clock, 'wallTime'>, names: Set<string>) {
    this.#store = store;
    this.#clock = clock;
    this.#names = names;
  }

  isEnabled(trunk: string): boolean {
    return !this.#names.has(trunk);
  }

  async setEnabled(trunk: string, enabled: boolean): Promise<void> {
    const insert = { sql: 'INSERT OR IGNORE INTO disabled_trunks (name, since) VALUES (?, ?)', values: [trunk, this.#clock.wallTime()] };
    await this.#store.commit([enabled ? { sql: 'DELETE FROM disabled_trunks WHERE name = ?', values: [trunk] } : insert]);
    if (enabled) this.#names.delete(trunk);
    else this.#names.add(trunk);
  }
}
