/** The configuration: config/default.yaml, under the file of the user, under the environment; checked as a whole. */

import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { parse } from 'yaml';
import { errorText } from '../base/errors.ts';
import { ConfigError, type Problem } from './config-error.ts';
import { crossCheck } from './cross-check.ts';
import { type Environment, readEnvironment } from './environment.ts';
import { problemsOf } from './problems.ts';
import { type Config, type ConfigInput, configSchema } from './schema.ts';
import { nodeOf } from './tree.ts';

type Section = Readonly<Record<string, unknown>>;

const defaultFile = new URL('../../config/default.yaml', import.meta.url);

export interface ConfigSources {
  /** The file of the user; undefined: the defaults and the environment alone. */
  readonly file?: string | undefined;
  readonly env?: Readonly<Record<string, string | undefined>>;
}

/** Throws ConfigError, which lists every problem, for a file that is not there, is not YAML or holds what the schema refuses. */
export function loadConfig(sources: ConfigSources): Config {
  const written = sources.file === undefined ? {} : readYamlFile(sources.file);
  const environment = readEnvironment(nodeOf(configSchema), sources.env ?? {});
  return checked(sources.file ?? 'configuration', written, environment);
}

/** The same for a configuration that a program holds as a value; file paths in it are relative to the working directory. */
export function parseConfig(input: ConfigInput): Config {
  return checked('configuration', resolvePaths(input, '.'), { settings: [], unknown: [] });
}

/** config/default.yaml as it stands. */
export function readDefaults(): Section {
  return sectionOf(parse(readFileSync(defaultFile, 'utf8')));
}

function checked(source: string, written: unknown, environment: Environment): Config {
  let document = merge(readDefaults(), written);
  for (const { path, value } of environment.settings) document = merge(document, resolvePaths(nest(path, value), '.'));
  const result = configSchema.safeParse(document);
  const found = result.success ? crossCheck(result.data) : problemsOf(result.error.issues, nodeOf(configSchema), document);
  const problems = [...unknownVariables(environment), ...found.map((problem) => withVariable(problem, environment))];
  if (problems.length > 0 || !result.success) throw new ConfigError(source, problems);
  return result.data;
}

function readYamlFile(file: string): unknown {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    throw new ConfigError(file, [{ path: '(the file)', value: errorText(error), expected: 'a file that can be read' }]);
  }
  try {
    return resolvePaths(parse(text) ?? {}, dirname(file));
  } catch (error) {
    const [firstLine = ''] = errorText(error).split('\n'); // the lines after it quote the file, secrets included
    throw new ConfigError(file, [{ path: '(the file)', value: firstLine, expected: 'YAML' }]);
  }
}

/** Sections are laid over each other, anything else replaces what was there. */
function merge(below: unknown, above: unknown): unknown {
  if (!isSection(below) || !isSection(above)) return above;
  const keys = new Set([...Object.keys(below), ...Object.keys(above)]);
  return Object.fromEntries(
    [...keys].map((key) => [key, Object.hasOwn(above, key) ? merge(ownValue(below, key), above[key]) : below[key]]),
  );
}

function ownValue(section: Section, key: string): unknown {
  return Object.hasOwn(section, key) ? section[key] : undefined;
}

function isSection(value: unknown): value is Section {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function sectionOf(value: unknown): Section {
  return isSection(value) ? value : {};
}

function nest(path: readonly string[], value: unknown): unknown {
  return path.reduceRight<unknown>((inner, key) => ({ [key]: inner }), value);
}

/** Section -> keys that hold the path of a file. */
const filePaths: ReadonlyArray<readonly [section: string, keys: readonly string[]]> = [
  ['https', ['cert', 'key']],
  ['store', ['path']],
];

/** File paths are made absolute against the folder of whatever named them. */
function resolvePaths(document: unknown, folder: string): unknown {
  if (!isSection(document)) return document;
  const resolved = filePaths.flatMap(([name, keys]) => {
    const section = ownValue(document, name);
    return isSection(section) ? [[name, resolveIn(section, keys, folder)] as const] : [];
  });
  return { ...document, ...Object.fromEntries(resolved) };
}

function resolveIn(section: Section, keys: readonly string[], folder: string): Section {
  return Object.fromEntries(
    Object.entries(section).map(([key, value]) => {
      const isPath = keys.includes(key) && typeof value === 'string' && value !== '';
      return [key, isPath ? resolve(folder, value) : value];
    }),
  );
}

function unknownVariables(environment: Environment): Problem[] {
  return environment.unknown.map((path) => ({
    path,
    value: '(hidden)',
    expected: 'the name of a key, such as OFFHOOK_SIP_UDP for sip.udp',
  }));
}

function withVariable(problem: Problem, environment: Environment): Problem {
  const setting = environment.settings.findLast(({ path }) => isWithin(problem.path, path.join('.')));
  return setting ? { ...problem, path: `${setting.variable} (${problem.path})` } : problem;
}

function isWithin(path: string, section: string): boolean {
  return path === section || path.startsWith(`${section}.`) || path.startsWith(`${section}[`);
}
