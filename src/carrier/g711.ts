/** G.711 encoding of linear samples (ITU-T G.711), -32768 .. 32767. */

export type Encode = (sample: number) => number;

const muLawBias = 132;
const muLawClip = 32_635;
const aLawClip = 32_767;

/** The segment: how many bits stand above the eight lowest. */
function segmentOf(magnitude: number): number {
  return Math.max(0, 24 - Math.clz32(magnitude));
}

export const encodePcmu: Encode = (sample) => {
  const magnitude = Math.min(Math.abs(sample), muLawClip) + muLawBias;
  const segment = segmentOf(magnitude);
  const code = (segment << 4) | ((magnitude >> (segment + 3)) & 0x0f);
  return ~(sample < 0 ? code | 0x80 : code) & 0xff;
};

export const encodePcma: Encode = (sample) => {
  // The negative codes begin one step below zero.
  const magnitude = Math.min(sample < 0 ? -sample - 1 : sample, aLawClip);
  const segment = segmentOf(magnitude);
  const code = (segment << 4) | ((magnitude >> (segment === 0 ? 4 : segment + 3)) & 0x0f);
  return (sample < 0 ? code : code | 0x80) ^ 0x55;
};
