import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { eventMeanings, eventNames } from '../../../src/events/event-names.ts';

const page = readFileSync(new URL('../../../docs/events.md', import.meta.url), 'utf8');

describe('docs/events.md', () => {
  test.each(eventNames)('tells of %s what the gateway means by it', (name) => {
    const row = page.split('\n').find((line) => line.startsWith(`| \`${name}\` |`));
    expect(row).toBeDefined();
    expect(row).toContain(eventMeanings[name].replace(/[.:;,].*$/, ''));
  });

  test('tells of no others', () => {
    const told = [...page.matchAll(/^\| `([a-z.-]+)` \|/gm)].map(([, name]) => name ?? '');
    expect(told.sort()).toEqual([...eventNames].sort());
  });
});
