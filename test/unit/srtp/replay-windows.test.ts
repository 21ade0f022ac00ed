import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Records } from '../../../src/base/records.ts';
import { estimateIndex, ReplayWindows, replayWindowSize, replayWindowWords } from '../../../src/srtp/replay-windows.ts';

/** One window, between others that must not be touched. */
function createWindow() {
  const records = new Records(replayWindowWords + 2);
  const [, window] = [records.take(), records.take(), records.take()] as const;
  const windows = new ReplayWindows(records, 1);
  return {
    highest: () => windows.highest(window),
    isFresh: (index: number) => windows.isFresh(window, index),
    commit: (index: number) => windows.commit(window, index),
    clear: () => windows.clear(window),
    others: () => {
      const at = records.at(window) + 1;
      return [...records.words.subarray(0, at), ...records.words.subarray(at + replayWindowWords)].some((word) => word !== 0);
    },
  };
}

describe('a replay window', () => {
  test('is at least 64 wide (RFC 3711 3.3.2)', () => {
    expect(replayWindowSize).toBeGreaterThanOrEqual(64);
  });

  test('agrees with a plain set of all indexes', () => {
    const steps = fc.array(
      fc.oneof(fc.integer({ min: -120, max: 40 }), fc.integer({ min: -5, max: 3 }), fc.integer({ min: 1, max: 400 })),
      {
        maxLength: 300,
      },
    );
    const start = fc.oneof(fc.nat(100), fc.constantFrom(0xffff, 0x7fffffff, 0xffffffff, 2 ** 47));
    fc.assert(
      fc.property(start, steps, (first, moves) => {
        const window = createWindow();
        const seen = new Set<number>();
        let highest = -1;
        let index = first;
        for (const move of moves) {
          const fresh = !seen.has(index) && index > highest - replayWindowSize;
          expect(window.isFresh(index)).toBe(fresh);
          if (fresh) {
            window.commit(index);
            seen.add(index);
            highest = Math.max(highest, index);
          }
          expect(window.highest()).toBe(highest);
          index = Math.max(0, highest + move);
        }
        expect(window.others()).toBe(false);
      }),
    );
  });

  test('asking does not mark', () => {
    const window = createWindow();
    expect(window.isFresh(7)).toBe(true);
    expect(window.isFresh(7)).toBe(true);
    expect(window.highest()).toBe(-1);
  });
});

test('a cleared window has seen nothing', () => {
  const window = createWindow();
  for (const index of [70_000, 70_001, 69_990]) window.commit(index);
  window.clear();
  expect([window.highest(), window.isFresh(70_000), window.isFresh(0)]).toEqual([-1, true, true]);
});

describe('estimateIndex', () => {
  test('starts with a roll-over counter of 0', () => {
    expect(estimateIndex(-1, 65535)).toBe(65535);
  });

  test('follows the sequence number over the wrap and back', () => {
    expect(estimateIndex(0x1ffff, 0)).toBe(0x20000);
    expect(estimateIndex(0x20000, 0xffff)).toBe(0x1ffff);
    expect(estimateIndex(0x20000, 0x7fff)).toBe(0x27fff);
  });

  test('takes half a wrap for the future and for the past of the same roll-over', () => {
    expect(estimateIndex(0x20000, 0x8000)).toBe(0x28000);
    expect(estimateIndex(0x28000, 0)).toBe(0x20000);
    expect(estimateIndex(0x28001, 0)).toBe(0x30000);
    expect(estimateIndex(0x20000, 0x8001)).toBe(0x18001);
  });

  test('is negative for a packet before the first wrap', () => {
    expect(estimateIndex(3, 0xfff0)).toBeLessThan(0);
  });

  test('is the pseudo-code of RFC 3711 appendix A', () => {
    const byTheBook = (highest: number, sequence: number): number => {
      const roc = Math.floor(highest / 0x10000);
      const last = highest % 0x10000;
      let v = roc;
      if (last < 32768) {
        if (sequence - last > 32768) v = roc - 1;
      } else if (last - 32768 > sequence) v = roc + 1;
      return v * 0x10000 + sequence;
    };
    const highest = fc.oneof(fc.nat(0x50000), fc.integer({ min: 0, max: 2 ** 48 - 1 }));
    fc.assert(
      fc.property(highest, fc.nat(0xffff), (known, sequence) => {
        expect(estimateIndex(known, sequence)).toBe(byTheBook(known, sequence));
      }),
      { numRuns: 1000 },
    );
  });
});
