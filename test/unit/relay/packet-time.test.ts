import { describe, expect, test } from 'vitest';
import { Milestones } from '../../../src/relay/milestones.ts';
import { PacketTime } from '../../../src/relay/packet-time.ts';
import { createRtpHeader, type RtpHeader } from '../../../src/rtp/header.ts';

function listen() {
  const told: string[] = [];
  const subject = new PacketTime(new Milestones({ milestone: ({ detail }) => told.push(detail) }));
  let sequence = 65_530;
  let timestamp = 2 ** 32 - 400;
  const look = (askedMs: number | null, changes: Partial<RtpHeader> = {}, clockRate = 8000): void =>
    subject.look({ ...createRtpHeader(), ssrc: 7, sequence, timestamp, ...changes }, clockRate, askedMs, null);
  /** Packets that follow each other directly, `ms` of audio in each. */
  const talk = (ms: number, packets: number, askedMs: number | null = 20, clockRate = 8000): void => {
    for (let at = 0; at < packets; at++) {
      sequence = (sequence + 1) & 0xffff;
      timestamp = (timestamp + (ms * clockRate) / 1000) >>> 0;
      look(askedMs, {}, clockRate);
    }
  };
  return { told, talk, look, skip: () => (sequence += 50) };
}

describe('the length of packets', () => {
  test('is not told while it is as agreed, or as usual', () => {
    const { told, talk } = listen();
    talk(20, 20);
    talk(20, 20, null);
    expect(told).toEqual([]);
  });

  test('is told once when it differs, through roll-overs', () => {
    const { told, talk } = listen();
    talk(30, 40);
    expect(told).toEqual(['30 ms, 20 ms was agreed']);
  });

  test('is told of Opus in its own clock', () => {
    const { told, talk } = listen();
    talk(60, 10, null, 48_000);
    expect(told).toEqual(['60 ms, 20 ms is usual']);
  });

  test('is told again when it becomes another one, or wrong again', () => {
    const { told, talk } = listen();
    for (const ms of [30, 40, 20, 40]) talk(ms, 10);
    expect(told).toEqual(['30 ms, 20 ms was agreed', '40 ms, 20 ms was agreed', '40 ms, 20 ms was agreed']);
  });

  test('takes some packets that agree', () => {
    const { told, talk } = listen();
    for (let at = 0; at < 10; at++) {
      talk(30, 2);
      talk(20, 2);
    }
    expect(told).toEqual([]);
  });

  test('is not measured over gaps, marked packets or pauses', () => {
    const { told, talk, skip, look } = listen();
    for (let at = 0; at < 20; at++) {
      skip();
      talk(40, 1);
      talk(200, 1);
      look(20, { marker: true });
    }
    expect(told).toEqual([]);
  });
});
