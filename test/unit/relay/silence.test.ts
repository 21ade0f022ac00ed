import { describe, expect, test } from 'vitest';
import { Milestones } from '../../../src/relay/milestones.ts';
import { isDigitalSilence, Silence } from '../../../src/relay/silence.ts';
import { createRtpHeader } from '../../../src/rtp/header.ts';

describe('the payload of a packet', () => {
  const constant = new Uint8Array(172).fill(0xff);
  const speech = Uint8Array.from({ length: 172 }, (_, at) => at & 0x7f);
  const last = constant.slice();
  last[171] = 0x7f;
  const headerOf = (payloadLength: number) => ({ ...createRtpHeader(), headerLength: 12, payloadLength });

  test.each([
    ['PCMU', constant, 160, true],
    ['pcma', constant, 160, true],
    ['PCMU', speech, 160, false],
    ['PCMA', last, 160, false],
    ['PCMU', last, 159, true],
    ['PCMU', constant, 0, true],
    ['opus', speech, 3, true],
    ['OPUS', speech, 40, false],
    ['G722', constant, 160, null],
  ])('%s: %#', (encoding, bytes, payloadLength, silent) => {
    expect(isDigitalSilence(encoding, headerOf(payloadLength), bytes, 0)).toBe(silent);
  });
});

describe('silence', () => {
  function listen() {
    const told: string[] = [];
    return { told, silence: new Silence(new Milestones({ milestone: ({ what }) => told.push(what) })) };
  }

  test('is told after 3 s, once, and when it ends', () => {
    const { told, silence } = listen();
    for (let now = 0; now <= 2900; now += 100) silence.look(true, null, now);
    expect(told).toEqual([]);
    for (let now = 3000; now < 9000; now += 1000) silence.look(true, null, now);
    expect(told).toEqual(['silence-began']);
    for (let now = 9000; now < 12_000; now += 1000) silence.look(false, null, now);
    expect(told).toEqual(['silence-began', 'silence-ended']);
  });

  test('is none with a word in between', () => {
    const { told, silence } = listen();
    for (let now = 0; now < 20_000; now += 500) silence.look(now % 2500 !== 0, null, now);
    expect(told).toEqual([]);
  });
});
