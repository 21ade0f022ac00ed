/** Turns what the schema found into problems that name path, value and expectation. */

import type { z } from 'zod';
import type { Problem } from './config-error.ts';
import { elementOf, keysOf, type Node, nodesAlong, type Path, printPath } from './tree.ts';

export function problemsOf(issues: readonly z.core.$ZodIssue[], root: Node, document: unknown): Problem[] {
  const problems = new Map<string, Problem>();
  for (const issue of issues) {
    const path = issue.path.filter((step) => typeof step !== 'symbol');
    const found =
      issue.code === 'unrecognized_keys'
        ? issue.keys.map((key) => unknownKey(root, path, key, document))
        : [wrongValue(root, path, issue, document)];
    for (const problem of found) problems.set(problem.path, problem);
  }
  return [...problems.values()];
}

function unknownKey(root: Node, section: Path, key: string, document: unknown): Problem {
  const parent = nodesAlong(root, section).at(-1) ?? root;
  const known = [...(keysOf(parent)?.keys() ?? [])];
  const nearest = known.find((candidate) => editDistance(candidate.toLowerCase(), key.toLowerCase()) <= 2);
  const hidden = /pass|secret|key|token|auth/i.test(key) || (section.length > 0 && holdsSecret(parent));
  return {
    path: printPath([...section, key]),
    value: hidden ? '(hidden)' : print(valueAt(document, [...section, key])),
    expected: nearest ? `another name: did you mean "${nearest}"?` : `no such key; there are ${known.join(', ')}`,
  };
}

/** The schema may complain about a part of a value (one port of a range): the problem is told about the value that has a name. */
function wrongValue(root: Node, issuePath: Path, issue: z.core.$ZodIssue, document: unknown): Problem {
  const nodes = nodesAlong(root, issuePath);
  while (nodes.length > 1 && !expectation(nodes.at(-1))) nodes.pop();
  const node = nodes.at(-1) ?? root;
  const path = issuePath.slice(0, nodes.length - 1);
  const expected = expectation(node) ?? 'another value';
  const why = issue.code === 'custom' && issue.message !== expected && issue.message !== 'Invalid input' && issue.message !== node.expected;
  return {
    path: printPath(path),
    value: holdsSecret(node) ? hiddenValue(valueAt(document, path)) : print(valueAt(document, path)),
    expected: why ? `${expected}; ${issue.message}` : expected,
  };
}

function expectation(node: Node | undefined): string | undefined {
  if (!node) return undefined;
  const words = node.expected ?? structure(node);
  return words && node.nullable ? `${words}, or null` : words;
}

function structure(node: Node): string | undefined {
  const keys = keysOf(node);
  if (keys) return `a section with ${[...keys.keys()].join(', ')}`;
  return elementOf(node) ? 'a list' : undefined;
}

function holdsSecret(node: Node): boolean {
  if (node.secret) return true;
  const element = elementOf(node);
  return element ? holdsSecret(element) : [...(keysOf(node)?.values() ?? [])].some(holdsSecret);
}

function valueAt(document: unknown, path: Path): unknown {
  let value = document;
  for (const step of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, step)) return undefined;
    value = Reflect.get(value, step);
  }
  return value;
}

function hiddenValue(value: unknown): string {
  return value === undefined || value === null ? print(value) : '(hidden)';
}

const longestPrinted = 80;

function print(value: unknown): string {
  if (value === undefined) return '(missing)';
  const plainList = Array.isArray(value) && value.every((entry) => typeof entry !== 'object');
  if (typeof value === 'object' && value !== null && !plainList) return Array.isArray(value) ? 'a list' : 'a section';
  const text = JSON.stringify(value);
  return text.length > longestPrinted ? `${text.slice(0, longestPrinted)}…` : text;
}

/** Levenshtein. Both words are short: names of keys. */
function editDistance(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, at) => at);
  for (let row = 1; row <= a.length; row++) {
    const current = [row];
    for (let column = 1; column <= b.length; column++) {
      const replaced = (previous[column - 1] ?? 0) + (a[row - 1] === b[column - 1] ? 0 : 1);
      current.push(Math.min(replaced, (previous[column] ?? 0) + 1, (current[column - 1] ?? 0) + 1));
    }
    previous = current;
  }
  return previous[b.length] ?? 0;
}
