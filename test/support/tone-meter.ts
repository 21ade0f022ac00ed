/**
 * Measures tones in recorded audio. Levels are dBFS of a sine: 0 is a sine that just reaches full scale.
 * The window's side lobes lie 92 dB down, so one tone never passes for another.
 */

export interface Tone {
  readonly frequencyHz: number;
  readonly levelDbfs: number;
}

/** Below this a level means silence. */
export const silenceDbfs = -120;

export class Spectrum {
  readonly #power: Float64Array;
  readonly #binHz: number;

  /** At least half a second of samples gives +-2 Hz and keeps tones 20 Hz apart from each other. */
  constructor(samples: Float32Array, rate: number) {
    const size = 2 ** Math.ceil(Math.log2(Math.max(samples.length, 2) * 2));
    const re = new Float64Array(size);
    const im = new Float64Array(size);
    let windowSum = 0;
    for (const [n, sample] of samples.entries()) {
      const weight = blackmanHarris(n / samples.length);
      windowSum += weight;
      re[n] = sample * weight;
    }
    transform(re, im);
    const scale = (2 / windowSum) ** 2;
    this.#power = Float64Array.from({ length: size / 2 }, (_, k) => ((re[k] as number) ** 2 + (im[k] as number) ** 2) * scale);
    this.#binHz = rate / size;
  }

  /** The loudest tone above 100 Hz. */
  strongest(): Tone {
    return this.#peak(100, Number.POSITIVE_INFINITY);
  }

  /** The level within `toleranceHz` of a frequency. */
  levelNear(frequencyHz: number, toleranceHz = 3): number {
    return this.#peak(frequencyHz - toleranceHz, frequencyHz + toleranceHz).levelDbfs;
  }

  #peak(fromHz: number, toHz: number): Tone {
    const from = Math.max(1, Math.ceil(fromHz / this.#binHz));
    const to = Math.min(this.#power.length - 2, Math.floor(toHz / this.#binHz));
    let top = from;
    for (let k = from; k <= to; k += 1) if (this.#at(k) > this.#at(top)) top = k;
    const [left, middle, right] = [this.#at(top - 1), this.#at(top), this.#at(top + 1)];
    const curve = left - 2 * middle + right;
    const shift = curve < 0 ? Math.max(-0.5, Math.min(0.5, (left - right) / (2 * curve))) : 0;
    return { frequencyHz: (top + shift) * this.#binHz, levelDbfs: Math.max(silenceDbfs, middle - ((left - right) * shift) / 4) };
  }

  /** Power of a bin in dB: the shape of the window's main lobe is a parabola there. */
  #at(bin: number): number {
    return 10 * Math.log10((this.#power[bin] ?? 0) + 1e-30);
  }
}

/** The longest stretch, in milliseconds, that never rises above a tenth of the tone's amplitude. */
export function longestGapMs(samples: Float32Array, rate: number): number {
  const magnitudes = samples.map(Math.abs).sort();
  const threshold = (magnitudes[Math.floor(magnitudes.length * 0.9)] ?? 0) / 10;
  let longest = 0;
  let run = 0;
  for (const sample of samples) {
    run = Math.abs(sample) > threshold ? 0 : run + 1;
    if (run > longest) longest = run;
  }
  return (longest * 1000) / rate;
}

export interface ToneReport extends Tone {
  /** How far below the measured tone the unwanted one lies. */
  readonly rejectionDb: number;
  readonly longestGapMs: number;
}

/** What a listener hears who should hear one tone and not the other. */
export function measureTone(samples: Float32Array, rate: number, unwantedHz: number): ToneReport {
  const spectrum = new Spectrum(samples, rate);
  const tone = spectrum.strongest();
  return {
    ...tone,
    rejectionDb: tone.levelDbfs - spectrum.levelNear(unwantedHz),
    longestGapMs: longestGapMs(samples, rate),
  };
}

/** A steady sine, phase zero at the first sample. */
export function sine(frequencyHz: number, levelDbfs: number, rate: number, seconds: number): Float32Array {
  const amplitude = 10 ** (levelDbfs / 20);
  return Float32Array.from({ length: Math.round(rate * seconds) }, (_, n) => amplitude * Math.sin((2 * Math.PI * frequencyHz * n) / rate));
}

function blackmanHarris(at: number): number {
  const angle = 2 * Math.PI * at;
  return 0.35875 - 0.48829 * Math.cos(angle) + 0.14128 * Math.cos(2 * angle) - 0.01168 * Math.cos(3 * angle);
}

/** Radix-2 Fourier transform in place; the length is a power of two. */
function transform(re: Float64Array, im: Float64Array): void {
  reverseBits(re);
  for (let half = 1; half < re.length; half *= 2) {
    for (let k = 0; k < half; k += 1) {
      const cos = Math.cos((Math.PI * k) / half);
      const sin = -Math.sin((Math.PI * k) / half);
      for (let even = k; even < re.length; even += 2 * half) butterfly(re, im, even, even + half, cos, sin);
    }
  }
}

function butterfly(re: Float64Array, im: Float64Array, even: number, odd: number, cos: number, sin: number): void {
  const [oddRe, oddIm] = [re[odd] as number, im[odd] as number];
  const [evenRe, evenIm] = [re[even] as number, im[even] as number];
  const turnedRe = oddRe * cos - oddIm * sin;
  const turnedIm = oddRe * sin + oddIm * cos;
  re[even] = evenRe + turnedRe;
  im[even] = evenIm + turnedIm;
  re[odd] = evenRe - turnedRe;
  im[odd] = evenIm - turnedIm;
}

/** The input is real: only its real part needs the order of reversed bits. */
function reverseBits(re: Float64Array): void {
  for (let at = 1, reversed = 0; at < re.length; at += 1) {
    let bit = re.length >> 1;
    for (; reversed & bit; bit >>= 1) reversed ^= bit;
    reversed ^= bit;
    if (at < reversed) {
      const kept = re[at] as number;
      re[at] = re[reversed] as number;
      re[reversed] = kept;
    }
  }
}
