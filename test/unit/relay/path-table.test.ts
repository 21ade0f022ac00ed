import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { PathTable } from '../../../src/relay/io/path-table.ts';

describe('the path table', () => {
  test('knows an address of a socket by one number', () => {
    const paths = new PathTable();
    const path = paths.intern(3, '192.0.2.1', 5000);
    expect(paths.intern(3, '192.0.2.1', 5000)).toBe(path);
    expect(paths.remote(path)).toEqual({ host: '192.0.2.1', port: 5000 });
    expect(paths.socket(path)).toBe(3);
    expect(paths.matches(path, 3, '192.0.2.1', 5000)).toBe(true);
    const others = [paths.intern(4, '192.0.2.1', 5000), paths.intern(3, '192.0.2.2', 5000), paths.intern(3, '192.0.2.1', 5001)];
    expect(new Set([path, ...others]).size).toBe(4);
  });

  test('forgets the longest unseen first, and never a retained one', () => {
    const paths = new PathTable(3);
    const held = paths.intern(0, 'held', 1);
    paths.retain(held);
    const [a, b, c] = ['a', 'b', 'c'].map((host) => paths.intern(0, host, 1)) as [number, number, number];
    paths.intern(0, 'a', 1);
    const d = paths.intern(0, 'd', 1);
    expect(d, 'the number of b is used again').toBe(b);
    expect(paths.remote(d).host).toBe('d');
    expect([a, c, held].map((path) => paths.remote(path).host)).toEqual(['a', 'c', 'held']);
  });

  test('stays small in a flood from spoofed addresses', () => {
    const paths = new PathTable(100);
    for (let port = 0; port < 60_000; port++) paths.intern(0, `10.0.0.${port & 255}`, port);
    expect(paths.size).toBe(100);
  });

  test('a path retained twice is released twice', () => {
    const paths = new PathTable(1);
    const path = paths.intern(0, 'a', 1);
    paths.retain(path);
    paths.retain(path);
    paths.release(path);
    paths.intern(0, 'b', 1);
    paths.intern(0, 'c', 1);
    expect(paths.remote(path).host).toBe('a');
    paths.release(path);
    paths.intern(0, 'd', 1);
    expect(paths.remote(path).host).not.toBe('a');
    expect(() => paths.release(path)).toThrow();
  });

  test('forgets the paths of a socket with it', () => {
    const paths = new PathTable();
    const path = paths.intern(1, 'a', 1);
    paths.intern(2, 'a', 1);
    paths.forgetSocket(1);
    expect(paths.size).toBe(1);
    expect(paths.matches(path, 1, 'a', 1)).toBe(false);
    paths.forgetSocket(1);
    paths.intern(3, 'b', 1);
    expect(paths.size).toBe(2);
  });

  test('agrees with a simple model, whatever happens', () => {
    const step = fc.record({ act: fc.constantFrom('intern', 'retain', 'release', 'forget'), socket: fc.nat(1), port: fc.nat(9) });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 100 }), (steps) => {
        const model = new Model();
        for (const { act, socket, port } of steps) {
          model[act](socket, port);
          model.compare();
        }
      }),
    );
  });
});

/** The table beside a plain map of what is retained. */
class Model {
  readonly #paths = new PathTable(4);
  readonly #held = new Map<string, { path: number; socket: number; port: number; holders: number }>();

  intern(socket: number, port: number): number {
    const path = this.#paths.intern(socket, 'h', port);
    const held = this.#held.get(`${socket}/${port}`);
    if (held) expect(path).toBe(held.path);
    return path;
  }

  retain(socket: number, port: number): void {
    const path = this.intern(socket, port);
    const holders = this.#held.get(`${socket}/${port}`)?.holders ?? 0;
    this.#paths.retain(path);
    this.#held.set(`${socket}/${port}`, { path, socket, port, holders: holders + 1 });
  }

  release(socket: number, port: number): void {
    const held = this.#held.get(`${socket}/${port}`);
    if (!held) return;
    this.#paths.release(held.path);
    if (--held.holders === 0) this.#held.delete(`${socket}/${port}`);
  }

  forget(socket: number): void {
    const inUse = [...this.#held.values()].some((held) => held.socket === socket);
    if (!inUse) this.#paths.forgetSocket(socket);
  }

  compare(): void {
    expect(this.#paths.size).toBeLessThanOrEqual(this.#held.size + 4);
    for (const { path, socket, port } of this.#held.values()) {
      expect([this.#paths.socket(path), this.#paths.remote(path).port]).toEqual([socket, port]);
    }
  }
}
