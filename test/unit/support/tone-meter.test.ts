import { describe, expect, test } from 'vitest';
import { decodeG711, encodeG711, type G711 } from '../../support/g711.ts';
import { longestGapMs, measureTone, Spectrum, silenceDbfs, sine } from '../../support/tone-meter.ts';

function mix(...parts: readonly Float32Array[]): Float32Array {
  return Float32Array.from({ length: parts[0]?.length ?? 0 }, (_, n) => parts.reduce((sum, part) => sum + (part[n] ?? 0), 0));
}

describe('a tone', () => {
  test.each([
    [620, 48000, 2],
    [1004, 8000, 2],
    [1004.4, 8000, 0.5],
    [3333.3, 44100, 1],
  ])('of %d Hz at %d samples a second is found', (frequency, rate, seconds) => {
    const tone = new Spectrum(sine(frequency, -10, rate, seconds), rate).strongest();
    expect(tone.frequencyHz).toBeCloseTo(frequency, 1);
    expect(tone.levelDbfs).toBeCloseTo(-10, 1);
  });

  test('is told from another 60 dB below it', () => {
    const samples = mix(sine(1004, -3, 8000, 2), sine(620, -63, 8000, 2));
    const report = measureTone(samples, 8000, 620);
    expect(report.frequencyHz).toBeCloseTo(1004, 1);
    expect(report.rejectionDb).toBeCloseTo(60, 0);
  });

  test('alone leaves more than 80 dB to any other frequency', () => {
    expect(measureTone(sine(620, -10, 48000, 2), 48000, 1004).rejectionDb).toBeGreaterThan(80);
  });

  test('of silence has the level of silence', () => {
    expect(new Spectrum(new Float32Array(8000), 8000).strongest().levelDbfs).toBe(silenceDbfs);
  });
});

describe.each<G711>(['PCMU', 'PCMA'])('through %s', (codec) => {
  test('a tone keeps its frequency and level', () => {
    const heard = decodeG711(codec, encodeG711(codec, sine(1004, -10, 8000, 2)));
    const report = measureTone(heard, 8000, 620);
    expect(report.frequencyHz).toBeCloseTo(1004, 1);
    expect(report.levelDbfs).toBeCloseTo(-10, 1);
    expect(report.rejectionDb).toBeGreaterThan(40);
  });

  test('every code word stands for itself', () => {
    const codes = Uint8Array.from({ length: 256 }, (_, byte) => byte);
    const again = decodeG711(codec, encodeG711(codec, decodeG711(codec, codes)));
    expect(again).toEqual(decodeG711(codec, codes));
  });
});

test('the digital milliwatt of G.711 is 0 dBm0, 3.2 dB below full scale', () => {
  const milliwatt = Uint8Array.from({ length: 8000 }, (_, n) => [0x1e, 0x0b, 0x0b, 0x1e, 0x9e, 0x8b, 0x8b, 0x9e][n % 8] as number);
  const tone = new Spectrum(decodeG711('PCMU', milliwatt), 8000).strongest();
  expect(tone.frequencyHz).toBeCloseTo(1000, 1);
  expect(tone.levelDbfs).toBeCloseTo(-3.2, 1);
});

describe('the longest gap', () => {
  test('of a steady tone is less than a period', () => {
    expect(longestGapMs(sine(620, -10, 48000, 1), 48000)).toBeLessThan(1);
  });

  test('is the length of the silence', () => {
    const samples = sine(620, -10, 48000, 2);
    samples.fill(0, 24000, 24000 + 2880);
    expect(longestGapMs(samples, 48000)).toBeCloseTo(60, 0);
  });

  test('counts what is missing at the end', () => {
    const samples = sine(620, -10, 8000, 1);
    samples.fill(0, 7200);
    expect(longestGapMs(samples, 8000)).toBeGreaterThanOrEqual(100);
  });
});
