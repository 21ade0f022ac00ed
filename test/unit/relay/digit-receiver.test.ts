import { beforeEach, describe, expect, test } from 'vitest';
import { DigitReceiver } from '../../../src/relay/digit-receiver.ts';

describe('the digit receiver', () => {
  let digits: string[];
  let receiver: DigitReceiver;

  beforeEach(() => {
    digits = [];
    receiver = new DigitReceiver({ digit: (digit, durationMs) => digits.push(`${digit} ${durationMs}`) });
  });

  interface Packet {
    readonly event?: number;
    readonly end?: boolean;
    readonly duration: number;
    readonly timestamp?: number;
    readonly ssrc?: number;
    readonly rate?: number;
    readonly now?: number;
  }

  function receive({ event = 5, end = false, duration, timestamp = 1000, ssrc = 1, rate = 8000, now = 0 }: Packet): void {
    receiver.receive({ event, end, volume: 10, duration }, ssrc, timestamp, rate, now);
  }

  test('tells a digit once, at its end', () => {
    for (const duration of [160, 320, 480]) receive({ duration });
    expect(digits).toEqual([]);
    for (let copy = 0; copy < 3; copy++) receive({ duration: 640, end: true });
    expect(digits).toEqual(['5 80']);
    expect(receiver.deadline).toBe(Number.POSITIVE_INFINITY);
  });

  test('tells a digit of which only an end packet came', () => {
    receive({ duration: 800, end: true });
    expect(digits).toEqual(['5 100']);
  });

  test('tells the same key pressed twice as two digits', () => {
    receive({ duration: 800, end: true });
    receive({ duration: 800, end: true, timestamp: 3000 });
    expect(digits).toEqual(['5 100', '5 100']);
  });

  test('tells a digit whose ends were lost when the next one begins', () => {
    receive({ duration: 320 });
    receive({ event: 6, duration: 160, timestamp: 5000 });
    expect(digits).toEqual(['5 40']);
  });

  test('tells a digit whose ends were lost after a silence', () => {
    receive({ duration: 320, now: 100 });
    expect(receiver.deadline).toBe(350);
    receiver.expire(349);
    expect(digits).toEqual([]);
    receiver.expire(350);
    expect(digits).toEqual(['5 40']);
    receive({ duration: 800, end: true, now: 400 });
    expect(digits).toHaveLength(1);
  });

  test('tells a held key after five seconds, and not again at its end', () => {
    for (let now = 0; now <= 6000; now += 50) {
      receive({ duration: now * 8, now });
      receiver.expire(now);
    }
    expect(digits).toEqual(['5 5000']);
    receive({ duration: 48_400, end: true, now: 6050 });
    expect(digits).toHaveLength(1);
  });

  test('takes the segments of a long event for one digit', () => {
    receive({ duration: 0xffff, rate: 48_000 });
    receive({ duration: 960, rate: 48_000, timestamp: 1000 + 0xffff, now: 20 });
    receive({ duration: 0xffff, rate: 48_000, now: 21 });
    receive({ duration: 4800, end: true, rate: 48_000, timestamp: 1000 + 0xffff, now: 40 });
    expect(digits).toEqual([`5 ${Math.round((0xffff + 4800) / 48)}`]);
  });

  test('does not begin again with a late packet of the digit before', () => {
    receive({ duration: 800, end: true });
    receive({ event: 6, duration: 160, timestamp: 5000 });
    receive({ duration: 800, end: true });
    receive({ event: 6, duration: 800, end: true, timestamp: 5000 });
    expect(digits).toEqual(['5 100', '6 100']);
  });

  test('counts by the clock rate of the payload type', () => {
    receive({ duration: 4800, end: true, rate: 48_000 });
    expect(digits).toEqual(['5 100']);
  });

  test('tells all sixteen, and ignores other events', () => {
    for (let event = 0; event < 20; event++) receive({ event, duration: 800, end: true, timestamp: event * 2000 });
    expect(digits.map((digit) => digit[0]).join('')).toBe('0123456789*#ABCD');
  });

  test('the same timestamp of another source is another event', () => {
    receive({ duration: 800, end: true });
    receive({ duration: 800, end: true, ssrc: 2 });
    expect(digits).toHaveLength(2);
  });
});
