/** The schema as a tree of named nodes: errors, environment variables and the documentation are all read off it. */

import { z } from 'zod';

export type Path = readonly (string | number)[];

/** The schema beneath defaults, nullable and optional wrappers, and whether null is allowed on the way. */
export interface Node {
  readonly schema: z.ZodType;
  readonly nullable: boolean;
  readonly defaultValue: unknown;
  readonly expected: string | undefined;
  readonly description: string | undefined;
  readonly secret: boolean;
}

export function nodeOf(schema: unknown): Node {
  const type = schema as z.ZodType;
  const meta = type.meta();
  const inner = innerNode(type);
  return {
    schema: inner?.schema ?? type,
    nullable: type instanceof z.ZodNullable || (inner?.nullable ?? false),
    defaultValue: type instanceof z.ZodDefault ? type.def.defaultValue : inner?.defaultValue,
    expected: textOf(meta?.['expected']) ?? inner?.expected,
    description: meta?.description ?? inner?.description,
    secret: meta?.['secret'] === true || (inner?.secret ?? false),
  };
}

function innerNode(type: z.ZodType): Node | undefined {
  const wrapper = type instanceof z.ZodDefault || type instanceof z.ZodNullable;
  return wrapper ? nodeOf(type.unwrap()) : undefined;
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

/** The keys of an object node; undefined for anything else. */
export function keysOf(node: Node): ReadonlyMap<string, Node> | undefined {
  if (!(node.schema instanceof z.ZodObject)) return undefined;
  const entries: [string, unknown][] = Object.entries(node.schema.def.shape);
  return new Map(entries.map(([key, schema]) => [key, nodeOf(schema)]));
}

/** The entries of a list node; undefined for anything else. */
export function elementOf(node: Node): Node | undefined {
  return node.schema instanceof z.ZodArray ? nodeOf(node.schema.def.element) : undefined;
}

/** The nodes along a path, from the root, as far as the schema knows it. */
export function nodesAlong(root: Node, path: Path): Node[] {
  const nodes = [root];
  for (const step of path) {
    const node = nodes.at(-1);
    const next = node && (typeof step === 'number' ? elementOf(node) : keysOf(node)?.get(step));
    if (!next) break;
    nodes.push(next);
  }
  return nodes;
}

/** `trunks[0].auth.username` */
export function printPath(path: Path): string {
  let text = '';
  for (const step of path) text += typeof step === 'number' ? `[${step}]` : text === '' ? step : `.${step}`;
  return text === '' ? '(the whole file)' : text;
}
