import { describe, expect, test } from 'vitest';
import { SequenceWindow } from '../../../src/relay/sequence-window.ts';
import { createRtpHeader } from '../../../src/rtp/header.ts';

/** Whether a packet is taken. */
function accept(window: SequenceWindow, ssrc: number, sequence: number, now: number): boolean {
  return window.accept({ ...createRtpHeader(), ssrc, sequence }, now);
}

describe('the replay window of plain RTP', () => {
  test('takes each packet once, late ones too', () => {
    const window = new SequenceWindow();
    const accepted = [10, 12, 11, 12, 11, 10, 13].map((sequence) => accept(window, 1, sequence, 0));
    expect(accepted).toEqual([true, true, true, false, false, false, true]);
  });

  test('takes what overtook the very first packet', () => {
    const window = new SequenceWindow();
    expect([3, 2, 0xffff].map((sequence) => accept(window, 1, sequence, 0))).toEqual([true, true, true]);
  });

  test('goes through a roll-over', () => {
    const window = new SequenceWindow();
    expect([0xfffe, 0xffff, 0, 1, 0xffff].map((sequence) => accept(window, 1, sequence, 0))).toEqual([true, true, true, true, false]);
  });

  test('refuses what is far behind or far ahead while packets come in order', () => {
    const window = new SequenceWindow();
    accept(window, 1, 20_000, 0);
    expect([19_000, 30_000, 19_001].map((sequence) => accept(window, 1, sequence, 100))).toEqual([false, false, false]);
    expect(accept(window, 1, 20_001, 120)).toBe(true);
  });

  test('follows a source that begins anew under its SSRC, after a silence', () => {
    const window = new SequenceWindow();
    accept(window, 1, 20_000, 0);
    expect(accept(window, 1, 5, 500)).toBe(false);
    expect(accept(window, 1, 6, 501)).toBe(true);
    expect([6, 7].map((sequence) => accept(window, 1, sequence, 520))).toEqual([false, true]);
  });

  test('does not take a repetition after a silence', () => {
    const window = new SequenceWindow();
    accept(window, 1, 20_000, 0);
    expect(accept(window, 1, 20_000, 60_000)).toBe(false);
  });

  test('begins anew with another SSRC, and when told to', () => {
    const window = new SequenceWindow();
    expect([accept(window, 1, 5, 0), accept(window, 2, 5, 0)]).toEqual([true, true]);
    window.reset();
    expect(accept(window, 2, 5, 0)).toBe(true);
  });
});
