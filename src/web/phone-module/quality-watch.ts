/** Measures the reception of one connection every second. */

import { type Quality, qualityBetween, type ReceptionSample } from './quality.ts';
import { receptionOf } from './reception.ts';

const sampleMs = 1000;
/** Loss is counted over this many samples. */
const windowSamples = 5;

export class QualityWatch {
  readonly #tell: (quality: Quality) => void;
  #timer: ReturnType<typeof setInterval> | undefined;
  #samples: readonly ReceptionSample[] = [];

  constructor(tell: (quality: Quality) => void) {
    this.#tell = tell;
  }

  start(connection: RTCPeerConnection): void {
    this.stop();
    // A connection that is closing has nothing more to say.
    this.#timer = setInterval(() => this.#sample(connection).catch(() => {}), sampleMs);
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
    this.#samples = [];
  }

  async #sample(connection: RTCPeerConnection): Promise<void> {
    const sample = receptionOf(await connection.getStats());
    if (!sample || this.#timer === undefined) return;
    this.#samples = [...this.#samples, sample].slice(-windowSamples);
    const [oldest] = this.#samples;
    if (oldest && oldest !== sample) this.#tell(qualityBetween(oldest, sample));
  }
}
