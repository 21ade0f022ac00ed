/** Listens to one stream and says how loud it is. */

import { floorDb, levelDb } from './level.ts';

export class LevelMeter {
  readonly #context: AudioContext;
  readonly #analyser: AnalyserNode;
  readonly #samples: Float32Array<ArrayBuffer>;
  #source: MediaStreamAudioSourceNode | undefined;

  constructor(context: AudioContext) {
    this.#context = context;
    // 43 ms at 48 kHz.
    this.#analyser = new AnalyserNode(context, { fftSize: 2048 });
    this.#samples = new Float32Array(this.#analyser.fftSize);
  }

  listenTo(stream: MediaStream | null): void {
    this.#source?.disconnect();
    this.#source = undefined;
    if (!stream || stream.getAudioTracks().length === 0) return;
    this.#source = this.#context.createMediaStreamSource(stream);
    this.#source.connect(this.#analyser);
  }

  /** Of the last moment, dB below full scale. */
  get db(): number {
    if (!this.#source) return floorDb;
    this.#analyser.getFloatTimeDomainData(this.#samples);
    return levelDb(this.#samples);
  }
}
