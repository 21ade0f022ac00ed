/** Users, tokens and switches that change while the gateway runs: what they look like. */

export type DtmfChoice = 'rfc4733' | 'info';

export interface UserAccount {
  readonly name: string;
  /** The number shown to trunks; null: the name. */
  readonly callerId: string | null;
  readonly dtmf: DtmfChoice;
  /** Users of the configuration are changed there. */
  readonly source: 'configuration' | 'api';
}

export interface NewUser {
  readonly name: string;
  readonly password: string;
  readonly callerId: string | null;
  readonly dtmf: DtmfChoice;
}

/** What is left out stays as it is. */
export interface UserChange {
  readonly password?: string;
  readonly callerId?: string | null;
  readonly dtmf?: DtmfChoice;
}

/** Each may what the one before it may. */
export const roles = ['read', 'operate', 'admin'] as const;
export type Role = (typeof roles)[number];

/** A token as it is kept: the secret itself is shown once, when it is made. Times are milliseconds since the Unix epoch. */
export interface ApiToken {
  readonly name: string;
  readonly role: Role;
  readonly createdAt: number;
  /** To the minute; null: never. */
  readonly lastUsedAt: number | null;
}

export interface NewToken extends ApiToken {
  /** `offhook_` and 43 characters: 256 random bits. */
  readonly token: string;
}

/** Why a change of users, tokens or switches was refused. */
export class AccountError extends Error {
  readonly code = 'ACCOUNT';
  readonly reason: 'exists' | 'unknown' | 'configured';

  constructor(reason: AccountError['reason'], message: string) {
    super(message);
    this.name = 'AccountError';
    this.reason = reason;
  }
}

/** The users, for synchronous lookup; changes are stored before they are in force. Changes reject with AccountError or StoreError. */
export interface UserAccounts {
  /** By name. */
  list(): readonly UserAccount[];
  get(name: string): UserAccount | undefined;
  create(user: NewUser): Promise<UserAccount>;
  change(name: string, change: UserChange): Promise<UserAccount>;
  /** Registrations of the user end, running calls go on. */
  remove(name: string): Promise<void>;
}

export interface ApiTokens {
  /** Null for a token that is not known (any more). One made or revoked by `offhook token` counts within a second. */
  verify(token: string): Promise<ApiToken | null>;
  /** Whether there is any: then the API takes nobody without. */
  any(): Promise<boolean>;
  create(name: string, role: Role): Promise<NewToken>;
  list(): Promise<readonly ApiToken[]>;
  revoke(name: string): Promise<void>;
}

/** Trunks that an operator has taken out of use. */
export interface TrunkSwitches {
  isEnabled(trunk: string): boolean;
  setEnabled(trunk: string, enabled: boolean): Promise<void>;
}
