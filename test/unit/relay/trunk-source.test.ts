import { beforeEach, describe, expect, test } from 'vitest';
import { noPath } from '../../../src/relay/io/driver.ts';
import { PathTable } from '../../../src/relay/io/path-table.ts';
import { TrunkSource } from '../../../src/relay/trunk-source.ts';
import { createRtpHeader } from '../../../src/rtp/header.ts';

/** Counts who is retained, so that every path is given back. */
class Paths {
  readonly table = new PathTable();
  readonly held = new Map<number, number>();

  remoteAddress(path: number) {
    return this.table.remote(path);
  }

  retain(path: number): void {
    this.table.retain(path);
    this.held.set(path, (this.held.get(path) ?? 0) + 1);
  }

  release(path: number): void {
    this.table.release(path);
    this.held.set(path, (this.held.get(path) ?? 0) - 1);
  }

  get holds(): number {
    return [...this.held.values()].reduce((sum, holders) => sum + holders, 0);
  }
}

interface Talk {
  readonly path: number;
  readonly from: number;
  readonly to: number;
  readonly everyMs?: number;
  /** Timestamp units per packet. */
  readonly ticks?: number;
  readonly step?: number;
}

describe('the source of a trunk leg', () => {
  let paths: Paths;
  let source: TrunkSource;
  let described: number;
  let neighbour: number;
  let elsewhere: number;
  let stranger: number;
  /** The only path that is wanted, as last said. */
  let settled: number;

  beforeEach(() => {
    paths = new Paths();
    settled = noPath;
    source = new TrunkSource(paths, {
      settle(path) {
        settled = path;
      },
    });
    described = paths.table.intern(0, '192.0.2.1', 4000);
    neighbour = paths.table.intern(0, '192.0.2.1', 4002);
    elsewhere = paths.table.intern(0, '198.51.100.1', 1);
    stranger = paths.table.intern(0, '203.0.113.1', 1);
  });

  const header = createRtpHeader();

  /** One packet; whether it is taken. */
  function receive(path: number, sequence: number, timestamp: number, now: number): boolean {
    header.ssrc = path;
    header.sequence = sequence & 0xffff;
    header.timestamp = timestamp >>> 0;
    return source.admits(path, now) || source.learn(path, header, 8000, now);
  }

  /** Several who talk at once; how many packets of each were taken, and whose turn it was to be sent to before `to`. */
  function converse(...talks: Talk[]): Map<number, number> {
    const packets = talks.flatMap(({ path, from, to, everyMs = 20, ticks = 160, step = 1 }) =>
      Array.from({ length: Math.floor((to - from) / everyMs) }, (_, at) => ({
        path,
        sequence: 65_530 + at * step,
        timestamp: 2 ** 32 - 500 + at * ticks,
        now: from + at * everyMs,
      })),
    );
    const taken = new Map<number, number>(talks.map(({ path }) => [path, 0]));
    for (const { path, sequence, timestamp, now } of packets.sort((a, b) => a.now - b.now)) {
      if (receive(path, sequence, timestamp, now)) taken.set(path, (taken.get(path) ?? 0) + 1);
    }
    return taken;
  }

  test('is the described address and no other where learning is off', () => {
    source.describe(described, false);
    expect(converse({ path: described, from: 0, to: 1000 }, { path: neighbour, from: 0, to: 1000 })).toEqual(
      new Map([
        [described, 50],
        [neighbour, 0],
      ]),
    );
    expect(source.target).toBe(described);
  });

  test('is nobody before any description, or when it names no address', () => {
    expect(receive(described, 1, 1, 0)).toBe(false);
    source.describe(noPath, false);
    expect(receive(described, 1, 1, 0)).toBe(false);
    expect(source.target).toBe(noPath);
  });

  test('is learned when one talks for half a second', () => {
    source.describe(described, true);
    const taken = converse({ path: elsewhere, from: 100, to: 1100 });
    expect(taken.get(elsewhere)).toBe(25);
    expect(source.target).toBe(elsewhere);
  });

  test.each<[string, Partial<Talk>]>([
    ['a flood', { everyMs: 1 }],
    ['packets without time', { ticks: 0 }],
    ['packets that are too slow for their timestamps', { ticks: 1600 }],
    ['packets with gaps', { step: 2 }],
    ['a few packets', { to: 250 }],
  ])('is not learned from %s', (_, how) => {
    source.describe(described, true);
    const talk = { path: stranger, from: 200, to: 3000, ...how };
    expect(converse(talk).get(stranger)).toBe(0);
    expect(source.target).toBe(described);
  });

  test('is the one who talks, not the one who floods, whoever came first', () => {
    source.describe(described, true);
    converse({ path: stranger, from: 0, to: 2000, everyMs: 1 }, { path: elsewhere, from: 100, to: 2000 });
    expect(source.target).toBe(elsewhere);
  });

  test('is preferred on the described host', () => {
    source.describe(described, true);
    converse({ path: stranger, from: 0, to: 1000 }, { path: neighbour, from: 300, to: 1000 });
    expect(source.target).toBe(neighbour);
  });

  test('is the described address whenever that speaks, and learning is over then', () => {
    source.describe(described, true);
    converse({ path: elsewhere, from: 0, to: 1000 });
    expect(source.target).toBe(elsewhere);
    expect(receive(described, 1, 1, 1000)).toBe(true);
    expect(source.target).toBe(described);
    expect(converse({ path: elsewhere, from: 1000, to: 3000 }).get(elsewhere)).toBe(0);
  });

  test('once learned is displaced by nobody, also not under a repeated description', () => {
    source.describe(described, true);
    converse({ path: elsewhere, from: 0, to: 1000 });
    source.describe(described, true);
    const taken = converse({ path: elsewhere, from: 1000, to: 3000 }, { path: stranger, from: 1000, to: 3000 });
    expect(taken).toEqual(
      new Map([
        [elsewhere, 100],
        [stranger, 0],
      ]),
    );
  });

  test('once learned and then silent, makes room after a new description', () => {
    source.describe(described, true);
    converse({ path: elsewhere, from: 0, to: 1000 });
    expect(converse({ path: stranger, from: 2000, to: 4000 }).get(stranger)).toBe(0);
    source.describe(described, true);
    converse({ path: stranger, from: 5000, to: 6000 });
    expect(source.target).toBe(stranger);
  });

  test('is forgotten when another address is described, or learning is switched off', () => {
    source.describe(described, true);
    converse({ path: elsewhere, from: 0, to: 1000 });
    source.describe(neighbour, true);
    expect(source.target).toBe(neighbour);
    expect(receive(elsewhere, 1, 1, 1100)).toBe(false);
    converse({ path: elsewhere, from: 2000, to: 3000 });
    source.describe(neighbour, false);
    expect(source.target).toBe(neighbour);
  });

  test('is settled once the described address speaks, and no longer than it does', () => {
    source.describe(described, false);
    expect(settled).toBe(noPath);
    receive(described, 1, 1, 0);
    expect(settled).toBe(described);
    source.review(1, 5000);
    source.review(500, 10_000);
    expect(settled).toBe(described);
    source.review(500, 15_000);
    expect(settled).toBe(noPath);
    receive(described, 3, 3, 15_000);
    expect(settled).toBe(described);
    source.describe(neighbour, false);
    expect(settled).toBe(noPath);
  });

  test('is not settled while an address is learned, or may be', () => {
    source.describe(described, true);
    converse({ path: elsewhere, from: 0, to: 300 });
    expect(settled).toBe(noPath);
    converse({ path: elsewhere, from: 300, to: 1000 });
    expect([source.target, settled]).toEqual([elsewhere, noPath]);
    receive(described, 1, 1, 1000);
    expect(settled).toBe(described);
    source.describe(described, true);
    expect(settled).toBe(noPath);
  });

  test('reviewed many times at once is still settled', () => {
    source.describe(described, false);
    receive(described, 1, 1, 0);
    for (let now = 5000; now < 5100; now += 20) source.review(1, now);
    expect(settled).toBe(described);
  });

  test('watches a few candidates only, and gives every path back', () => {
    source.describe(described, true);
    for (let port = 0; port < 100; port++) receive(paths.table.intern(0, '203.0.113.9', port), 1, 1, port);
    expect(paths.holds).toBeLessThanOrEqual(1 + 8);
    converse({ path: elsewhere, from: 1000, to: 2000 });
    expect(paths.holds).toBe(2);
    source.close();
    expect(paths.holds).toBe(0);
  });
});
