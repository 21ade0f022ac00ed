/** A configuration as it may be shown: what the schema calls a secret is replaced, patterns are text again. */

import type { Config } from './schema.ts';
import { configSchema } from './schema.ts';
import { elementOf, keysOf, type Node, nodeOf } from './tree.ts';

const hidden = '(hidden)';

export function hideSecrets(config: Config): Readonly<Record<string, unknown>> {
  const root = nodeOf(configSchema);
  return Object.fromEntries(Object.entries(config).map(([key, value]) => [key, shown(keysOf(root)?.get(key), value)]));
}

function shown(node: Node | undefined, value: unknown): unknown {
  if (node?.secret) return value === null ? null : hidden;
  if (value instanceof RegExp) return value.source;
  if (Array.isArray(value)) return value.map((entry) => shown(node && elementOf(node), entry));
  if (typeof value !== 'object' || value === null) return value;
  const keys = node && keysOf(node);
  return Object.fromEntries(Object.entries(value).map(([key, entry]) => [key, shown(keys?.get(key), entry)]));
}
