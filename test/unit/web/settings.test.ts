import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readSettings } from '../../../src/web/phone/settings.ts';

const account = { user: 'demo', password: 'x', domain: 'localhost' };

test('an account and its numbers', () => {
  const numbers = [{ number: '600', text: 'echo' }];
  expect(readSettings({ ...account, numbers })).toEqual({ account, numbers });
});

test('an account alone', () => {
  expect(readSettings(account)).toEqual({ account, numbers: [] });
});

test('numbers that are none are left out', () => {
  const numbers = [null, 600, {}, { number: 600 }, { number: '1', text: 2 }, { number: '1004' }];
  expect(readSettings({ ...account, numbers })?.numbers).toEqual([{ number: '1004', text: '' }]);
});

test('everything else is no account', () => {
  for (const value of [null, undefined, 'x', [], {}, { ...account, password: 5 }]) expect(readSettings(value)).toBeNull();
  fc.assert(fc.property(fc.anything(), (value) => readSettings(value) === null));
});
