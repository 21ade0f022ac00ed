/** Tokens for the API: shown once, kept as SHA-256, and read again from the store, where `offhook token` may have changed them. */

import { createHash } from 'node:crypto';
import { type Clock, within } from '../base/clock.ts';
import { errorText } from '../base/errors.ts';
import type { Log } from '../base/log.ts';
import type { Random } from '../base/random.ts';
import type { Row, Store } from '../store/store.ts';
import { AccountError, type ApiToken, type ApiTokens, type NewToken, type Role, roles } from './account.ts';

export interface TokensOptions {
  readonly store: Store;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
}

const secretBytes = 32;
/** What was read counts for so long. */
const freshMs = 1000;
/** So long a disk that hangs may hold up whoever shows a token. */
const patienceMs = 500;
/** The use of a token is noted so often. */
const noteMs = 60_000;

export class Tokens implements ApiTokens {
  readonly #options: TokensOptions;
  /** By the hash of their secret. */
  #tokens: Map<string, ApiToken> = new Map();
  #readAt = Number.NEGATIVE_INFINITY;
  #reading: Promise<void> | null = null;

  /** Rejects with StoreError: tokens that cannot be read must not count as none. */
  static async open(options: TokensOptions): Promise<Tokens> {
    const tokens = new Tokens(options);
    await tokens.#read();
    return tokens;
  }

  private constructor(options: TokensOptions) {
    this.#options = options;
  }

  async verify(token: string): Promise<ApiToken | null> {
    await this.#refresh();
    const hash = hashOf(token);
    const known = this.#tokens.get(hash);
    if (known) this.#noteUse(hash, known);
    return known ?? null;
  }

  async any(): Promise<boolean> {
    await this.#refresh();
    return this.#tokens.size > 0;
  }

  async list(): Promise<readonly ApiToken[]> {
    await this.#read();
    return [...this.#tokens.values()];
  }

  async create(name: string, role: Role): Promise<NewToken> {
    const { store, clock, random } = this.#options;
    if (await this.#has(name)) throw new AccountError('exists', `there is a token ${name} already: revoke it first, or take another name`);
    const token = `offhook_${Buffer.from(random.bytes(secretBytes)).toString('base64url')}`;
    const createdAt = clock.wallTime();
    const values = [name, hashOf(token), role, createdAt];
    await store.commit([{ sql: 'INSERT INTO tokens (name, hash, role, created_at) VALUES (?, ?, ?, ?)', values }]);
    await this.#read();
    return { name, role, createdAt, lastUsedAt: null, token };
  }

  async revoke(name: string): Promise<void> {
    if (!(await this.#has(name))) throw new AccountError('unknown', `there is no token ${name}`);
    await this.#options.store.commit([{ sql: 'DELETE FROM tokens WHERE name = ?', values: [name] }]);
    await this.#read();
  }

  async #has(name: string): Promise<boolean> {
    return (await this.list()).some((token) => token.name === name);
  }

  /** A store that cannot be read, or not soon, leaves in force what was known. */
  async #refresh(): Promise<void> {
    const { clock, log } = this.#options;
    if (clock.now() - this.#readAt < freshMs) return;
    this.#reading ??= this.#read()
      .catch((error) => log.error({ error: errorText(error) }, 'the tokens cannot be read'))
      .finally(() => {
        this.#reading = null;
      });
    await within(clock, patienceMs, this.#reading);
  }

  async #read(): Promise<void> {
    const { store, clock } = this.#options;
    const rows = await store.query({ sql: 'SELECT * FROM tokens ORDER BY created_at, name', values: [] });
    this.#tokens = new Map(rows.map((row) => [String(row['hash']), tokenOf(row)]));
    this.#readAt = clock.now();
  }

  #noteUse(hash: string, token: ApiToken): void {
    const { store, clock } = this.#options;
    const lastUsedAt = clock.wallTime();
    if (token.lastUsedAt !== null && lastUsedAt - token.lastUsedAt < noteMs) return;
    this.#tokens.set(hash, { ...token, lastUsedAt });
    store.write({ sql: 'UPDATE tokens SET last_used_at = ? WHERE hash = ?', values: [lastUsedAt, hash] });
  }
}

/** 256 random bits need no salt, and nobody can guess them step by step. */
function hashOf(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}

/** A role that this version does not know may the least. */
function tokenOf(row: Row): ApiToken {
  const { name, role, created_at: createdAt, last_used_at: lastUsedAt } = row;
  return {
    name: String(name),
    role: roles.find((known) => known === role) ?? 'read',
    createdAt: Number(createdAt),
    lastUsedAt: typeof lastUsedAt === 'number' ? lastUsedAt : null,
  };
}
