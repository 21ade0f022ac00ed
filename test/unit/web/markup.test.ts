/** Names and numbers come from whoever calls: the pages put them into text, never into markup. */

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const folder = new URL('../../../src/web', import.meta.url).pathname;
const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((name) => ({ name, path: join(folder, name) }));

test('no script makes markup out of text', () => {
  const makesMarkup =
    /innerHTML|dangerouslySetInnerHTML|outerHTML|insertAdjacentHTML|document\.write|createContextualFragment|DOMParser|setHTML|srcdoc/;
  const scripts = files.filter(({ name }) => /\.tsx?$/.test(name));
  expect(scripts.length).toBeGreaterThan(10);
  expect(scripts.filter(({ path }) => makesMarkup.test(readFileSync(path, 'utf8'))).map(({ name }) => name)).toEqual([]);
});

test('no page has a style, a script or a handler within, which its content security policy would refuse', () => {
  const inline = /<style|<script(?![^>]*\bsrc=)|\bstyle=|\son[a-z]+=/;
  const pages = files.filter(({ name }) => name.endsWith('.html'));
  expect(pages.length).toBeGreaterThan(0);
  expect(pages.filter(({ path }) => inline.test(readFileSync(path, 'utf8'))).map(({ name }) => name)).toEqual([]);
});
