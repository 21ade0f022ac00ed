import { describe, expect, test } from 'vitest';
import { seededRandom } from '../../../src/base/random.ts';
import { PortRange } from '../../../src/relay/port-range.ts';

function range(ports: readonly [number, number], quarantineMs = 1000): PortRange {
  return new PortRange({ ports, quarantineMs, random: seededRandom(3) });
}

describe('the port range', () => {
  test('hands out even ports with room for the odd one above, each once', () => {
    const ports = range([30_001, 30_010]);
    const taken = Array.from({ length: 6 }, () => ports.take(0));
    expect(taken.slice(0, 4).sort()).toEqual([30_002, 30_004, 30_006, 30_008]);
    expect(taken.slice(4)).toEqual([undefined, undefined]);
    expect(ports.taken).toBe(4);
  });

  test('has nothing in a range of less than a pair', () => {
    expect(range([30_001, 30_002]).take(0)).toBeUndefined();
  });

  test('keeps a pair that was given back in quarantine', () => {
    const ports = range([30_000, 30_001]);
    ports.take(0);
    ports.release(30_000, 500);
    expect(ports.take(1499)).toBeUndefined();
    expect(ports.take(1500)).toBe(30_000);
  });

  test('gives the pair out first that was given back longest ago', () => {
    const ports = range([30_000, 30_005], 0);
    const [a, b, c] = [ports.take(0), ports.take(0), ports.take(0)] as [number, number, number];
    for (const port of [b, c, a]) ports.release(port, 10);
    expect([ports.take(10), ports.take(10), ports.take(10)]).toEqual([b, c, a]);
  });

  test('takes a pair back once, and only one of its own', () => {
    const ports = range([30_000, 30_001], 0);
    ports.take(0);
    for (const port of [30_000, 30_000, 31_000]) ports.release(port, 0);
    expect([ports.take(0), ports.take(0)]).toEqual([30_000, undefined]);
  });

  test('begins elsewhere with each start', () => {
    const starts = [1, 2, 3, 4].map((seed) =>
      new PortRange({ ports: [30_000, 39_999], quarantineMs: 0, random: seededRandom(seed) }).take(0),
    );
    expect(new Set(starts).size).toBeGreaterThan(1);
  });
});
