/** docs/configuration.md, made from the schema and the defaults. */

import { variableFor } from './environment.ts';
import { readDefaults } from './load.ts';
import { configSchema } from './schema.ts';
import { elementOf, keysOf, type Node, nodeOf, type Path, printPath } from './tree.ts';

const introduction = `# Configuration

This page is made from the schema (\`npm run docs\`); a test keeps it current.

\`offhook start --config FILE\` reads \`config/default.yaml\`, which is complete and commented, and lays FILE over it: sections are
merged key by key, a list replaces the whole list. \`offhook check --config FILE\` names every mistake and what to do about it.

Environment variables go over both. A key's variable is \`OFFHOOK_\` and its path in capitals, words parted by underscores:
\`sip.udp\` is \`OFFHOOK_SIP_UDP\`, \`call.graceSec\` is \`OFFHOOK_CALL_GRACE_SEC\`, \`media.trunk.ports\` is
\`OFFHOOK_MEDIA_TRUNK_PORTS\`. Lists are written \`30000, 39999\` or as YAML; lists of sections as YAML
(\`OFFHOOK_USERS='[{name: alice, password: "a long one"}]'\`). An empty variable counts as not set, and one that stands for no key is a mistake
(those that Kubernetes sets for a service named offhook, \`OFFHOOK_SERVICE_*\` and \`OFFHOOK_PORT*\`, are left alone). Relative file
paths are relative to the file that names them, in a variable to the working directory.

A wrong key, type or value stops the start, with its path, its value and what was expected; values that may be secrets are not shown.
`;

/** The whole page. */
export function configurationPage(): string {
  const root = nodeOf(configSchema);
  const defaults = readDefaults();
  const single: string[] = [];
  const chapters: string[] = [];
  for (const [key, node] of keysOf(root) ?? []) {
    if (isTable(node)) chapters.push(chapter(node, [key], defaults[key]));
    else single.push(row(node, [key], defaults[key], true));
  }
  return [introduction, table(single, true), ...chapters].join('\n');
}

function isTable(node: Node): boolean {
  return rowsOf(node) !== undefined;
}

/** The keys that a chapter lists: those of a section, or those of each entry of a list. */
function rowsOf(node: Node): ReadonlyMap<string, Node> | undefined {
  const element = elementOf(node);
  return keysOf(element ?? node);
}

function chapter(node: Node, path: Path, defaults: unknown): string {
  const inList = elementOf(node) !== undefined || path.some((step) => typeof step === 'number');
  const here = elementOf(node) ? [...path, 0] : path;
  const rows: string[] = [];
  const inner: string[] = [];
  for (const [key, child] of rowsOf(node) ?? []) {
    const value = inList ? child.defaultValue : property(defaults, key);
    if (isTable(child)) inner.push(chapter(child, [...here, key], value));
    else rows.push(row(child, [...here, key], value, !inList));
  }
  const heading = `## ${heads(here)}\n\n${node.description ?? ''}${node.nullable ? ` Default: ${cell(defaults)}.` : ''}\n`;
  return [heading, ...(rows.length > 0 ? [table(rows, !inList)] : []), ...inner].join('\n');
}

function heads(path: Path): string {
  return printPath(path).replaceAll('[0]', '[]');
}

function table(rows: readonly string[], variables: boolean): string {
  const columns = variables ? ['key', 'variable', 'default', 'value', 'meaning'] : ['key', 'default', 'value', 'meaning'];
  return [`| ${columns.join(' | ')} |`, `|${' --- |'.repeat(columns.length)}`, ...rows, ''].join('\n');
}

function row(node: Node, path: Path, value: unknown, withVariable: boolean): string {
  const expected = node.expected ?? `a list, each ${elementOf(node)?.expected ?? 'a value'}`;
  const cells = [`\`${heads(path)}\``, ...(withVariable ? [`\`${variableFor(path)}\``] : []), cell(value)];
  return `| ${[...cells, node.nullable ? `${expected}, or null` : expected, node.description ?? ''].map(escaped).join(' | ')} |`;
}

function cell(value: unknown): string {
  return value === undefined ? '' : `\`${JSON.stringify(value).replaceAll(',', ', ')}\``;
}

function escaped(text: string): string {
  return text.replaceAll('|', '\\|');
}

function property(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, key) ? Reflect.get(value, key) : undefined;
}
