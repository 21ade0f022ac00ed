import { describe, expect, test } from 'vitest';
import { packetKind } from '../../../src/relay/demux.ts';

const kindOf = (...bytes: number[]): string => packetKind(Uint8Array.from([99, ...bytes]), 1, bytes.length);

describe('demultiplexing', () => {
  test.each([
    ['stun', [0, 1]],
    ['stun', [3, 0]],
    ['unknown', [4, 0]],
    ['unknown', [19, 0]],
    ['dtls', [20, 254]],
    ['dtls', [63, 0]],
    ['unknown', [64, 0]],
    ['unknown', [127, 0]],
    ['rtp', [128, 0]],
    ['rtp', [144, 0x80 | 111]],
    ['rtp', [191, 191]],
    ['rtcp', [128, 192]],
    ['rtcp', [129, 201]],
    ['rtcp', [128, 223]],
    ['rtp', [128, 224]],
    ['unknown', [192, 200]],
  ] as const)('%s begins with %j', (kind, bytes) => {
    expect(kindOf(...bytes)).toBe(kind);
  });

  test('what is too short is nothing', () => {
    expect([kindOf(), kindOf(128), kindOf(0)]).toEqual(['unknown', 'unknown', 'unknown']);
  });
});
