/** Lines that an audio section of either leg has. */

import type { Codec } from './description.ts';

/** a=rtpmap for every number, static ones too (RFC 3264 section 5.1 recommends it), and a=fmtp where there is one. */
export function codecLines(codecs: readonly Codec[]): string[] {
  return codecs.flatMap(({ payloadType, encoding, clockRate, channels, fmtp }) => {
    const rtpmap = `a=rtpmap:${payloadType} ${encoding}/${clockRate}${channels > 1 ? `/${channels}` : ''}`;
    return fmtp === null ? [rtpmap] : [rtpmap, `a=fmtp:${payloadType} ${fmtp}`];
  });
}

export function packetTimeLines(audio: { readonly ptimeMs: number | null; readonly maxPtimeMs: number | null }): string[] {
  return [
    ...(audio.ptimeMs === null ? [] : [`a=ptime:${audio.ptimeMs}`]),
    ...(audio.maxPtimeMs === null ? [] : [`a=maxptime:${audio.maxPtimeMs}`]),
  ];
}
