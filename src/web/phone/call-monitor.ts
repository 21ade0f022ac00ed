/** While a call is on: levels of both sides, its duration and its quality. */

import { newElement, setText } from '../phone-module/dom.ts';
import { formatDuration } from '../phone-module/number.ts';
import type { CallView } from '../phone-module/phone-events.ts';
import { type Quality, qualityFigures, type Rating } from '../phone-module/quality.ts';
import { element } from './dom.ts';
import { floorDb, formatLevel, Peak } from './level.ts';
import { LevelMeter } from './level-meter.ts';
import { Ribbon } from './ribbon.ts';

/** About what a meter hears at once. */
const listenMs = 40;
const tellMs = 500;

const ratings: Readonly<Record<Rating, string>> = { good: 'Good line', fair: 'Fair line', poor: 'Poor line' };

export class CallMonitor {
  readonly #ours: LevelMeter;
  readonly #theirs: LevelMeter;
  readonly #calm = matchMedia('(prefers-reduced-motion: reduce)').matches;
  readonly #stepMs = this.#calm ? 500 : 90;
  /** For the ribbon and for the figures. */
  readonly #peaks = { us: [new Peak(), new Peak()], them: [new Peak(), new Peak()] } as const;
  readonly #ribbon = new Ribbon(element('ribbon', HTMLCanvasElement), { stepMs: this.#stepMs, glides: !this.#calm });
  #timers: readonly number[] = [];
  #frame = 0;
  #sinceMs: number | null = null;

  constructor(context: AudioContext) {
    this.#ours = new LevelMeter(context);
    this.#theirs = new LevelMeter(context);
  }

  microphone(stream: MediaStream | null): void {
    this.#ours.listenTo(stream);
  }

  sound(stream: MediaStream | null): void {
    this.#theirs.listenTo(stream);
  }

  /** null until it is known. */
  quality(quality: Quality | null): void {
    element('quality').dataset['rating'] = quality?.rating ?? 'unknown';
    setText(element('rating'), quality ? ratings[quality.rating] : '');
    const figures = quality ? qualityFigures(quality) : [];
    element('quality-list').replaceChildren(
      ...figures.map(([name, value]) => newElement('div', 'figure', newElement('dt', '', name), newElement('dd', '', value))),
    );
  }

  follow(call: CallView): void {
    this.#sinceMs = call.sinceMs;
    const active = call.state !== 'idle' && call.state !== 'incoming';
    if (active && this.#timers.length === 0) this.#start();
    if (!active && this.#timers.length > 0) this.#stop();
    this.#tellDuration();
  }

  #start(): void {
    this.#ribbon.clear();
    this.quality(null);
    this.#tellLevels();
    this.#timers = [
      setInterval(() => this.#listen(), listenMs),
      setInterval(() => this.#ribbon.push(this.#peaks.us[0].take(), this.#peaks.them[0].take(), performance.now()), this.#stepMs),
      setInterval(() => this.#tellLevels(), tellMs),
      setInterval(() => this.#tellDuration(), tellMs),
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
}

function tellLevel(side: 'us' | 'them', db: number): void {
  const text = db <= floorDb ? 'silent' : formatLevel(db);
  const meter = element(`meter-${side}`, HTMLMeterElement);
  meter.value = db;
  meter.setAttribute('aria-valuetext', text);
  setText(element(`level-${side}`), text);
}
