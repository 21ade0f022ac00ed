/** `offhook token`: makes, lists and revokes tokens for the API, in the store of a configuration. */

import { loadConfig } from '../../config/load.ts';
import type { Environment, TokenKeeper, TokenRole } from '../environment.ts';
import { printTable } from '../output.ts';
import { UsageError } from '../plain-error.ts';

interface ConfigOption {
  readonly config?: string;
}

const names = /^[A-Za-z0-9._@-]{1,64}$/;

export async function createToken(
  { name, role, ...options }: ConfigOption & { readonly name: string; readonly role: TokenRole },
  environment: Environment,
): Promise<number> {
  if (!names.test(name)) throw new UsageError('--name: 1 to 64 letters, digits or . _ @ -');
  return withTokens(options, environment, async (tokens) => {
    const { token } = await tokens.create(name, role);
    environment.print(`${token}\n`);
    environment.complain('Keep it: it is not shown again. The gateway keeps its hash only.');
  });
}

export async function listTokens(options: ConfigOption, environment: Environment): Promise<number> {
  return withTokens(options, environment, async (tokens) => {
    const rows = (await tokens.list()).map(({ name, role, createdAt, lastUsedAt }) => [name, role, time(createdAt), time(lastUsedAt)]);
    environment.print(rows.length === 0 ? 'There are no tokens.\n' : printTable(['name', 'role', 'created', 'last used'], rows));
  });
}

export async function revokeToken(name: string, options: ConfigOption, environment: Environment): Promise<number> {
  return withTokens(options, environment, async (tokens) => {
    await tokens.revoke(name);
    environment.print(`${name} is revoked.\n`);
  });
}

async function withTokens(options: ConfigOption, environment: Environment, work: (tokens: TokenKeeper) => Promise<void>): Promise<number> {
  const config = loadConfig({ file: options.config, env: environment.variables });
  if (config.store.path === null) {
    throw new UsageError('store.path is null: tokens are kept in the store, so set it in the configuration (store: { path: offhook.db })');
  }
  const tokens = await environment.openTokens(config);
  try {
    await work(tokens);
    return 0;
  } finally {
    await tokens.close();
  }
}

function time(at: number | null): string {
  return at === null ? 'never' : new Date(at).toISOString();
}
