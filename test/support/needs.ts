/** Suites that need programs of the system: skipped in words where one is missing, failed where nothing may be skipped. */

import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { describe, test } from 'vitest';

const nothingMayBeSkipped = process.env['CI'] === 'true' || process.env['OFFHOOK_CI'] !== undefined;

export type Program = 'chromium' | 'sipp' | 'openssl' | 'tshark';

/** The path of a program, or undefined. */
function findProgram(name: Program): string | undefined {
  for (const folder of (process.env['PATH'] ?? '').split(delimiter)) {
    const path = join(folder, name);
    try {
      accessSync(path, constants.X_OK);
      return path;
    } catch {
      // Not in this folder.
    }
  }
  return undefined;
}

export function program(name: Program): string {
  const path = findProgram(name);
  if (path === undefined) throw new Error(`${name} is not installed: npm run test:setup`);
  return path;
}

/** `describe` for suites with these peers. Without them it fails where nothing may be skipped, as in CI; elsewhere it says what is missing. */
export function describeWith(programs: readonly Program[], name: string, suite: () => void): void {
  const missing = programs.filter((wanted) => findProgram(wanted) === undefined);
  if (missing.length === 0) describe(name, suite);
  else if (nothingMayBeSkipped) test(name, () => Promise.reject(new Error(`needs ${missing.join(', ')}`)));
  else describe.skip(`${name} [needs ${missing.join(', ')}]`, suite);
}
