import { describe, expect, test } from 'vitest';
import { encodePcma, encodePcmu } from '../../../src/carrier/g711.ts';
import { busyTone, digitTone, informationTone, milliwatt, type Sound, sampleRate, sequence, tone } from '../../../src/carrier/sound.ts';
import { decodeG711 } from '../../support/g711.ts';
import { longestGapMs, Spectrum } from '../../support/tone-meter.ts';

function samples(sound: Sound, seconds: number, begin = 0): Float32Array {
  return Float32Array.from({ length: seconds * sampleRate }, (_, n) => (sound(begin * sampleRate + n) ?? 0) / 32768);
}

describe.each([
  ['PCMU', encodePcmu],
  ['PCMA', encodePcma],
] as const)('%s', (codec, encode) => {
  const linear = decodeG711(
    codec,
    Uint8Array.from({ length: 256 }, (_, code) => code),
  );

  test('gives back the value of every code', () => {
    const again = decodeG711(
      codec,
      Uint8Array.from(linear, (value) => encode(value * 32768)),
    );
    expect(again).toEqual(linear);
  });

  test('is never further off than a step, whatever the sample', () => {
    for (let sample = -32768; sample < 32768; sample += 7) {
      const heard = (linear[encode(sample)] ?? 0) * 32768;
      expect(Math.abs(heard - sample)).toBeLessThanOrEqual(Math.max(16, Math.abs(sample) / 16));
    }
  });
});

describe('sounds', () => {
  test('the milliwatt has 1004 Hz and 0 dBm0', () => {
    const heard = new Spectrum(
      decodeG711(
        'PCMU',
        Uint8Array.from(samples(milliwatt, 1), (sample) => encodePcmu(sample * 32768)),
      ),
      8000,
    );
    expect(heard.strongest().frequencyHz).toBeCloseTo(1004, 1);
    expect(heard.strongest().levelDbfs).toBeCloseTo(-3.2, 1);
  });

  test('busy is half a second of 480 and 620 Hz and half a second of nothing', () => {
    const spectrum = new Spectrum(samples(busyTone, 0.5), 8000);
    expect(spectrum.levelNear(480)).toBeCloseTo(-16.2, 0);
    expect(spectrum.levelNear(620)).toBeCloseTo(-16.2, 0);
    expect(longestGapMs(samples(busyTone, 3), 8000)).toBeCloseTo(500, -1);
  });

  test('a digit is its two tones', () => {
    const spectrum = new Spectrum(samples(digitTone('5'), 0.25), 8000);
    expect(spectrum.levelNear(770)).toBeGreaterThan(-13);
    expect(spectrum.levelNear(1336)).toBeGreaterThan(-13);
    expect(samples(digitTone('x'), 0.25).every((sample) => sample === 0)).toBe(true);
  });

  test('a sequence ends', () => {
    const sound = sequence([{ sound: tone([440]), ms: 10 }]);
    expect(sound(79)).toBeDefined();
    expect(sound(80)).toBeUndefined();
    expect(new Spectrum(samples(informationTone, 0.33, 0.33), 8000).strongest().frequencyHz).toBeCloseTo(1400, 0);
  });
});
