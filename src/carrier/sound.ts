/** Sounds of a telephone exchange, computed as they are played. Levels are dBm0. */

/** Samples a second. */
export const sampleRate = 8000;

/** The linear sample, -32768 .. 32767, at a time in samples since the sound began; undefined once it is over. */
export type Sound = (at: number) => number | undefined;

/** A full-scale sine has 3.17 dBm0 in mu-law (ITU-T G.711, table 5). */
const fullScaleDbm0 = 3.17;
const fullScale = 32_635;

/** One or more sines at once, each at `levelDbm0`, without end. */
export function tone(frequenciesHz: readonly number[], levelDbm0 = -13): Sound {
  const amplitude = fullScale * 10 ** ((levelDbm0 - fullScaleDbm0) / 20);
  return (at) => Math.round(frequenciesHz.reduce((sum, hz) => sum + amplitude * Math.sin((2 * Math.PI * hz * at) / sampleRate), 0));
}

export const silence: Sound = () => 0;

export interface Part {
  readonly sound: Sound;
  readonly ms: number;
}

/** The parts one after the other, once. */
export function sequence(parts: readonly Part[]): Sound {
  return (at) => {
    let begin = 0;
    for (const { sound, ms } of parts) {
      const end = begin + (ms * sampleRate) / 1000;
      if (at < end) return sound(at - begin);
      begin = end;
    }
    return undefined;
  };
}

/** The parts over and over. */
function cadence(parts: readonly Part[]): Sound {
  const once = sequence(parts);
  const length = parts.reduce((sum, { ms }) => sum + (ms * sampleRate) / 1000, 0);
  return (at) => once(at % length);
}

/** ITU-T O.6 and Q.35: the reference tone at 0 dBm0; 1004 Hz keeps clear of the sampling rate. */
export const milliwatt = tone([1004], 0);

/** North American call progress tones. */
export const ringingTone = cadence([
  { sound: tone([440, 480]), ms: 2000 },
  { sound: silence, ms: 4000 },
]);
export const busyTone = cadence([
  { sound: tone([480, 620]), ms: 500 },
  { sound: silence, ms: 500 },
]);

/** ITU-T E.180: three rising tones ahead of a failure. */
export const informationTone = sequence([950, 1400, 1800].map((hz) => ({ sound: tone([hz]), ms: 330 })));

const columnsHz = [1209, 1336, 1477, 1633];
const rows = [
  { hz: 697, digits: '123A' },
  { hz: 770, digits: '456B' },
  { hz: 852, digits: '789C' },
  { hz: 941, digits: '*0#D' },
];

/** The digit's pair of tones (ITU-T Q.23) for 250 ms; silence for what is no digit. */
export function digitTone(digit: string): Sound {
  const row = rows.find(({ digits }) => digits.includes(digit));
  const column = columnsHz[row?.digits.indexOf(digit) ?? -1];
  const sound = row && column !== undefined ? tone([row.hz, column], -9) : silence;
  return sequence([{ sound, ms: 250 }]);
}
