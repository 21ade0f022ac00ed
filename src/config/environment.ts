/**
 * OFFHOOK_* variables: the path of a key in capitals, words parted by underscores (`call.graceSec` is OFFHOOK_CALL_GRACE_SEC).
 * Lists are written `a, b` or as YAML, sections and lists of sections as YAML. An empty variable counts as not set.
 */

import { parse } from 'yaml';
import { z } from 'zod';
import { elementOf, keysOf, type Node, type Path } from './tree.ts';

export interface Setting {
  readonly variable: string;
  readonly path: readonly string[];
  readonly value: unknown;
}

export interface Environment {
  readonly settings: readonly Setting[];
  /** OFFHOOK_* variables that stand for no key. */
  readonly unknown: readonly string[];
}

const prefix = 'OFFHOOK_';

/** Kubernetes sets these for a service that is called offhook. */
const foreign = /^OFFHOOK_(SERVICE|PORT)(_|$)/;

/** For the commands that ask a running gateway, which may share their environment with it. */
const ofCommands: ReadonlySet<string> = new Set(['OFFHOOK_URL', 'OFFHOOK_TOKEN', 'OFFHOOK_PASSWORD']);

export function readEnvironment(root: Node, env: Readonly<Record<string, string | undefined>>): Environment {
  const variables = variablesOf(root);
  const settings: Setting[] = [];
  const unknown: string[] = [];
  for (const [variable, text] of Object.entries(env)) {
    if (!variable.startsWith(prefix) || foreign.test(variable) || ofCommands.has(variable) || !text) continue;
    const known = variables.get(variable);
    if (known) settings.push({ variable, path: known.path, value: readValue(known.node, text) });
    else unknown.push(variable);
  }
  settings.sort((a, b) => a.path.length - b.path.length);
  return { settings, unknown };
}

/** Every variable that means something, with its key: sections, and single values outside of lists. */
export function variablesOf(root: Node): Map<string, { path: readonly string[]; node: Node }> {
  const variables = new Map<string, { path: readonly string[]; node: Node }>();
  const visit = (node: Node, path: readonly string[]): void => {
    if (path.length > 0) variables.set(variableFor(path), { path, node });
    for (const [key, child] of keysOf(node) ?? []) visit(child, [...path, key]);
  };
  visit(root, []);
  return variables;
}

export function variableFor(path: Path): string {
  return prefix + path.map((step) => String(step).replace(/[A-Z]/g, '_$&').toUpperCase()).join('_');
}

/** What the schema then refuses is told with path and value like anything else, so text that is no YAML stays text. */
function readValue(node: Node, text: string): unknown {
  if (node.nullable && text === 'null') return null;
  if (isText(node.schema)) return text;
  if (!isPlainList(node) || text.trimStart().startsWith('[')) return readYaml(text);
  const element = elementOf(node);
  return text.split(',').map((entry) => (element ? readValue(element, entry.trim()) : readYaml(entry.trim())));
}

function isText(schema: unknown): boolean {
  return schema instanceof z.ZodString || schema instanceof z.ZodEnum || (schema instanceof z.ZodPipe && isText(schema.def.in));
}

function isPlainList(node: Node): boolean {
  if (node.schema instanceof z.ZodTuple) return true;
  const element = elementOf(node);
  return element !== undefined && keysOf(element) === undefined;
}

function readYaml(text: string): unknown {
  try {
    return parse(text);
  } catch {
    return text;
  }
}
