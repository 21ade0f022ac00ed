/** What a changed configuration means for a gateway that runs. */

import { isDeepStrictEqual } from 'node:util';
import type { Config } from './schema.ts';

export interface Difference {
  /** Keys that are taken over while calls run. */
  readonly live: readonly string[];
  /** Keys that count from the next start on. */
  readonly restart: readonly string[];
}

/** The files of a certificate are read again in any case: their names need not change for that. */
const liveKeys: ReadonlySet<string> = new Set(['users', 'trunks', 'routes', 'https.cert', 'https.key']);

/** By key: lists are one value each, and so are `users`, `trunks` and `routes`. */
export function compareConfigs(before: Config, after: Config): Difference {
  const changed = differences('', before, after);
  return { live: changed.filter((key) => liveKeys.has(key)), restart: changed.filter((key) => !liveKeys.has(key)) };
}

function differences(path: string, before: unknown, after: unknown): string[] {
  if (isDeepStrictEqual(before, after)) return [];
  if (liveKeys.has(path) || !isSection(before) || !isSection(after)) return [path];
  const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])];
  return keys.flatMap((key) => differences(path === '' ? key : `${path}.${key}`, before[key], after[key]));
}

/** An address is one value, `host:port` in the file. */
function isSection(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !('host' in value);
}
