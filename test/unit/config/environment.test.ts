import { expect, test } from 'vitest';
import { variableFor, variablesOf } from '../../../src/config/environment.ts';
import { configSchema } from '../../../src/config/schema.ts';
import { nodeOf } from '../../../src/config/tree.ts';

test('every key has a variable of its own', () => {
  const variables = variablesOf(nodeOf(configSchema));
  const paths = [...variables.values()].map(({ path }) => path.join('.'));
  expect(new Set(paths).size).toBe(paths.length);
  expect(paths).toContain('media.browser.port');
  expect(variables.get('OFFHOOK_LIMITS_CONNECTIONS_PER_ADDRESS')?.path).toEqual(['limits', 'connectionsPerAddress']);
});

test('capitals part words', () => {
  expect(variableFor(['auth', 'nonceTtlSec'])).toBe('OFFHOOK_AUTH_NONCE_TTL_SEC');
});
