/** What is wrong with a configuration, in words for its author. Values that may be secrets are never part of it. */

export interface Problem {
  /** `trunks[0].target`, with the environment variable before it if that set the value. */
  readonly path: string;
  /** As it stands in the file, shortened; "(missing)", "(hidden)" for secrets. */
  readonly value: string;
  /** What should stand there. */
  readonly expected: string;
}

export class ConfigError extends Error {
  readonly problems: readonly Problem[];

  /** `source` names the file or files that were read. */
  constructor(source: string, problems: readonly Problem[]) {
    const lines = problems.map(({ path, value, expected }) => `  ${path}: ${value}\n    expected ${expected}`);
    super(`${source}: ${problems.length === 1 ? 'one problem' : `${problems.length} problems`}\n${lines.join('\n')}`);
    this.name = 'ConfigError';
    this.problems = problems;
  }
}
