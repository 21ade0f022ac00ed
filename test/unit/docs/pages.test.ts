/** The pages of docs: their configurations can be used, and their links lead somewhere. */

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { parseConfig } from '../../../src/config/load.ts';
import type { ConfigInput } from '../../../src/config/schema.ts';
import { callEndCauses } from '../../../src/events/call-end.ts';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const pages = ['README.md', 'ARCHITECTURE.md', 'CONTRIBUTING.md', ...readdirSync(join(root, 'docs')).map((name) => join('docs', name))]
  .filter((name) => name.endsWith('.md'))
  .map((name) => ({ name, text: readFileSync(join(root, name), 'utf8') }));

interface Block {
  readonly name: string;
  readonly text: string;
}

/** Fenced blocks that say nothing but `yaml`: ours. */
function configurations(): Block[] {
  return pages.flatMap(({ name, text }) =>
    [...text.matchAll(/^```yaml\n([\s\S]*?)^```$/gm)].map((match, at) => ({ name: `${name}, ${at + 1}`, text: match[1] ?? '' })),
  );
}

/** What a part of a configuration speaks of may stand in another part. */
function completed(part: ConfigInput): ConfigInput {
  const trunk = { name: 'elsewhere', target: 'sip:192.0.2.1' };
  return { trunks: [trunk], ...part };
}

describe('a configuration in', () => {
  test.each(configurations().map((block) => [block.name, block] as const))('%s can be used', (_name, { text }) => {
    expect(() => parseConfig(completed(parse(text) as ConfigInput))).not.toThrow();
  });
});

/** As GitHub makes them: lower case, no punctuation, hyphens for blanks. */
function anchorsOf(text: string): Set<string> {
  const headings = text.replace(/^```[\s\S]*?^```$/gm, '').matchAll(/^#{1,6} (.+)$/gm);
  return new Set([...headings].map((match) => anchorOf(match[1] ?? '')));
}

function anchorOf(heading: string): string {
  return heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N} _-]/gu, '')
    .replaceAll(' ', '-');
}

function deadLinks({ name, text }: Block): string[] {
  const links = [...text.replace(/^```[\s\S]*?^```$/gm, '').matchAll(/\]\(([^)\s]+)\)/g)].map((match) => match[1] ?? '');
  return links.filter((link) => {
    if (/^[a-z]+:/.test(link)) return false;
    const [file = '', anchor] = link.split('#');
    const target = file === '' ? name : relative(root, join(root, dirname(name), file));
    if (!existsSync(join(root, target))) return true;
    return anchor !== undefined && !anchorsOf(readFileSync(join(root, target), 'utf8')).has(anchor);
  });
}

describe('the links of', () => {
  test.each(pages.map((page) => [page.name, page] as const))('%s lead somewhere', (_name, page) => {
    expect(deadLinks(page)).toEqual([]);
  });
});

test('every page of docs can be reached from the README', () => {
  const reached = new Set(['README.md']);
  for (const name of reached) {
    const text = pages.find((page) => page.name === name)?.text ?? '';
    for (const match of text.matchAll(/\]\(([^)#\s]+\.md)[^)]*\)/g)) reached.add(relative(root, join(root, dirname(name), match[1] ?? '')));
  }
  expect(pages.map(({ name }) => name).filter((name) => !reached.has(name))).toEqual([]);
});

test('the page on monitoring names every cause of an end', () => {
  const { text = '' } = pages.find(({ name }) => name === 'docs/monitoring.md') ?? {};
  const [, section = ''] = text.split('## Causes');
  expect(callEndCauses.filter((cause) => !section.includes(`\`${cause}\``))).toEqual([]);
});
