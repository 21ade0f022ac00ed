/** What the gateway tells the page at /phone/config.json: an account and numbers to try, or null for a page that asks its user. */

import type { Account } from '../phone-module/account.ts';

export interface SuggestedNumber {
  readonly number: string;
  /** What it does, in a few words. */
  readonly text: string;
}

export interface Settings {
  readonly account: Account;
  readonly numbers: readonly SuggestedNumber[];
}

/** null for everything that is not an account. */
export function readSettings(value: unknown): Settings | null {
  if (!isRecord(value)) return null;
  const { user, password, domain, numbers } = value;
  if (typeof user !== 'string' || typeof password !== 'string' || typeof domain !== 'string') return null;
  return { account: { user, password, domain }, numbers: Array.isArray(numbers) ? numbers.flatMap(readNumber) : [] };
}

function readNumber(value: unknown): SuggestedNumber[] {
  if (!isRecord(value)) return [];
  const { number, text = '' } = value;
  return typeof number === 'string' && typeof text === 'string' ? [{ number, text }] : [];
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
