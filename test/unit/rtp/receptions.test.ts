import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Records } from '../../../src/base/records.ts';
import { Receptions, receptionWords } from '../../../src/rtp/receptions.ts';
import type { ReportBlock } from '../../../src/rtp/rtcp.ts';

const clockRate = 8000;

/** The reception of one source. */
function createReception(ssrc = 1) {
  const records = new Records(receptionWords);
  const receptions = new Receptions(records, 0);
  const record = records.take();
  receptions.begin(record, ssrc, clockRate);
  return {
    receive: (header: { sequence: number; timestamp: number }, now: number) => receptions.receive(record, header, now),
    report: (lastSenderReport: number, delay: number): ReportBlock => receptions.report(record, lastSenderReport, delay),
    get received() {
      return receptions.received(record);
    },
    get lost() {
      return receptions.lost(record);
    },
    get jitterMs() {
      return receptions.jitterMs(record);
    },
    get highestSequence() {
      return receptions.highestSequence(record);
    },
  };
}

/** One packet of 20 ms after another; `send` takes how many to lose before the next and how late it comes. */
function stream(firstSequence = 1000) {
  const reception = createReception(7);
  let index = 0;
  const send = ({ lose = 0, lateMs = 0 } = {}): void => {
    index += lose;
    reception.receive({ sequence: (firstSequence + index) & 0xffff, timestamp: (index * 160) % 2 ** 32 }, index * 20 + lateMs);
    index++;
  };
  return { reception, send };
}

describe('loss', () => {
  test('of a steady stream is none, over a wrap too', () => {
    const { reception, send } = stream(65_530);
    for (let i = 0; i < 70_000; i++) send();
    expect(reception.received).toBe(70_000);
    expect(reception.lost).toBe(0);
    expect(reception.highestSequence).toBe(65_530 + 69_999);
  });

  test('is expected less received, and its fraction that since the last report', () => {
    const { reception, send } = stream();
    for (let i = 0; i < 9; i++) send();
    send({ lose: 2 });
    expect(reception.report(0, 0)).toMatchObject({ fractionLost: Math.floor((2 * 256) / 12), cumulativeLost: 2, ssrc: 7 });
    for (let i = 0; i < 10; i++) send();
    expect(reception.report(5, 6)).toMatchObject({
      fractionLost: 0,
      cumulativeLost: 2,
      lastSenderReport: 5,
      delaySinceLastSenderReport: 6,
    });
    expect(reception.lost).toBe(2);
  });

  test('in any order is what never came', () => {
    fc.assert(
      fc.property(fc.array(fc.boolean(), { minLength: 1, maxLength: 60 }), fc.nat(0xffff), (arrives, first) => {
        const reception = createReception();
        const pairs = arrives.flatMap((arrived, i) => (arrived ? [i] : []));
        // Neighbours swapped: the network's commonest disorder.
        for (let i = 1; i + 1 < pairs.length; i += 2) [pairs[i], pairs[i + 1]] = [pairs[i + 1] as number, pairs[i] as number];
        for (const i of pairs) reception.receive({ sequence: (first + i) & 0xffff, timestamp: i * 160 }, i * 20);
        const span = pairs.length === 0 ? 0 : Math.max(...pairs) - (pairs[0] as number) + 1;
        expect(reception.lost).toBe(span - pairs.length);
      }),
    );
  });

  test('is negative when packets came twice', () => {
    const reception = createReception();
    for (const sequence of [1, 2, 2, 2]) reception.receive({ sequence, timestamp: sequence * 160 }, sequence * 20);
    expect(reception.lost).toBe(-2);
    expect(reception.report(0, 0)).toMatchObject({ fractionLost: 0, cumulativeLost: -2 });
  });

  test('does not count a jump of the sequence number as loss, once two packets confirm it (RFC 3550 A.1)', () => {
    const reception = createReception();
    for (const sequence of [1, 2, 3, 40_000, 40_001, 40_002, 40_004]) reception.receive({ sequence, timestamp: sequence }, 0);
    expect(reception.received).toBe(6);
    expect(reception.lost).toBe(1);
  });

  test.each([
    [99, 2],
    [100, 1],
  ])('takes a packet %d behind for %d received: further back is a jump', (behind, received) => {
    const reception = createReception();
    for (const sequence of [1000, 1000 - behind]) reception.receive({ sequence, timestamp: sequence }, 0);
    expect(reception.received).toBe(received);
  });

  test('ignores stray packets, unless two in a row follow each other', () => {
    const reception = createReception();
    for (const sequence of [1, 2, 40_000, 3, 40_001, 4]) reception.receive({ sequence, timestamp: sequence }, 0);
    expect(reception.highestSequence).toBe(4);
    expect(reception.received).toBe(4);
    expect(reception.lost).toBe(0);
  });
});

