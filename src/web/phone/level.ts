/** Loudness of samples. */

/** What counts as silence on a meter. */
export const floorDb = -60;

/** Root mean square of samples between -1 and 1, in dB below full scale; never under the floor. */
export function levelDb(samples: Float32Array): number {
  let sum = 0;
  for (const sample of samples) sum += sample * sample;
  return Math.max(floorDb, 10 * Math.log10(sum / samples.length || 1e-12));
}

/** The height of a meter: 0 for silence, 1 for full scale. */
export function meterHeight(db: number): number {
  return Math.min(1, Math.max(0, 1 - db / floorDb));
}

/** The loudest of several measurements: speech is shorter than the time between two looks at a meter. */
export class Peak {
  #db = floorDb;

  add(db: number): void {
    this.#db = Math.max(this.#db, db);
  }

  /** Since the last time. */
  take(): number {
    const db = this.#db;
    this.#db = floorDb;
    return db;
  }
}

/** With a true minus sign: `−18 dB`. */
export function formatLevel(db: number): string {
  return `${db < -0.5 ? '−' : ''}${Math.abs(db).toFixed(0)} dB`;
}
