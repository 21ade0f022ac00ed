import { describe, expect, test } from 'vitest';
import { Records } from '../../../src/base/records.ts';
import { SequenceWindows, sequenceWindowWords } from '../../../src/relay/sequence-windows.ts';
import { createRtpHeader } from '../../../src/rtp/header.ts';

function createWindow() {
  const records = new Records(sequenceWindowWords);
  const windows = new SequenceWindows(records, 0);
  const window = records.take();
  return {
    /** Whether a packet is taken. */
    accept: (ssrc: number, sequence: number, now: number) => windows.accept(window, { ...createRtpHeader(), ssrc, sequence }, now),
    clear: () => windows.clear(window),
  };
}

describe('the replay window of plain RTP', () => {
  test('takes each packet once, late ones too', () => {
    const window = createWindow();
    const accepted = [10, 12, 11, 12, 11, 10, 13].map((sequence) => window.accept(1, sequence, 0));
    expect(accepted).toEqual([true, true, true, false, false, false, true]);
  });

  test('takes what overtook the very first packet', () => {
    const window = createWindow();
    expect([3, 2, 0xffff].map((sequence) => window.accept(1, sequence, 0))).toEqual([true, true, true]);
  });

  test('goes through a roll-over', () => {
    const window = createWindow();
    expect([0xfffe, 0xffff, 0, 1, 0xffff].map((sequence) => window.accept(1, sequence, 0))).toEqual([true, true, true, true, false]);
  });

  test('refuses what is far behind or far ahead while packets come in order', () => {
    const window = createWindow();
    window.accept(1, 20_000, 0);
    expect([19_000, 30_000, 19_001].map((sequence) => window.accept(1, sequence, 100))).toEqual([false, false, false]);
    expect(window.accept(1, 20_001, 120)).toBe(true);
  });

  test('follows a source that begins anew under its SSRC, after a silence', () => {
    const window = createWindow();
    window.accept(1, 20_000, 0);
    expect(window.accept(1, 5, 500)).toBe(false);
    expect(window.accept(1, 6, 501)).toBe(true);
    expect([6, 7].map((sequence) => window.accept(1, sequence, 520))).toEqual([false, true]);
  });

  test('does not take a repetition after a silence', () => {
    const window = createWindow();
    window.accept(1, 20_000, 0);
    expect(window.accept(1, 20_000, 60_000)).toBe(false);
  });

  test('begins anew with another SSRC, and when told to', () => {
    const window = createWindow();
    expect([window.accept(1, 5, 0), window.accept(2, 5, 0)]).toEqual([true, true]);
    window.clear();
    expect(window.accept(2, 5, 0)).toBe(true);
  });
});
