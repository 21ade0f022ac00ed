import { expect, test } from 'vitest';
import { configurationPage } from '../../../src/config/document.ts';

test('docs/configuration.md is what the schema says', async () => {
  await expect(configurationPage()).toMatchFileSnapshot('../../../docs/configuration.md');
});
