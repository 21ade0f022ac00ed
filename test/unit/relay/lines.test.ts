import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { seededRandom } from '../../../src/base/random.ts';
import { Records } from '../../../src/base/records.ts';
import { Lines, lineWords } from '../../../src/relay/lines.ts';
import { createRtpHeader, type RtpHeader } from '../../../src/rtp/header.ts';

interface Placed {
  readonly sequence: number;
  readonly timestamp: number;
  readonly marker: boolean;
}

const headerOf = (fields: Partial<RtpHeader>): RtpHeader => ({ ...createRtpHeader(), ...fields });

/** Follows one packet of a source; null if it has no place. */
function follow(line: Line, packet: { source?: number; ssrc?: number; sequence: number; timestamp?: number; rate?: number; now?: number }) {
  const { source = 1, ssrc = 7, sequence, timestamp = sequence * 160, rate = 8000, now = sequence * 20 } = packet;
  const header = headerOf({ ssrc, sequence, timestamp: timestamp >>> 0 });
  if (!line.follow(source, header, rate, now)) return null;
  expect(header.ssrc).toBe(line.ssrc);
  const placed: Placed = header;
  return placed;
}

function line(seed = 1) {
  const records = new Records(lineWords);
  const lines = new Lines(records, 0);
  const record = records.take();
  lines.begin(record, seededRandom(seed));
  return {
    follow: (source: number, header: RtpHeader, rate: number, now: number) => lines.follow(record, source, header, rate, now),
    followEvent: (source: number, header: RtpHeader, now: number) => lines.followEvent(record, source, header, now),
    insert: () => lines.insert(record),
    timestampAt: (now: number) => lines.timestampAt(record, now),
    interrupt: () => lines.interrupt(record),
    get ssrc() {
      return lines.ssrc(record);
    },
    get clockRate() {
      return lines.clockRate(record);
    },
  };
}

type Line = ReturnType<typeof line>;
const steps = (first: Placed | null, second: Placed | null): number => ((second?.sequence ?? 0) - (first?.sequence ?? 0)) & 0xffff;
const ticks = (first: Placed | null, second: Placed | null): number => ((second?.timestamp ?? 0) - (first?.timestamp ?? 0)) | 0;

