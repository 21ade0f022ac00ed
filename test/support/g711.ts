/** G.711 as the standard's tables say it, for peers and meters. Samples are -1 .. 1. */

const fullScale = 32768;

function muLawSample(byte: number): number {
  const inverted = ~byte & 0xff;
  const magnitude = (((inverted & 0x0f) << 3) + 0x84) << ((inverted >> 4) & 7);
  return (inverted & 0x80 ? 0x84 - magnitude : magnitude - 0x84) / fullScale;
}

function aLawSample(byte: number): number {
  const toggled = byte ^ 0x55;
  const segment = (toggled >> 4) & 7;
  const mantissa = ((toggled & 0x0f) << 4) + 8;
  const magnitude = segment === 0 ? mantissa : (mantissa + 0x100) << (segment - 1);
  return (toggled & 0x80 ? magnitude : -magnitude) / fullScale;
}

const decoders = {
  PCMU: Float32Array.from({ length: 256 }, (_, byte) => muLawSample(byte)),
  PCMA: Float32Array.from({ length: 256 }, (_, byte) => aLawSample(byte)),
};

export type G711 = keyof typeof decoders;

export const g711PayloadTypes: Readonly<Record<G711, number>> = { PCMU: 0, PCMA: 8 };

export function decodeG711(codec: G711, payload: Uint8Array): Float32Array {
  const table = decoders[codec];
  return Float32Array.from(payload, (byte) => table[byte] as number);
}

/** The nearest code word of each sample; slow and plainly right. */
export function encodeG711(codec: G711, samples: Float32Array): Uint8Array {
  return Uint8Array.from(samples, (sample) => nearest(decoders[codec], sample));
}

function nearest(table: Float32Array, sample: number): number {
  let best = 0;
  let error = Number.POSITIVE_INFINITY;
  for (const [byte, value] of table.entries()) {
    const distance = Math.abs(value - sample);
    if (distance < error) [best, error] = [byte, distance];
  }
  return best;
}
