import { beforeEach, describe, expect, test } from 'vitest';
import { DigitSender } from '../../../src/relay/digit-sender.ts';

interface Sent {
  readonly code: number;
  readonly end: boolean;
  readonly durationMs: number;
  readonly timestamp: number;
  readonly marker: boolean;
  readonly now: number;
}

describe('the digit sender', () => {
  let sent: Sent[];
  let sender: DigitSender;

  beforeEach(() => {
    sent = [];
    sender = new DigitSender({
      timestampAt: (now) => now * 8,
      sendEvent: (code, end, durationMs, timestamp, marker, now) => sent.push({ code, end, durationMs, timestamp, marker, now }),
    });
  });

  /** Lets time pass, to the very deadlines. */
  function run(until = 10_000): void {
    while (sender.deadline <= until) sender.expire(sender.deadline);
  }

  test('sends a digit as updates every 20 ms and three ends, all of one timestamp', () => {
    sender.send('7', 100, 1000);
    expect(sender.deadline).toBe(1000);
    run();
    expect(sent.map(({ now }) => now)).toEqual([1000, 1020, 1040, 1060, 1080, 1100, 1120]);
    expect(sent.map(({ durationMs }) => durationMs)).toEqual([20, 40, 60, 80, 100, 100, 100]);
    expect(sent.map(({ end }) => end)).toEqual([false, false, false, false, true, true, true]);
    expect(sent.map(({ marker }) => marker)).toEqual([true, false, false, false, false, false, false]);
    expect(new Set(sent.map(({ timestamp }) => timestamp))).toEqual(new Set([8000]));
    expect(sender.deadline).toBe(Number.POSITIVE_INFINITY);
  });

  test.each([
    [1, 100],
    [130, 130],
    [2000, 400],
    [Number.NaN, 100],
  ])('%d ms become %d', (asked, durationMs) => {
    sender.send('1', asked, 0);
    run();
    expect(sent.at(-1)).toMatchObject({ durationMs, end: true });
    expect(sent.filter(({ end }) => end)).toHaveLength(3);
  });

  test('sends one at a time, in order, 50 ms apart', () => {
    for (const digit of '5#A') sender.send(digit, 100, 0);
    run();
    const starts = sent.filter(({ marker }) => marker);
    expect(starts.map(({ code, now }) => [code, now])).toEqual([
      [5, 0],
      [11, 150],
      [12, 300],
    ]);
  });

  test('is active from the first packet to the last', () => {
    sender.send('1', 100, 0);
    expect(sender.active).toBe(false);
    sender.expire(0);
    expect(sender.active).toBe(true);
    run(119);
    expect(sender.active).toBe(true);
    run(120);
    expect(sender.active).toBe(false);
  });

  test('keeps the gap also for a digit that is asked for later', () => {
    sender.send('1', 100, 0);
    run(120);
    sender.send('2', 100, 125);
    expect(sender.deadline).toBe(150);
    run();
    sender.send('3', 100, 5000);
    expect(sender.deadline).toBe(5000);
  });

  test('catches up when it is called late', () => {
    sender.send('1', 100, 0);
    sender.expire(0);
    sender.expire(75);
    expect(sent).toHaveLength(4);
  });

  test('ignores what is no digit, and more digits than anybody dials', () => {
    for (const text of ['', 'x', '12', '+']) sender.send(text, 100, 0);
    expect(sender.deadline).toBe(Number.POSITIVE_INFINITY);
    for (let asked = 0; asked < 1000; asked++) sender.send('1', 100, 0);
    run(1_000_000);
    expect(sent.filter(({ marker }) => marker)).toHaveLength(128);
  });
});
