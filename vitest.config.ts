import { defineConfig } from 'vitest/config';

/** The gate's machine is shared, and real time stalls on it: a test that fails there is asked once more, and the report says so. */
const retry = process.env['CI'] === 'true' ? 1 : 0;
const common = { testTimeout: 30_000, hookTimeout: 30_000, retry };

/** What runs in real time with real peers comes last and one file at a time: it measures sound, which other tests would chop up. */
export default defineConfig({
  test: {
    coverage: { provider: 'v8', include: ['src/**'], exclude: ['src/web/**'] },
    projects: [
      {
        test: {
          ...common,
          name: 'layers',
          include: ['test/*.test.ts', 'test/{unit,flow,contract}/**/*.test.ts'],
          sequence: { groupOrder: 0 },
        },
      },
      {
        test: { ...common, name: 'system', include: ['test/system/**/*.test.ts'], maxWorkers: 1, sequence: { groupOrder: 1 } },
      },
    ],
  },
});
