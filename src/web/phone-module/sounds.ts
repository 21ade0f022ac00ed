/** Tones that the phone makes itself. */

import type { CallState } from './machine.ts';

type Step = readonly [frequencies: readonly number[], ms: number];

/** Two soft notes, twice, and a pause. */
const bell: readonly Step[] = [
  [[587, 740], 350],
  [[740, 880], 350],
  [[], 150],
  [[587, 740], 350],
  [[740, 880], 350],
  [[], 1800],
];

/** As in most of Europe: one second of 425 Hz in five. */
const ringback: readonly Step[] = [
  [[425], 1000],
  [[], 4000],
];

/** ITU-T Q.23. */
const rows = [697, 770, 852, 941];
const columns = [1209, 1336, 1477, 1633];
const keys = '123A456B789C*0#D';

const ramp = 0.012;

export class Sounds {
  readonly context = new AudioContext();
  #signalled: CallState = 'idle';
  #stop: (() => void) | undefined;

  /** Browsers keep a page silent until somebody touches it: call this from every gesture. */
  wake(): void {
    if (this.context.state === 'suspended') this.context.resume().catch(() => {});
  }

  /** What a call in this state sounds like, as far as nobody else makes the sound. */
  signal(state: CallState): void {
    if (state === this.#signalled) return;
    this.#signalled = state;
    this.#stop?.();
    this.#stop = undefined;
    if (state === 'incoming') this.#repeat(bell, 0.12);
    if (state === 'ringing') this.#repeat(ringback, 0.05);
  }

  key(key: string): void {
    const index = keys.indexOf(key);
    const row = rows[Math.floor(index / 4)];
    const column = columns[index % 4];
    if (row === undefined || column === undefined) return;
    this.#play([row, column], 0.04, this.context.currentTime, 110);
  }

  #repeat(steps: readonly Step[], gain: number): void {
    const lengthMs = steps.reduce((sum, [, ms]) => sum + ms, 0);
    let playing: OscillatorNode[] = [];
    const once = (): void => {
      let at = this.context.currentTime;
      playing = [];
      for (const [frequencies, ms] of steps) {
        playing.push(...this.#play(frequencies, gain, at, ms));
        at += ms / 1000;
      }
    };
    once();
    const timer = setInterval(once, lengthMs);
    this.#stop = () => {
      clearInterval(timer);
      for (const oscillator of playing) oscillator.stop();
    };
  }

  #play(frequencies: readonly number[], gain: number, at: number, ms: number): OscillatorNode[] {
    const end = at + ms / 1000;
    const volume = this.context.createGain();
    volume.gain.setValueAtTime(0, at);
    volume.gain.linearRampToValueAtTime(gain, at + ramp);
    volume.gain.setValueAtTime(gain, end - ramp);
    volume.gain.linearRampToValueAtTime(0, end);
    volume.connect(this.context.destination);
    return frequencies.map((frequency) => {
      const oscillator = new OscillatorNode(this.context, { frequency });
      oscillator.connect(volume);
      oscillator.start(at);
      oscillator.stop(end);
      return oscillator;
    });
  }
}
