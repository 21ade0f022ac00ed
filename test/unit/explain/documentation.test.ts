import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { nothingUnusual, rules } from '../../../src/explain/explain.ts';

const page = readFileSync(new URL('../../../docs/explanations.md', import.meta.url), 'utf8');
const ids = new Set([nothingUnusual, ...rules.map(({ id }) => id)]);
const rows = [...page.matchAll(/^\| `([a-z0-9-]+)` \|/gm)].map((row) => row[1] ?? '');

test('every finding stands on the page once, and nothing else', () => {
  expect([...rows].sort()).toEqual([...ids].sort());
});
