/** What the carrier's numbers do, each as a short script. */

import { busyTone, digitTone, informationTone, milliwatt, ringingTone, type Sound, sequence, silence, tone } from './sound.ts';

/** A call as a script plays it. Once the call is over nothing has an effect, and no pause ends. */
export interface Line {
  /** 180. */
  ring(): void;
  /** 183: what is played now is heard before the answer. */
  openEarly(): void;
  answer(): void;
  refuse(status: number): void;
  hangUp(): void;
  play(sound: Sound): void;
  echo(): void;
  onDigit(heard: (digit: string) => void): void;
  pause(ms: number): Promise<void>;
  /** Calls the caller back, this long after the present call is over. */
  callBackAfter(delayMs: number): void;
}

export interface Station {
  readonly text: string;
  /** Plays an incoming call. */
  run(line: Line): Promise<void>;
  /** Plays a call that the carrier made, from its answer on. */
  answered?(line: Line): void;
}

/** Short and friendly: the line is open. */
const chime = sequence([
  { sound: tone([880]), ms: 120 },
  { sound: silence, ms: 60 },
  { sound: tone([1175]), ms: 180 },
]);

const echo: Station = {
  text: 'echo: what you say comes back',
  async run(line) {
    line.ring();
    await line.pause(1000);
    line.answer();
    line.play(chime);
    await line.pause(500);
    line.echo();
  },
};

const reference: Station = {
  text: 'a milliwatt tone, 1004 Hz',
  async run(line) {
    line.answer();
    line.play(milliwatt);
  },
};

const busy: Station = {
  text: 'early media, then busy',
  async run(line) {
    line.openEarly();
    line.play(ringingTone);
    await line.pause(2000);
    line.play(informationTone);
    await line.pause(1100);
    line.play(busyTone);
    await line.pause(2900);
    line.refuse(486);
  },
};

const attendant: Station = {
  text: 'an attendant that repeats the digits you press',
  async run(line) {
    line.ring();
    await line.pause(500);
    line.answer();
    line.play(chime);
    line.onDigit((digit) => line.play(digitTone(digit)));
  },
};

const callBackDelayMs = 2000;

const callBack: Station = {
  text: 'hang up, and it calls you back',
  async run(line) {
    line.answer();
    line.play(chime);
    line.callBackAfter(callBackDelayMs);
    await line.pause(10_000);
    line.hangUp();
  },
  answered(line) {
    line.echo();
  },
};

export const stations: ReadonlyMap<string, Station> = new Map([
  ['600', echo],
  ['1004', reference],
  ['486', busy],
  ['880', callBack],
  ['700', attendant],
]);
