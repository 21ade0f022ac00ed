/** Who may register: the users of the configuration, and those added at run time. Looked up in memory, kept in the store. */

import type { Clock } from '../base/clock.ts';
import type { Log } from '../base/log.ts';
import { type DigestAlgorithm, digestAlgorithms, ha1 } from '../sip/message/digest.ts';
import type { Row, Statement, Store } from '../store/store.ts';
import { AccountError, type DtmfChoice, type NewUser, type UserAccount, type UserAccounts, type UserChange } from './account.ts';

export interface UsersOptions {
  readonly store: Store;
  /** What the passwords are good for; those of another realm are not taken. */
  readonly realm: string;
  /** Of the passwords set from now on. */
  readonly algorithms: readonly DigestAlgorithm[];
  readonly configured: readonly NewUser[];
  readonly clock: Pick<Clock, 'wallTime'>;
  readonly log: Log;
}

type Secrets = ReadonlyMap<DigestAlgorithm, string>;

interface Entry {
  readonly account: UserAccount;
  readonly secrets: Secrets;
}

type Entries = ReadonlyMap<string, Entry>;

export class Users implements UserAccounts {
  readonly #options: UsersOptions;
  readonly #revoked = new Set<(name: string) => void>();
  readonly #added: Map<string, Entry>;
  /** They go before added ones of the same name. */
  #configured: Entries;
  /** One change after the other. */
  #lastChange: Promise<unknown> = Promise.resolve();

  /** Rejects with StoreError. */
  static async open(options: UsersOptions): Promise<Users> {
    const { store, log, realm } = options;
    const rows = await store.query({ sql: 'SELECT * FROM users LEFT JOIN user_secrets ON user = name ORDER BY name', values: [] });
    const users = new Users(options, entriesOf(rows, realm));
    const strangers = [...users.#added.values()].filter(({ secrets }) => secrets.size === 0).map(({ account }) => account.name);
    if (strangers.length > 0) log.warn({ users: strangers, realm }, 'these users need a new password: theirs is for another domain');
    return users;
  }

  private constructor(options: UsersOptions, added: Map<string, Entry>) {
    this.#options = options;
    this.#added = added;
    this.#configured = this.#entriesOf(options.configured);
  }

  /** What a user proves a password with; null for a user or an algorithm that is not known. */
  ha1(name: string, algorithm: DigestAlgorithm): string | null {
    return this.#find(name)?.secrets.get(algorithm) ?? null;
  }

  get(name: string): UserAccount | undefined {
    return this.#find(name)?.account;
  }

  list(): readonly UserAccount[] {
    const all = new Map([...this.#added, ...this.#configured]);
    return [...all.values()].map(({ account }) => account).sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  /** Calls back with each name that is no longer a user's, or has another password now. */
  whenRevoked(listener: (name: string) => void): void {
    this.#revoked.add(listener);
  }

  /** Another configuration counts from now on. */
  replaceConfigured(users: readonly NewUser[]): void {
    const before = [...this.#added, ...this.#configured];
    this.#configured = this.#entriesOf(users);
    for (const [name, entry] of new Map(before)) this.#compare(name, entry);
  }

  create(user: NewUser): Promise<UserAccount> {
    return this.#inTurn(async () => {
      const { name, callerId, dtmf } = user;
      if (this.#find(name)) throw new AccountError('exists', `there is a user ${name} already`);
      const entry = this.#entryOf(user, 'api');
      await this.#options.store.commit([
        forget(name), // one that an entry of the configuration hid, and that is gone now
        {
          sql: 'INSERT INTO users (name, caller_id, dtmf, realm, created_at) VALUES (?, ?, ?, ?, ?)',
          values: [name, callerId, dtmf, this.#options.realm, this.#options.clock.wallTime()],
        },
        ...this.#saveSecrets(name, entry.secrets),
      ]);
      this.#added.set(name, entry);
      return entry.account;
    });
  }

  change(name: string, { password, callerId, dtmf }: UserChange): Promise<UserAccount> {
    return this.#inTurn(async () => {
      const before = this.#changeable(name);
      const account = { ...before.account, ...(callerId !== undefined && { callerId }), ...(dtmf !== undefined && { dtmf }) };
      const secrets = password === undefined ? before.secrets : this.#secretsOf(name, password);
      await this.#options.store.commit([
        { sql: 'UPDATE users SET caller_id = ?, dtmf = ? WHERE name = ?', values: [account.callerId, account.dtmf, name] },
        ...(password === undefined ? [] : this.#saveSecrets(name, secrets)),
      ]);
      this.#added.set(name, { account, secrets });
      this.#compare(name, before);
      return account;
    });
  }