describe('jitter', () => {
  const unitMs = 1000 / clockRate;

  test('of an even stream is 0', () => {
    const { reception, send } = stream();
    for (let i = 0; i < 100; i++) send();
    expect(reception.jitterMs).toBe(0);
  });

  test('converges to the mean difference of transit times (RFC 3550 A.8)', () => {
    const { reception, send } = stream();
    for (let i = 0; i < 400; i++) send({ lateMs: (i % 2) * 10 });
    expect(Math.abs(reception.jitterMs - 10)).toBeLessThanOrEqual(unitMs / 2);
    expect(reception.report(0, 0).jitter).toBe(79);
  });

  test('is the one of RFC 3550 6.4.1, to the half unit that the whole numbers of A.8 round by', () => {
    const delays = fc.array(fc.integer({ min: 0, max: 2000 }), { minLength: 2, maxLength: 300 });
    fc.assert(
      fc.property(delays, (lateUnits) => {
        const { reception, send } = stream();
        let exact = 0;
        for (const [index, late] of lateUnits.entries()) {
          send({ lateMs: late * unitMs });
          if (index > 0) exact += (Math.abs(late - (lateUnits[index - 1] as number)) - exact) / 16;
        }
        expect(Math.abs(reception.jitterMs / unitMs - exact)).toBeLessThanOrEqual(0.5);
      }),
    );
  });

  test('does not overflow, however far the clocks of both sides jump', () => {
    const reception = createReception();
    for (let i = 0; i < 1000; i++) reception.receive({ sequence: i, timestamp: (i % 2) * 2 ** 31 }, i * 20);
    expect(reception.jitterMs).toBeGreaterThan(1e6);
    expect(reception.report(0, 0).jitter).toBeLessThan(2 ** 32);
  });

  test('survives the wrap of the timestamp', () => {
    const reception = createReception();
    for (let i = 0; i < 100; i++) reception.receive({ sequence: i, timestamp: (2 ** 32 - 4000 + i * 160) % 2 ** 32 }, i * 20);
    expect(reception.jitterMs).toBe(0);
  });

  test('is not raised by the packets of a telephone event, which share a timestamp', () => {
    const reception = createReception();
    for (let i = 0; i < 100; i++) {
      const timestamp = i < 40 || i > 60 ? i * 160 : 40 * 160;
      reception.receive({ sequence: i, timestamp }, i * 20);
    }
    expect(reception.jitterMs).toBe(0);
  });
});

test('nothing received is reported as zeros', () => {
  expect(createReception(3).report(0, 0)).toEqual({
    ssrc: 3,
    fractionLost: 0,
    cumulativeLost: 0,
    highestSequence: 0,
    jitter: 0,
    lastSenderReport: 0,
    delaySinceLastSenderReport: 0,
  });
});

test('any packets give a report that can be written', () => {
  const packets = fc.array(fc.tuple(fc.nat(0xffff), fc.nat(0xffffffff), fc.nat(100_000)), { maxLength: 200 });
  fc.assert(
    fc.property(packets, (received) => {
      const reception = createReception();
      for (const [sequence, timestamp, now] of received) reception.receive({ sequence, timestamp }, now);
      const block = reception.report(0, 0);
      expect(Object.values(block).every(Number.isInteger)).toBe(true);
      expect(block.fractionLost).toBeGreaterThanOrEqual(0);
      expect(block.fractionLost).toBeLessThanOrEqual(255);
      expect(block.jitter).toBeLessThan(2 ** 32);
    }),
  );
});
