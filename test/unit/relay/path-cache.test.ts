import { describe, expect, test } from 'vitest';
import { noPath } from '../../../src/relay/io/driver.ts';
import { cacheProbes, PathCache } from '../../../src/relay/io/path-cache.ts';

/** As the driver looks. */
function has(cache: PathCache, hash: number, path: number): boolean {
  for (let probe = 0; probe < cacheProbes && cache.get(hash, probe) !== noPath; probe++) if (cache.get(hash, probe) === path) return true;
  return false;
}

describe('PathCache', () => {
  test('holds nothing at first', () => {
    expect(new PathCache().get(-7, 0)).toBe(noPath);
  });

  test('finds paths of one hash side by side, and the last one in place of another when there are too many', () => {
    const cache = new PathCache();
    for (let path = 0; path <= cacheProbes; path++) cache.put(-1, path, 10);
    expect(Array.from({ length: cacheProbes }, (_, probe) => cache.get(-1, probe))).toEqual([0, 1, 2, cacheProbes]);
  });

  test('makes room for all paths that there are', () => {
    const cache = new PathCache();
    const hashOf = (path: number): number => Math.imul(path, 0x9e3779b1);
    const most = 5000;
    for (let round = 0; round < 2; round++)
      for (let path = 0; path < most; path++) if (!has(cache, hashOf(path), path)) cache.put(hashOf(path), path, most);
    const found = Array.from({ length: most }, (_, path) => path).filter((path) => has(cache, hashOf(path), path));
    expect(found.length).toBeGreaterThan(0.99 * most);
  });

  test('forgets what is long gone', () => {
    const cache = new PathCache();
    for (let path = 0; path < 10_000; path++) cache.put(path * 17, path, 20);
    const left = Array.from({ length: 10_000 }, (_, path) => path).filter((path) => has(cache, path * 17, path));
    expect(left.length).toBeLessThan(500);
    expect(left).toContain(9_999);
  });
});