  remove(name: string): Promise<void> {
    return this.#inTurn(async () => {
      const before = this.#changeable(name);
      await this.#options.store.commit([forget(name)]);
      this.#added.delete(name);
      this.#compare(name, before);
    });
  }

  #find(name: string): Entry | undefined {
    return this.#configured.get(name) ?? this.#added.get(name);
  }

  #changeable(name: string): Entry {
    const entry = this.#find(name);
    if (!entry) throw new AccountError('unknown', `there is no user ${name}`);
    if (entry.account.source === 'configuration')
      throw new AccountError('configured', `${name} is a user of the configuration: change it there`);
    return entry;
  }

  #compare(name: string, before: Entry): void {
    if (sameSecrets(before.secrets, this.#find(name)?.secrets)) return;
    for (const listener of this.#revoked) listener(name);
  }

  #inTurn<Result>(change: () => Promise<Result>): Promise<Result> {
    const result = this.#lastChange.then(change);
    this.#lastChange = result.catch(() => {});
    return result;
  }

  #entriesOf(users: readonly NewUser[]): Entries {
    return new Map(users.map((user) => [user.name, this.#entryOf(user, 'configuration')]));
  }

  #entryOf({ name, password, callerId, dtmf }: NewUser, source: UserAccount['source']): Entry {
    return { account: { name, callerId, dtmf, source }, secrets: this.#secretsOf(name, password) };
  }

  #secretsOf(name: string, password: string): Secrets {
    const { algorithms, realm } = this.#options;
    return new Map(algorithms.map((algorithm) => [algorithm, ha1(algorithm, name, realm, password)]));
  }

  #saveSecrets(name: string, secrets: Secrets): Statement[] {
    return [
      { sql: 'UPDATE users SET realm = ? WHERE name = ?', values: [this.#options.realm, name] },
      { sql: 'DELETE FROM user_secrets WHERE user = ?', values: [name] },
      ...[...secrets].map(([algorithm, secret]) => ({
        sql: 'INSERT INTO user_secrets (user, algorithm, ha1) VALUES (?, ?, ?)',
        values: [name, algorithm, secret],
      })),
    ];
  }
}

/** The secrets go with the user. */
function forget(name: string): Statement {
  return { sql: 'DELETE FROM users WHERE name = ?', values: [name] };
}

/** One row a secret. */
function entriesOf(rows: readonly Row[], realm: string): Map<string, Entry> {
  const entries = new Map<string, Entry>();
  for (const row of rows) {
    const name = String(row['name']);
    const callerId = row['caller_id'] === null ? null : String(row['caller_id']);
    const account: UserAccount = { name, callerId, dtmf: row['dtmf'] as DtmfChoice, source: 'api' };
    const algorithm = digestAlgorithms.find((known) => known === row['algorithm']);
    const known = entries.get(name)?.secrets ?? new Map<DigestAlgorithm, string>();
    const usable = row['realm'] === realm && algorithm !== undefined;
    entries.set(name, { account, secrets: usable ? new Map([...known, [algorithm, String(row['ha1'])]]) : known });
  }
  return entries;
}

function sameSecrets(a: Secrets, b: Secrets | undefined): boolean {
  return b !== undefined && a.size === b.size && [...a].every(([algorithm, secret]) => b.get(algorithm) === secret);
}