describe('a line', () => {
  test('begins below 2^15, with a marker', () => {
    for (let seed = 1; seed < 50; seed++) {
      const first = follow(line(seed), { sequence: 65_000 });
      expect(first?.sequence).toBeLessThan(2 ** 15);
      expect(first?.marker).toBe(true);
    }
  });

  test('shows loss and reordering of its source as they are', () => {
    const subject = line();
    const [a, c, b] = [10, 12, 11].map((sequence) => follow(subject, { sequence }));
    expect([steps(a as Placed, c as Placed), steps(a as Placed, b as Placed)]).toEqual([2, 1]);
    expect([ticks(a as Placed, c as Placed), ticks(a as Placed, b as Placed)]).toEqual([320, 160]);
    expect([b?.marker, c?.marker]).toEqual([false, false]);
  });

  test('goes on through roll-overs of its source', () => {
    const subject = line();
    const first = follow(subject, { sequence: 65_534, timestamp: 2 ** 32 - 320, now: 0 });
    const second = follow(subject, { sequence: 65_535, timestamp: 2 ** 32 - 160, now: 20 });
    const third = follow(subject, { sequence: 0, timestamp: 0, now: 40 });
    expect([steps(first, second), steps(first, third), ticks(first, third)]).toEqual([1, 2, 320]);
  });

  test.each([
    ['of another leg', { source: 2, ssrc: 7 }],
    ['with another SSRC', { source: 1, ssrc: 8 }],
  ])('splices a source %s in: next number, time moved on, marker', (_, other) => {
    const subject = line();
    const before = follow(subject, { sequence: 50, now: 1000 });
    const spliced = follow(subject, { ...other, sequence: 9000, timestamp: 123, now: 1500 });
    expect(steps(before, spliced)).toBe(1);
    expect(ticks(before, spliced)).toBe(4000);
    expect(spliced?.marker).toBe(true);
    expect(steps(before, follow(subject, { ...other, sequence: 9001, timestamp: 283, now: 1520 }))).toBe(2);
  });

  test('gives a packet from before the splice no place', () => {
    const subject = line();
    follow(subject, { sequence: 50 });
    follow(subject, { source: 2, sequence: 9000, now: 1020 });
    expect(follow(subject, { source: 2, sequence: 8999, now: 1021 })).toBeNull();
    expect(follow(subject, { source: 2, sequence: 9001, now: 1040 })).not.toBeNull();
  });

  test('splices a source that jumps, whichever way', () => {
    for (const jump of [5000, -5000, 30_000]) {
      const subject = line();
      const before = follow(subject, { sequence: 20_000, now: 0 });
      const jumped = follow(subject, { sequence: 20_000 + jump, now: 20 });
      expect(steps(before, jumped)).toBe(1);
      expect(ticks(before, jumped)).toBe(160);
    }
  });

  test('splices a change of clock rate, and counts the pause in the new one', () => {
    const subject = line();
    const before = follow(subject, { sequence: 1, now: 0 });
    const changed = follow(subject, { sequence: 2, rate: 48_000, now: 20 });
    expect(ticks(before, changed)).toBe(960);
    expect(subject.clockRate).toBe(48_000);
  });

  test('after an interruption goes on where it was', () => {
    const subject = line();
    const before = follow(subject, { sequence: 1, now: 0 });
    subject.interrupt();
    const resumed = follow(subject, { sequence: 501, now: 10_000 });
    expect(steps(before, resumed)).toBe(1);
    expect(ticks(before, resumed)).toBe(80_000);
  });

  test('never stands still in time at a splice', () => {
    const subject = line();
    const before = follow(subject, { sequence: 1, now: 0 });
    expect(ticks(before, follow(subject, { source: 2, sequence: 1, now: 0 }))).toBeGreaterThan(0);
  });

  test('takes packets of our own in, and its source goes on behind them without a gap', () => {
    const subject = line();
    const before = follow(subject, { sequence: 10, now: 200 });
    expect((subject.insert() - (before?.sequence ?? 0)) & 0xffff).toBe(1);
    subject.insert();
    const resumed = follow(subject, { sequence: 17, now: 340 });
    expect(steps(before, resumed)).toBe(3);
    expect(ticks(before, resumed), 'time went on as the source has it').toBe(7 * 160);
    expect(resumed?.marker).toBe(false);
    expect(steps(resumed, follow(subject, { sequence: 18, now: 360 }))).toBe(1);
  });

  test('does not take its time from telephone events', () => {
    const subject = line();
    const before = follow(subject, { sequence: 1, timestamp: 1000, now: 0 });
    for (let step = 0; step < 5; step++) {
      const event = headerOf({ ssrc: 7, sequence: 2 + step, timestamp: 1160, marker: step === 0 });
      expect(subject.followEvent(1, event, 20 + step * 20)).toBe(true);
      expect(ticks(before, event)).toBe(160);
    }
    const spliced = follow(subject, { source: 2, sequence: 1, now: 200 });
    expect(ticks(before, spliced)).toBe(1600);
  });

  test('whatever its sources do, no index is used twice', () => {
    const packet = fc.record({
      source: fc.integer({ min: 1, max: 3 }),
      ssrc: fc.integer({ min: 0, max: 1 }),
      step: fc.oneof({ weight: 8, arbitrary: fc.integer({ min: 1, max: 3 }) }, fc.integer({ min: -32_768, max: 32_767 })),
      act: fc.constantFrom('follow', 'follow', 'follow', 'event', 'insert', 'interrupt'),
    });
    fc.assert(
      fc.property(fc.array(packet, { maxLength: 200 }), (packets) => {
        const subject = line();
        const used = new Set<number>();
        const seen = new Map<number, Set<number>>();
        let sequence = 0;
        let index = -1;
        const use = (number: number): void => {
          index = index < 0 ? number : index + (((number - index) << 16) >> 16);
          expect(used.has(index)).toBe(false);
          used.add(index);
          index = Math.max(...used);
        };
        packets.forEach(({ source, ssrc, step, act }, now) => {
          sequence = (sequence + step) & 0xffff;
          if (act === 'interrupt') subject.interrupt();
          else if (act === 'insert') use(subject.insert());
          else {
            // Each source is replay-protected before the line: a number of one source comes once.
            const key = source * 2 + ssrc;
            const numbers = seen.get(key) ?? new Set();
            seen.set(key, numbers);
            if (numbers.has(sequence)) return;
            numbers.add(sequence);
            const header = headerOf({ ssrc, sequence });
            const placed = act === 'event' ? subject.followEvent(source, header, now) : subject.follow(source, header, 8000, now);
            if (placed) use(header.sequence);
          }
        });
      }),
    );
  });
});
