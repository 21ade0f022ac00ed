import { defineConfig } from 'vitest/config';

const timeouts = { testTimeout: 30_000, hookTimeout: 30_000 };

/** What runs in real time with real peers comes last and one file at a time: it measures sound, which other tests would chop up. */
export default defineConfig({
  test: {
    coverage: { provider: 'v8', include: ['src/**'], exclude: ['src/web/**'] },
    projects: [
      {
        test: {
          ...timeouts,
          name: 'layers',
          include: ['test/*.test.ts', 'test/{unit,flow,contract}/**/*.test.ts'],
          sequence: { groupOrder: 0 },
        },
      },
      {
        test: { ...timeouts, name: 'system', include: ['test/system/**/*.test.ts'], maxWorkers: 1, sequence: { groupOrder: 1 } },
      },
    ],
  },
});
