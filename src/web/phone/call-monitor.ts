/** While a call is on: levels of both sides, its duration and its quality. */

import { element, newElement, setText } from './dom.ts';
import { floorDb } from './level.ts';
import { LevelMeter } from './level-meter.ts';
import { formatDuration } from './number.ts';
import { type Quality, qualityBetween, qualityFigures, type Rating, type ReceptionSample } from './quality.ts';
import { sampleReception } from './reception.ts';
import { Ribbon } from './ribbon.ts';
import type { PhoneView } from './softphone.ts';

const drawMs = 60;
const tellMs = 500;
const sampleMs = 1000;
/** Loss is counted over this many samples. */
const windowSamples = 5;

const ratings: Readonly<Record<Rating, string>> = { good: 'Good line', fair: 'Fair line', poor: 'Poor line' };

export class CallMonitor {
  readonly #ours: LevelMeter;
  readonly #theirs: LevelMeter;
  readonly #ribbon = new Ribbon(element('ribbon', HTMLCanvasElement));
  readonly #connection: () => RTCPeerConnection | undefined;
  #samples: ReceptionSample[] = [];
  #timers: number[] = [];
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

  follow({ call }: PhoneView): void {
    this.#sinceMs = call.sinceMs;
    const active = call.state !== 'idle' && call.state !== 'incoming';
    if (active && this.#timers.length === 0) this.#start();
    if (!active && this.#timers.length > 0) this.#stop();
    setText(element('duration'), this.#duration());
  }

  #start(): void {
    this.#samples = [];
    this.#showQuality(null);
    this.#ribbon.clear();
    this.#timers = [
      setInterval(() => this.#ribbon.push(this.#ours.db, this.#theirs.db), drawMs),
      setInterval(() => this.#tell(), tellMs),
      setInterval(() => this.#sample().catch(() => {}), sampleMs),
    ];
  }

  #stop(): void {
    for (const timer of this.#timers) clearInterval(timer);
    this.#timers = [];
  }

  #duration(): string {
    return this.#sinceMs === null ? '' : formatDuration(performance.now() - this.#sinceMs);
  }

  #tell(): void {
    setText(element('duration'), this.#duration());
    tellLevel('us', this.#ours.db);
    tellLevel('them', this.#theirs.db);
  }

  async #sample(): Promise<void> {
    const connection = this.#connection();
    const sample = connection && (await sampleReception(connection));
    if (!sample || this.#timers.length === 0) return;
    this.#samples = [...this.#samples, sample].slice(-windowSamples);
    const [oldest] = this.#samples;
    if (oldest && oldest !== sample) this.#showQuality(qualityBetween(oldest, sample));
  }

  #showQuality(quality: Quality | null): void {
    element('quality').dataset['rating'] = quality?.rating ?? 'unknown';
    setText(element('rating'), quality ? ratings[quality.rating] : 'Measuring');
    const values = quality ? qualityFigures(quality) : [];
    element('quality-list').replaceChildren(
      ...values.map(([name, value]) => newElement('div', 'figure', newElement('dt', '', name), newElement('dd', '', value))),
    );
  }
}

function tellLevel(side: 'us' | 'them', db: number): void {
  const text = db <= floorDb ? 'silent' : `${db.toFixed(0)} dB`;
  const meter = element(`meter-${side}`, HTMLMeterElement);
  meter.value = db;
  meter.setAttribute('aria-valuetext', text);
  setText(element(`level-${side}`), text);
}
