/** While a call is on: levels of both sides, its duration and its quality. */

import { element, newElement, setText } from './dom.ts';
import { floorDb, formatLevel, Peak } from './level.ts';
import { LevelMeter } from './level-meter.ts';
import { formatDuration } from './number.ts';
import { type Quality, qualityBetween, qualityFigures, type Rating, type ReceptionSample } from './quality.ts';
import { receptionOf } from './reception.ts';
import { Ribbon } from './ribbon.ts';
import type { CallView } from './softphone.ts';

/** About what a meter hears at once. */
const listenMs = 40;
const tellMs = 500;
const sampleMs = 1000;
/** Loss is counted over this many samples. */
const windowSamples = 5;

const ratings: Readonly<Record<Rating, string>> = { good: 'Good line', fair: 'Fair line', poor: 'Poor line' };

export class CallMonitor {
  readonly #ours: LevelMeter;
  readonly #theirs: LevelMeter;
  readonly #connection: () => RTCPeerConnection | undefined;
  readonly #calm = matchMedia('(prefers-reduced-motion: reduce)').matches;
  readonly #stepMs = this.#calm ? 500 : 90;
  /** For the ribbon and for the figures. */
  readonly #peaks = { us: [new Peak(), new Peak()], them: [new Peak(), new Peak()] } as const;
  readonly #ribbon = new Ribbon(element('ribbon', HTMLCanvasElement), { stepMs: this.#stepMs, glides: !this.#calm });
  #samples: readonly ReceptionSample[] = [];
  #timers: readonly number[] = [];
  #frame = 0;
  #sinceMs: number | null = null;

  constructor(context: AudioContext, connection: () => RTCPeerConnection | undefined) {
    this.#ours = new LevelMeter(context);
    this.#theirs = new LevelMeter(context);
    this.#connection = connection;
  }

  microphone(stream: MediaStream | null): void {
    this.#ours.listenTo(stream);
  }

  sound(stream: MediaStream | null): void {
    this.#theirs.listenTo(stream);
  }

  follow(call: CallView): void {
    this.#sinceMs = call.sinceMs;
    const active = call.state !== 'idle' && call.state !== 'incoming';
    if (active && this.#timers.length === 0) this.#start();
    if (!active && this.#timers.length > 0) this.#stop();
    this.#tellDuration();
  }

  #start(): void {
    this.#samples = [];
    this.#ribbon.clear();
    this.#showQuality(null);
    this.#tellLevels();
    this.#timers = [
      setInterval(() => this.#listen(), listenMs),
      setInterval(() => this.#ribbon.push(this.#peaks.us[0].take(), this.#peaks.them[0].take(), performance.now()), this.#stepMs),
      setInterval(() => this.#tellLevels(), tellMs),
      setInterval(() => this.#tellDuration(), tellMs),
      setInterval(() => this.#sample().catch(() => this.#showQuality(null)), sampleMs),
    ];
    this.#draw();
  }

  #stop(): void {
    for (const timer of this.#timers) clearInterval(timer);
    this.#timers = [];
    cancelAnimationFrame(this.#frame);
  }

  #draw(): void {
    this.#frame = requestAnimationFrame((nowMs) => {
      this.#ribbon.draw(nowMs);
      this.#draw();
    });
  }

  #tellDuration(): void {
    setText(element('duration'), this.#sinceMs === null ? '' : formatDuration(performance.now() - this.#sinceMs));
  }

  #listen(): void {
    for (const peak of this.#peaks.us) peak.add(this.#ours.db);
    for (const peak of this.#peaks.them) peak.add(this.#theirs.db);
  }

  #tellLevels(): void {
    tellLevel('us', this.#peaks.us[1].take());
    tellLevel('them', this.#peaks.them[1].take());
  }

  async #sample(): Promise<void> {
    const connection = this.#connection();
    const sample = connection && receptionOf(await connection.getStats());
    if (!sample || this.#timers.length === 0) return;
    this.#samples = [...this.#samples, sample].slice(-windowSamples);
    const [oldest] = this.#samples;
    if (oldest && oldest !== sample) this.#showQuality(qualityBetween(oldest, sample));
  }

  #showQuality(quality: Quality | null): void {
    element('quality').dataset['rating'] = quality?.rating ?? 'unknown';
    setText(element('rating'), quality ? ratings[quality.rating] : '');
    const figures = quality ? qualityFigures(quality) : [];
    element('quality-list').replaceChildren(
      ...figures.map(([name, value]) => newElement('div', 'figure', newElement('dt', '', name), newElement('dd', '', value))),
    );
  }
}

function tellLevel(side: 'us' | 'them', db: number): void {
  const text = db <= floorDb ? 'silent' : formatLevel(db);
  const meter = element(`meter-${side}`, HTMLMeterElement);
  meter.value = db;
  meter.setAttribute('aria-valuetext', text);
  setText(element(`level-${side}`), text);
}
